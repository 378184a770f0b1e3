"""Code bundles in the ledger: which one is meant, what is signed, when it may run unseen."""

import pytest

from db.errors import CodeRefused
from db.ledger.hosts import runtime_key
from db.records import Bundle
from tests.builders import HOST, RUNTIME, House
from trainer.contract import RunKind


def push(house: House, sha256: str, package: str = "toy-cars", commit: str = "c0ffee0") -> Bundle:
    house.clock.forward(1)
    return house.ledger.code.push(
        Bundle(
            sha256=sha256,
            package=package,
            version="0.1",
            commit=commit.ljust(40, "0"),
            branch="main",
            is_dirty=False,
            size=10,
            files={"toy/a.py": "f" * 64},
            entry_points={"signoff.rewards": ("action_penalty",)},
            pushed_by="Ana",
            pushed_at=house.clock(),
        )
    )


A, B = "a1" * 32, "b2" * 32


def test_a_bundle_is_found_by_all_of_its_names(house: House) -> None:
    first = push(house, A, commit="1234567")
    second = push(house, B, package="other")
    assert house.queries.bundles() == (second, first)
    for reference in ("toy-cars", "a1a1a1a1", A, "1234567"):
        assert house.queries.bundle(reference) == first
    assert house.queries.bundle("latest") == second
    assert push(house, A).sha256 == house.queries.bundle("LATEST").sha256 == A


def test_a_name_that_is_none_says_what_there_is(house: House) -> None:
    with pytest.raises(CodeRefused, match="no code has been pushed yet; run `signoff push PATH`"):
        house.queries.bundle("latest")
    push(house, A)
    push(house, "a1" * 31 + "ff")
    with pytest.raises(CodeRefused, match=r'"nonsense" is no code bundle; use latest, or one of toy-cars'):
        house.queries.bundle("nonsense")
    with pytest.raises(CodeRefused, match="several code bundles begin with a1a1a1"):
        house.queries.bundle("a1a1a1")


def test_a_proposal_signs_the_whole_hash(house: House) -> None:
    push(house, A)
    first = house.propose(delta={"code": "latest"})
    assert first.revision.delta["code"] == first.revision.config["code"] == A
    push(house, B)
    second = house.propose(delta={"code": "latest"})
    assert second.revision.config["code"] == B
    assert first.revision.config_hash != second.revision.config_hash
    assert first.revision.approval_hash != second.revision.approval_hash
    assert house.queries.experiment(first.number).revision.config["code"] == A


def test_a_proposal_with_unknown_code_is_refused(house: House) -> None:
    with pytest.raises(CodeRefused):
        house.propose(delta={"code": "latest"})


def test_code_that_nobody_has_approved_does_not_run_before_approval(house: House) -> None:
    house.approved()  # the image is known now
    push(house, A)
    number = house.propose(delta={"code": A}).number
    assert not [run for run in house.queries.experiment(number).runs if run.kind is RunKind.SMOKE]
    house.decide(number)
    house.pass_smoke(number)
    again = house.propose(delta={"code": A, "total_timesteps": 512}).number
    assert [run.kind for run in house.queries.experiment(again).runs] == [RunKind.SMOKE]


def test_each_runtime_looks_once_at_each_bundle(house: House) -> None:
    push(house, A)
    key = runtime_key(RUNTIME)
    assert house.queries.undescribed(HOST) == ((A, key),)
    assert house.queries.description(A) is None
    house.ledger.code.describe(A, key, None, "it could not be imported", "ImportError: x")
    assert house.queries.undescribed(HOST) == ()
    push(house, A)
    assert house.queries.undescribed(HOST) == ((A, key),)
    house.ledger.code.describe(A, key, {"rewards": {}})
    push(house, A)
    assert house.queries.undescribed(HOST) == ()
    found = house.queries.description(A)
    assert found is not None
    assert found.catalogue == {"rewards": {}}
    assert found.log_tail == ""
