import pytest

from bot.messages import start_weights
from trainer.contract import JsonObject


@pytest.mark.parametrize(
    ("init", "words"),
    [
        (None, ""),
        ({"load": "all"}, ""),
        (
            {"from": "E-12/s1", "load": "policy", "timesteps": 100_000},
            "Begins with the policy of E-12/s1 after 100k steps: 150k in total",
        ),
        (
            {"from": "E-12/s1", "load": "all"},
            "Begins with the policy, optimizer and replay buffer of E-12/s1",
        ),
    ],
)
def test_a_card_says_whose_weights_and_how_many_steps_in_total(init: JsonObject | None, words: str) -> None:
    config: JsonObject = {"total_timesteps": 50_000, "init": init}
    assert start_weights.begins_with(config) == words
    caveat = start_weights.caveat(config)
    assert caveat.endswith("the interval covers fine-tuning only") == bool(words)
