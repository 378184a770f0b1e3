import pytest

from bot.forms.changes_text import to_text
from db.config.resolve import Step, resolve
from db.config.text import parse_overrides
from tests.unit.bot import factory
from trainer.catalogue import load_catalogue
from trainer.contract import JsonObject


@pytest.mark.parametrize(
    "delta",
    [
        {"hyperparams": {"learning_rate": 0.0005}},
        {"hyperparams": {"learning_rate": {"schedule": "linear", "start": 0.001, "end": 0.0}}},
        {"hyperparams": {"policy_kwargs": {"net_arch": [64, 64]}, "n_steps": None}},
        {"reward": {"action_change_penalty": 0.5}, "total_timesteps": 5_000},
        {"env": {"normalize": {"norm_obs": True, "norm_reward": False}}},
    ],
)
def test_a_delta_reads_back_as_it_was(delta: JsonObject) -> None:
    resolved = resolve([Step("E-1", factory.BASE)])
    assert parse_overrides(to_text(delta), resolved, load_catalogue()) == delta
