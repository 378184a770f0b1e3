from datetime import timedelta

import pytest

from db.errors import Conflict, Refused
from db.lifecycle import ApprovalPolicy, ExitCause, ExperimentStatus, RunStatus
from db.records import DecisionKind, Person, Runtime
from tests.builders import ANA, ANYONE, KAI, ZOE, House
from trainer.contract import RunKind

APPROVE = DecisionKind.APPROVE


def statuses(house: House, number: int) -> dict[str, RunStatus]:
    return {run.label: run.status for run in house.queries.experiment(number).runs}


def test_approval_queues_the_seeds_behind_a_smoke_run(house: House) -> None:
    approved = house.decide(house.propose(seeds=3).number)
    assert approved.status is ExperimentStatus.APPROVED
    assert [(run.label, run.seed, run.spec_hash) for run in approved.runs if run.kind is RunKind.SEED] == [
        (f"s{seed}", seed, approved.revision.spec_hash) for seed in (1, 2, 3)
    ]
    assert statuses(house, approved.number)["smoke"] is RunStatus.QUEUED
    (decision,) = approved.decisions
    assert (decision.decider, decision.kind, decision.revision) == (ANA, APPROVE, 1)


def test_alongside_the_comparator_trains_with_its_own_config(house: House) -> None:
    approved = house.decide(house.propose(seeds=2, run_alongside=True).number)
    beside = [run for run in approved.runs if run.kind is RunKind.COMPARATOR]
    assert [run.label for run in beside] == ["c1", "c2"]
    baseline = house.queries.experiment(house.baseline()).revision.config
    assert all(run.config == baseline for run in beside)
    assert {run.spec_hash for run in beside}.isdisjoint({approved.revision.spec_hash})


def test_a_second_click_loses_and_says_to_whom(house: House) -> None:
    number = house.propose().number
    house.decide(number)
    for kind in DecisionKind:
        with pytest.raises(Conflict, match="already approved by Ana"):
            house.decide(number, kind, by=ZOE)
    assert len(house.queries.experiment(number).runs) == 3


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (DecisionKind.REJECT, ExperimentStatus.REJECTED),
        (DecisionKind.REQUEST_CHANGES, ExperimentStatus.CHANGES_REQUESTED),
    ],
)
def test_what_is_not_approved_runs_nothing(
    house: House, kind: DecisionKind, status: ExperimentStatus
) -> None:
    house.approved()
    number = house.propose().number
    decided = house.decide(number, kind)
    assert decided.status is status
    assert statuses(house, number) == {"smoke": RunStatus.CANCELED}


def test_a_superseded_revision_is_refused(house: House) -> None:
    first = house.propose()
    house.ledger.experiments.revise(first.number, house.proposal(title="Better"))
    with pytest.raises(Refused, match=r"revision 1 of .* superseded by revision 2"):
        house.ledger.experiments.decide(
            first.number,
            revision=1,
            approval_hash=first.revision.approval_hash,
            kind=APPROVE,
            decider=ANA,
            policy=ANYONE,
        )


@pytest.mark.parametrize("shown", ["", "0" * 16, "0" * 64])
def test_another_hash_than_the_one_shown_is_refused(house: House, shown: str) -> None:
    number = house.propose().number
    with pytest.raises(Refused, match="no longer what this card showed"):
        house.ledger.experiments.decide(
            number, revision=1, approval_hash=shown, kind=APPROVE, decider=ANA, policy=ANYONE
        )


@pytest.mark.parametrize(
    ("decider", "policy", "allowed"),
    [
        (KAI, ANYONE, False),
        (KAI, ApprovalPolicy(None, allow_self=True), True),
        (ANA, ApprovalPolicy(frozenset({"UANA"})), True),
        (ZOE, ApprovalPolicy(frozenset({"UANA"})), False),
        (ANA, ApprovalPolicy(frozenset()), False),
        (KAI, ApprovalPolicy(frozenset({"UKAI"})), False),
        (KAI, ApprovalPolicy(frozenset({"UKAI"}), allow_self=True), True),
    ],
)
def test_the_policy_is_held_at_the_click(
    house: House, decider: Person, policy: ApprovalPolicy, allowed: bool
) -> None:
    number = house.propose().number
    if allowed:
        house.decide(number, by=decider, policy=policy)
    else:
        with pytest.raises(Refused):
            house.decide(number, by=decider, policy=policy)
    assert (house.queries.experiment(number).status is ExperimentStatus.APPROVED) == allowed


def test_the_last_editor_does_not_approve_their_own_words(house: House) -> None:
    number = house.propose().number
    house.ledger.experiments.revise(number, house.proposal(author=ANA, title="Better"))
    with pytest.raises(Refused, match="own proposal"):
        house.decide(number, by=ANA)
    house.decide(number, by=ZOE)


def test_a_failed_smoke_run_can_not_be_approved(house: House) -> None:
    house.approved()
    number = house.propose().number
    (smoke,) = house.queries.experiment(number).runs
    house.finish(smoke, status=RunStatus.FAILED, cause=ExitCause.CODE_ERROR, message="ImportError: box")
    assert house.queries.experiment(number).smoke_message == "ImportError: box"
    with pytest.raises(Refused, match="ImportError: box"):
        house.decide(number)
    house.ledger.experiments.retry(number, "smoke", KAI)
    house.pass_smoke(number)
    assert house.decide(number).status is ExperimentStatus.APPROVED


def test_approval_is_for_a_program_that_some_host_still_has(house: House) -> None:
    number = house.propose().number
    house.join(runtime=Runtime("sha256:2", {}, "gpu-1", "process"))
    with pytest.raises(Refused, match="no worker has the program"):
        house.decide(number)


def test_an_unanswered_gate_never_becomes_a_yes(house: House) -> None:
    number = house.propose().number
    house.clock.forward(3600)
    assert house.ledger.experiments.expire(timedelta(hours=2)) == 0
    house.clock.forward(3600)
    assert house.ledger.experiments.expire(timedelta(hours=2)) == 1
    assert house.ledger.experiments.expire(timedelta(hours=2)) == 0
    with pytest.raises(Conflict, match="already expired"):
        house.decide(number)


def test_a_revision_starts_the_wait_anew(house: House) -> None:
    number = house.propose().number
    house.clock.forward(5000)
    house.ledger.experiments.revise(number, house.proposal(title="Better"))
    house.clock.forward(5000)
    assert house.ledger.experiments.expire(timedelta(hours=2)) == 0


def test_a_smoke_run_that_is_being_stopped_takes_no_seeds_of_the_next_revision_along(house: House) -> None:
    house.finish_all(house.approved().number)
    experiment = house.propose()
    (smoke,) = experiment.runs
    attempt = house.start(smoke)
    house.decide(experiment.number, DecisionKind.REQUEST_CHANGES)
    house.ledger.experiments.revise(experiment.number, house.proposal(title="The same, explained better"))
    house.decide(experiment.number)
    house.end(attempt, exit_code=12)
    house.ledger.runs.finish(smoke.id, status=RunStatus.CANCELED, cause=ExitCause.STOPPED)
    assert statuses(house, experiment.number) == {
        "smoke": RunStatus.CANCELED,
        "smoke.2": RunStatus.QUEUED,
        "s1": RunStatus.QUEUED,
        "s2": RunStatus.QUEUED,
    }
    house.pass_smoke(experiment.number)
    assert statuses(house, house.finish_all(experiment.number).number)["s1"] is RunStatus.SUCCEEDED
