"""Reward terms, metrics and algorithms of a package that is found by its entry points."""

import re
from pathlib import Path

import numpy as np
import pytest

from db.config.extend import extend
from db.config.resolve import Step, resolve
from db.config.text import parse_overrides
from tests.unit.trainer import environments
from tests.unit.trainer.conftest import Install
from trainer.algorithms import algorithm
from trainer.catalogue import load_catalogue, load_presets
from trainer.config import EnvConfig, RewardConfig, read_config
from trainer.contract import JsonObject
from trainer.describe import describe, main
from trainer.envs import make_env
from trainer.errors import BadSpec, CodeFailed, MissingPackage
from trainer.terms import terms, with_terms

environments.register()

EXAMPLE = Path(__file__).parents[3] / "examples" / "turning-vehicle"

TERM = """
from typing import Annotated
from annotated_types import Gt, Lt

def flips(step, *, weight: Annotated[float, Gt(-5), Lt(5)] = 0.0, late: bool = False):
    \"\"\"Pays for each flip.

    More words.\"\"\"
    return weight if step.previous_action is not None and step.action != step.previous_action else 0.0
"""


def test_a_term_declares_its_parameters(install: Install) -> None:
    install(TERM, "[signoff.rewards]\nflips = team:flips\n")
    entries = terms()["flips"].entries
    assert entries["flips"] == {
        "path": "reward.flips",
        "types": ["float"],
        "default": 0.0,
        "minimum": -5,
        "exclusive_minimum": True,
        "maximum": 5,
        "exclusive_maximum": True,
        "doc": "Pays for each flip.",
    }
    assert entries["flips_late"] == {"path": "reward.flips_late", "types": ["bool"], "default": False}


def test_a_term_is_paid_beside_the_reward_and_forgets_the_last_episode(install: Install) -> None:
    install(TERM, "[signoff.rewards]\nflips = team:flips\n")
    env = with_terms(make_env(EnvConfig(id="SignoffTest/Counter-v0")), {"flips": 0.25})
    for _ in range(2):
        env.reset(seed=4)
        assert [env.step(action)[1] for action in (1, 0, 0, 1)] == [1.0, 0.25, 0.0, 1.25]


def test_a_term_without_weight_costs_nothing(install: Install) -> None:
    install(TERM, "[signoff.rewards]\nflips = team:flips\n")
    env = make_env(EnvConfig(id="SignoffTest/Counter-v0"))
    assert with_terms(env, {"flips_late": True}) is env


def test_a_setting_that_no_term_declares_is_refused(install: Install) -> None:
    install(TERM, "[signoff.rewards]\nflips = team:flips\n")
    with pytest.raises(BadSpec, match=r"reward.flip is declared by no package; known are reward.flips, "):
        with_terms(make_env(EnvConfig(id="SignoffTest/Counter-v0")), {"flip": 1.0})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("flips = 3", "is no function of a step"),
        ("def flips(step, weight=0.0): ...", r"weight of the reward term flips must come after \*"),
        ("def flips(step, *, weight=0.0, how): ...", "argument how .* be a float, int, bool or str"),
        ("def flips(step, *, weight: float): ...", "weight of the reward term flips needs a default"),
        ("def flips(step, *, size=0.0): ...", "needs a number `weight`"),
        ("def flips(step, *, weight='much'): ...", "needs a number `weight`"),
        ("def flips(", "cannot be loaded.*SyntaxError"),
        ("import nowhere_to_be_found", "needs the package nowhere_to_be_found"),
        ("x = 1", "cannot be loaded .*AttributeError"),
    ],
)
def test_what_is_no_term_is_told_in_one_sentence(install: Install, source: str, said: str) -> None:
    install(source, "[signoff.rewards]\nflips = team:flips\n")
    with pytest.raises((CodeFailed, MissingPackage), match=said):
        terms()


def test_a_term_may_not_take_a_name_of_ours(install: Install) -> None:
    install(TERM, "[signoff.rewards]\naction_change_penalty = team:flips\n")
    with pytest.raises(CodeFailed, match=r"reward.action_change_penalty, which there is already"):
        terms()


def test_a_config_has_terms_of_its_own_with_a_bundle_alone() -> None:
    reward = RewardConfig.model_validate({"action_change_penalty": 0.5, "flips": 0.1})
    assert reward.own == {"flips": 0.1}
    document: JsonObject = {
        "algo": "ppo",
        "total_timesteps": 64,
        "env": {"id": "CartPole-v1"},
        "eval": {"env": {"id": "CartPole-v1"}},
        "reward": {"flips": 0.1},
    }
    with pytest.raises(
        BadSpec, match=r"reward.flips is not a key of it; terms of your own need a code bundle"
    ):
        read_config(document)
    assert read_config({**document, "code": "a" * 64}).reward.own == {"flips": 0.1}


