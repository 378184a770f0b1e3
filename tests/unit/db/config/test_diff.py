import pytest

from db.config.diff import MISSING, Change, ChangeKind, apply, diff, flat
from db.errors import ConfigError
from trainer.contract import JsonObject


def test_changes_are_typed() -> None:
    a: JsonObject = {"gone": 1, "changed": 1, "retyped": 1, "inner": {"same": [1], "true": True}}
    b: JsonObject = {"new": None, "changed": 2, "retyped": 1.0, "inner": {"same": [1], "true": 1}}
    assert diff(a, b) == (
        Change(("changed",), ChangeKind.CHANGED, 1, 2),
        Change(("gone",), ChangeKind.REMOVED, 1, MISSING),
        Change(("inner", "true"), ChangeKind.TYPE_CHANGED, True, 1),
        Change(("new",), ChangeKind.ADDED, MISSING, None),
        Change(("retyped",), ChangeKind.TYPE_CHANGED, 1, 1.0),
    )


def test_an_added_object_is_one_change_and_flat_shows_its_leaves() -> None:
    changes = diff({}, {"normalize": {"norm_obs": True, "clip_obs": 5.0}})
    assert [change.dotted for change in changes] == ["normalize"]
    assert [(part.dotted, part.after) for part in flat(changes)] == [
        ("normalize.norm_obs", True),
        ("normalize.clip_obs", 5.0),
    ]


def test_an_added_schedule_stays_whole_when_flattened() -> None:
    schedule: JsonObject = {"schedule": "linear", "start": 0.1, "end": 0.0}
    (change,) = flat(diff({}, {"learning_rate": schedule}))
    assert change.after == schedule


def test_an_emptied_object_stays_and_a_removed_one_goes() -> None:
    a: JsonObject = {"kept": {"x": 1}, "gone": {"x": 1}}
    assert apply(a, diff(a, {"kept": {}})) == {"kept": {}}


def test_applying_to_something_else_is_refused() -> None:
    changes = diff({"a": 1}, {"a": 2})
    with pytest.raises(ConfigError, match="a is not what it was"):
        apply({"a": 3}, changes)


def test_applying_leaves_the_original_as_it_was() -> None:
    a: JsonObject = {"inner": {"x": 1}}
    apply(a, diff(a, {"inner": {"x": 2}}))
    assert a == {"inner": {"x": 1}}
