"""Datasets: what a proposal's `dataset.id` is fixed to, and when it is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from db.config.diff import diff, flat
from db.errors import DatasetRefused
from db.records import Dataset
from tests.builders import House

NAME = "pendulum/random-v0"
FIRST, SECOND = "ab" * 32, "cd" * 32


def _register(house: House, sha256: str, name: str = NAME) -> Dataset:
    dataset = Dataset(name, sha256, 6_000_000_000, "ada", datetime(2026, 1, 1, tzinfo=UTC))
    house.ledger.datasets.register(dataset)
    return dataset


def _from(name: str | None = NAME, **more: Any) -> dict[str, Any]:
    return {"algo": "cql", "dataset": {"id": name, **more}}


def test_the_datasets_hash_is_part_of_what_is_signed_and_shown(house: House) -> None:
    dataset = _register(house, FIRST)
    made = house.propose(delta=_from())
    assert made.revision.config["dataset"] == made.revision.delta["dataset"] == {"id": NAME, "sha256": FIRST}
    parent = house.queries.experiment(made.parent or 0).revision.config
    shown = {change.dotted: change.after for change in flat(diff(parent, made.revision.config))}
    assert shown["dataset.sha256"] == FIRST
    _register(house, SECOND)
    changed = house.propose(delta=_from())
    assert changed.revision.spec_hash != made.revision.spec_hash
    assert changed.revision.approval_hash != made.revision.approval_hash
    assert [(one.name, one.sha256, one.size) for one in house.queries.datasets()] == [
        (NAME, SECOND, dataset.size)
    ]


def test_what_was_typed_as_hash_is_not_believed(house: House) -> None:
    _register(house, FIRST)
    made = house.propose(delta=_from(sha256=SECOND))
    assert made.revision.config["dataset"] == {"id": NAME, "sha256": FIRST}


def test_a_child_keeps_what_its_parent_was_signed_with_until_it_names_a_dataset(house: House) -> None:
    _register(house, FIRST)
    parent = house.approved(delta=_from(), seeds=1)
    house.finish_all(parent.number)
    _register(house, SECOND)
    kept = house.propose(parent=parent.number, delta={"hyperparams": {"gamma": 0.9}})
    assert kept.revision.config["dataset"] == {"id": NAME, "sha256": FIRST}
    renewed = house.propose(parent=parent.number, delta={"dataset": {"id": NAME}})
    assert renewed.revision.config["dataset"] == {"id": NAME, "sha256": SECOND}
    without = house.propose(parent=parent.number, delta={"algo": "ppo", "dataset": None})
    assert "dataset" not in without.revision.config


def test_a_dataset_that_nobody_registered_is_refused_with_those_that_are(house: House) -> None:
    with pytest.raises(
        DatasetRefused, match=r'"pendulum/random-v0" is not registered\. .*`signoff datasets`'
    ):
        house.propose(delta=_from())
    _register(house, FIRST, "other.h5")
    with pytest.raises(DatasetRefused, match=r"there are other\.h5"):
        house.propose(delta=_from())
