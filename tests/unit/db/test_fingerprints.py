from typing import Any

import pytest

from db.fingerprints import difference
from trainer.contract import JsonObject

LANDER: JsonObject = {
    "env_id": "LunarLander-v3",
    "class": "gymnasium.envs.box2d.lunar_lander.LunarLander",
    "packages": {"gymnasium": "1.4.0", "Box2D": "2.3.10"},
    "gymnasium": "1.4.0",
    "kwargs": {},
    "wrappers": [],
    "observation_space": "Box(8)",
    "action_space": "Discrete(4)",
    "max_episode_steps": 1000,
    "source": "s1",
    "rewards": "r1",
    "observations": "o1",
    "behaviour": "b1",
    "hash": "h1",
}


def _newer(**changes: Any) -> JsonObject:
    packages = {"gymnasium": "1.5.0", "Box2D": "2.3.10"}
    return {**LANDER, "packages": packages, "gymnasium": "1.5.0", "hash": "h2", **changes}


def test_versions_alone_make_no_difference() -> None:
    assert difference(LANDER, LANDER) is None
    assert difference(_newer(), LANDER) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"rewards": "r2", "behaviour": "b2", "source": "s2"},
            "LunarLander-v3 pays other rewards (gymnasium 1.4.0 → 1.5.0)",
        ),
        (
            {"observations": "o2", "behaviour": "b2"},
            "LunarLander-v3 behaves differently (gymnasium 1.4.0 → 1.5.0)",
        ),
        (
            {"source": "s2"},
            "LunarLander-v3 has other code, although a short roll-out shows no difference (gymnasium 1.4.",
        ),
        ({"max_episode_steps": 500}, "its episodes are cut at another length (500 against 1000)"),
        ({"kwargs": {"gravity": -5}}, "its arguments differ ({'gravity': -5} against {})"),
        (
            {"randomize": {"gravity": {"low": -11, "high": -9}}},
            "its drawn parameters differ ({'gravity': {'low': -11, 'high': -9}} against {})",
        ),
    ],
)
def test_what_differs_is_told_in_words(changes: JsonObject, said: str) -> None:
    assert str(difference(_newer(**changes), LANDER)).startswith(said)


def test_a_change_that_no_version_explains_says_so() -> None:
    changed = {**LANDER, "rewards": "r2", "behaviour": "b2"}
    assert difference(changed, LANDER) == "LunarLander-v3 pays other rewards (no version differs)"


def test_an_older_fingerprint_is_compared_by_what_it_has() -> None:
    old = {key: value for key, value in LANDER.items() if key not in {"source", "rewards", "observations"}}
    assert difference(_newer(), old) is None
    assert difference(_newer(behaviour="b2"), old) == (
        "LunarLander-v3 behaves differently (gymnasium 1.4.0 → 1.5.0)"
    )
    assert difference({}, LANDER) is None
