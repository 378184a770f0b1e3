import pytest

from db.config.bounds import MAX_DEPTH, MAX_NODES
from db.config.resolve import Step, merge, resolve
from db.errors import ConfigError
from trainer.contract import JsonObject


def test_null_deletes_lists_replace_and_objects_merge() -> None:
    base: JsonObject = {"a": 1, "list": [1, 2], "inner": {"kept": 1, "gone": 2}}
    delta: JsonObject = {"a": None, "list": [3], "inner": {"gone": None, "new": True}}
    assert merge(base, delta) == {"list": [3], "inner": {"kept": 1, "new": True}}


def test_an_object_replaces_a_value_and_a_value_an_object() -> None:
    assert merge({"rate": 0.1}, {"rate": {"start": 0.2}}) == {"rate": {"start": 0.2}}
    assert merge({"rate": {"start": 0.2}}, {"rate": 0.1}) == {"rate": 0.1}


def test_each_leaf_knows_the_experiment_that_set_it() -> None:
    resolved = resolve(
        [
            Step("E-1", {"a": 1, "inner": {"x": 1, "y": 2}}),
            Step("E-4", {"inner": {"y": 3}}),
            Step("E-9", {"a": None, "inner": {"z": [1]}}),
        ]
    )
    assert resolved.config == {"inner": {"x": 1, "y": 3, "z": [1]}}
    assert resolved.provenance == {("inner", "x"): "E-1", ("inner", "y"): "E-4", ("inner", "z"): "E-9"}


def test_merging_leaves_both_sides_as_they_were() -> None:
    base: JsonObject = {"inner": {"x": 1}}
    merge(base, {"inner": {"x": 2}})
    assert base == {"inner": {"x": 1}}


def nested(depth: int) -> JsonObject:
    value: JsonObject = {"x": 1}
    for _ in range(depth - 1):
        value = {"x": value}
    return value


def test_depth_is_bounded() -> None:
    assert merge({}, nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(ConfigError, match="deeper than 16"):
        merge({}, nested(MAX_DEPTH + 1))


def test_a_lineage_cannot_outgrow_the_bound_step_by_step() -> None:
    half: JsonObject = {"first": [0] * (MAX_NODES - 10)}
    with pytest.raises(ConfigError, match="more than 10,000 values"):
        resolve([Step("E-1", half), Step("E-2", {"second": [0] * 100})])


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        ({"x": float("nan")}, "nan"),
        ({"x": float("inf")}, "inf"),
        ({"x": 2**63}, "beyond 2\\^63"),
        ({"x": "a" * 5_000}, "4,096 bytes"),
        ({"x": "\u00e9" * 2_100}, "4,096 bytes"),
        ({"x\x00": 1}, "U\\+0000"),
        ({"x": "a\u202eb"}, "U\\+202E"),
        ({"x": "\ud800"}, "U\\+D800"),
    ],
)
def test_values_that_no_config_may_hold_are_refused(delta: JsonObject, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        merge({}, delta)
