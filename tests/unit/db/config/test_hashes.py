from dataclasses import replace

import pytest
from pydantic import JsonValue

from db.config.canonical import canonical_json
from db.config.hashes import approval_hash, config_hash, format_value, spec_hash, touches_yardstick
from db.errors import ConfigError
from db.records import Budget, Intent

INTENT = Intent(title="t", objective="o", hypothesis="h", expected="final reward > 450", tags=("a",))


def test_canonical_json_is_one_spelling() -> None:
    assert canonical_json({"b": 1.0, "a": [True, None, "é", -0.0]}) == '{"a":[true,null,"é",0.0],"b":1.0}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"a": object()}])
def test_what_is_not_json_has_no_canonical_form(value: JsonValue) -> None:
    with pytest.raises(ConfigError):
        canonical_json(value)


def test_the_config_hash_ignores_order_and_sees_types_and_code() -> None:
    assert config_hash({"a": 1, "b": 2}) == config_hash({"b": 2, "a": 1})
    assert len({config_hash({"a": 1}), config_hash({"a": 1.0}), config_hash({"a": True})}) == 3
    assert config_hash({"a": 1}) != config_hash({"a": 1, "code": "bundle"})


def test_the_spec_hash_sees_runtime_and_versions() -> None:
    hashes = {
        spec_hash("c", "r", {"torch": "1"}),
        spec_hash("c", "r2", {"torch": "1"}),
        spec_hash("c", "r", {}),
    }
    assert len(hashes) == 3


def test_the_approval_hash_sees_all_that_is_signed() -> None:
    signed = approval_hash("s", INTENT, Budget(), "rule")
    assert signed == approval_hash("s", replace(INTENT), Budget(), "rule")
    others = {
        approval_hash("s2", INTENT, Budget(), "rule"),
        approval_hash("s", replace(INTENT, expected="final reward > 1"), Budget(), "rule"),
        approval_hash("s", replace(INTENT, tags=("b",)), Budget(), "rule"),
        approval_hash("s", INTENT, Budget(seeds=6), "rule"),
        approval_hash("s", INTENT, Budget(), "another rule"),
    }
    assert len(others - {signed}) == 5


def test_only_eval_is_the_yardstick() -> None:
    assert touches_yardstick({"eval": {"n_eval_episodes": 5}})
    assert not touches_yardstick({"reward": {"action_change_penalty": 0.5}})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0003, "0.0003"),
        (1e-05, "1e-05"),
        ([64, 64], "[64, 64]"),
        (True, "true"),
        (None, "none"),
        ("auto", "auto"),
        ({"schedule": "linear", "start": 0.001, "end": 0.0}, "linear 0.001 → 0"),
        ({"pi": [64]}, '{"pi": [64]}'),
    ],
)
def test_values_in_words(value: JsonValue, text: str) -> None:
    assert format_value(value) == text