def test_an_algorithm_of_ones_own_is_one_like_any_other(install: Install) -> None:
    source = (
        "from stable_baselines3 import DQN\n"
        "class Mine(DQN):\n"
        "    action_spaces = ('Discrete',)\n"
        "    def __init__(self, policy, env, *, patience: int = 3, **kwargs):\n"
        "        super().__init__(policy, env, **kwargs)\n"
    )
    install(source, "[signoff.algorithms]\nmine = team:Mine\n")
    assert algorithm("mine").actions == ("Discrete",)
    parameters = describe()["algorithms"]["mine"]["parameters"]
    assert {"patience", "learning_starts", "learning_rate"} <= parameters.keys()
    assert "env" not in parameters
    with pytest.raises(BadSpec, match=r"no algorithm 'theirs'; known are .*, mine\."):
        algorithm("theirs")


@pytest.mark.parametrize(
    ("entry", "said"), [("mine = team:x", "no class of SB3's"), ("ppo = team:Mine", "algorithm ppo already")]
)
def test_what_is_no_new_algorithm_is_refused(install: Install, entry: str, said: str) -> None:
    install(
        "from stable_baselines3 import PPO\nx = 1\nclass Mine(PPO): ...\n", f"[signoff.algorithms]\n{entry}\n"
    )
    with pytest.raises(CodeFailed, match=said):
        algorithm("mine")


def test_the_example_is_described_as_the_docs_say(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    points = (EXAMPLE / "pyproject.toml").read_text()
    declared = [
        line.replace('"', "") for line in points.splitlines() if "turning_vehicle" in line and " = " in line
    ]
    rewards = [line for line in declared if "rewards:" in line]
    metrics = [line for line in declared if "metrics:" in line]
    monkeypatch.syspath_prepend(str(EXAMPLE))
    install(
        "",
        "\n".join(
            [
                "[signoff.environments]",
                "vehicle = turning_vehicle:register",
                "[signoff.rewards]",
                *rewards,
                "[signoff.metrics]",
                *metrics,
            ]
        ),
    )
    described = describe()
    vehicle = described["environments"]["TurningVehicle-v0"]
    assert vehicle["kwargs"]["inertia_s"]["maximum"] == 5.0
    assert described["fingerprints"]["TurningVehicle-v0"]["behaviour"]
    assert set(described["common"]) == {
        "reward.action_penalty",
        "reward.action_penalty_power",
        "reward.heading_bonus",
        "reward.heading_bonus_within",
        "eval.metrics.heading_error",
        "eval.metrics.rudder_travel",
    }
    assert described["versions"] == {"team": "1.0"}
    page = (EXAMPLE.parents[1] / "docs" / "your-own-code.md").read_text("utf-8")
    (changes,) = re.findall(r"^```\n(code = .*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    preset = next(preset for preset in load_presets() if preset.name == "ppo-pendulum")
    catalogue = extend(load_catalogue(), described)
    delta = parse_overrides(changes, resolve([Step(preset.name, preset.config)]), catalogue)
    assert delta["reward"] == {"action_penalty": 0.5}


def test_a_failure_to_describe_ends_with_the_reason(
    install: Install, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    install("raise RuntimeError('no\\nway')", "[signoff.environments]\nteam = team\n")
    assert main([str(tmp_path)]) == 1
    assert capfd.readouterr().err.splitlines()[-1] == (
        "The code of team cannot be loaded (signoff.environments: team): RuntimeError: no way."
    )
    assert not list(tmp_path.glob("described*"))


def test_a_declared_metric_must_be_measurable(install: Install) -> None:
    install("M = {'direction': 'lower'}", "[signoff.metrics]\nfuel = team:M\n")
    with pytest.raises(CodeFailed, match="fuel has no info_key"):
        describe()


def test_actions_may_be_arrays(install: Install) -> None:
    source = "def size(step, *, weight=0.0):\n    return -weight * float(abs(step.action).sum())\n"
    install(source, "[signoff.rewards]\nsize = team:size\n")
    env = with_terms(make_env(EnvConfig(id="SignoffTest/Slider-v0")), {"size": 10.0})
    env.reset(seed=4)
    assert env.step(np.array([1.0, 0.5]))[1] == pytest.approx(1.5 - 15.0)
