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
        (
            {"from": "E-12", "sources": [{"timesteps": 100_000}, {"timesteps": 90_000}]},
            (
                "Begins with the policy of E-12, one of 2 runs for each seed after 90k to 100k steps: "
                "140k to 150k in total"
            ),
        ),
        (
            {"from": ["E-12/s1", "E-13"], "sources": [{"timesteps": 1_000}]},
            "Begins with the policy of E-12/s1, E-13 after 1,000 steps: 51k in total",
        ),
    ],
)
def test_a_card_says_whose_weights_and_how_many_steps_in_total(init: JsonObject | None, words: str) -> None:
    config: JsonObject = {"total_timesteps": 50_000, "init": init}
    assert start_weights.begins_with(config) == words


@pytest.mark.parametrize(
    ("sources", "seeds", "words"),
    [
        (None, 5, "All seeds begin there: the interval covers fine-tuning only"),
        (1, 5, "All seeds begin there: the interval covers fine-tuning only"),
        (5, 5, "No two seeds begin alike: the interval covers what came before, too"),
        (2, 5, "the interval covers fine-tuning, and what came before only in part"),
    ],
)
def test_a_result_says_what_its_interval_covers(sources: int | None, seeds: int, words: str) -> None:
    several: JsonObject = {} if sources is None else {"sources": [{"timesteps": 10}] * sources}
    config: JsonObject = {"total_timesteps": 50_000, "init": {"from": "E-12", "timesteps": 10, **several}}
    assert start_weights.caveat(config, seeds).endswith(words)
    assert start_weights.caveat({"total_timesteps": 50_000}, seeds) == ""
