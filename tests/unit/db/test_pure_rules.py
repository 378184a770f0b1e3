from dataclasses import replace
from datetime import UTC, datetime

import pytest

from db import seeds
from db.audit import event_hash, verify
from db.lifecycle import (
    ATTEMPT_TRANSITIONS,
    EXPERIMENT_TRANSITIONS,
    RUN_TRANSITIONS,
    TERMINAL_RUNS,
    ApprovalPolicy,
    AttemptStatus,
    ExitCause,
    ExperimentStatus,
    RunStatus,
    may_decide,
)
from db.records import Event, Run
from trainer.contract import RunKind, RunResult, SolvedAt, SolveTarget

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def history(length: int = 3) -> list[Event]:
    events: list[Event] = []
    for seq in range(1, length + 1):
        entry = Event(
            42, seq, NOW, "UANA", "run.queued", {"run": f"s{seq}"}, events[-1].hash if events else "", ""
        )
        digest = event_hash(
            experiment=42,
            seq=seq,
            at=NOW,
            actor=entry.actor,
            kind=entry.kind,
            payload=entry.payload,
            previous_hash=entry.previous_hash,
        )
        events.append(replace(entry, hash=digest))
    return events


def test_a_whole_history_verifies() -> None:
    assert verify(history()) == ()
    assert verify(()) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"actor": "UKAI"}, "event 2 of E-42 was changed after it was written"),
        ({"payload": {"run": "s9"}}, "event 2 of E-42 was changed after it was written"),
        ({"hash": "0" * 64}, "event 3 of E-42 does not continue the chain"),
        ({"seq": 7}, "event 7 of E-42 stands where event 2 should"),
    ],
)
def test_a_change_of_the_past_shows(change: dict[str, object], said: str) -> None:
    events = history()
    events[1] = replace(events[1], **change)  # type: ignore[arg-type] # fields by name
    assert said in verify(events)


def test_a_missing_event_shows() -> None:
    events = history()
    assert verify([events[0], events[2]])


@pytest.mark.parametrize(
    ("author", "editor", "decider", "policy", "refused"),
    [
        ("A", "A", "B", ApprovalPolicy(None), None),
        ("A", "A", "A", ApprovalPolicy(None), "own proposal"),
        ("A", "B", "B", ApprovalPolicy(None), "own proposal"),
        ("A", "B", "A", ApprovalPolicy(None), "own proposal"),
        ("A", "A", "A", ApprovalPolicy(None, allow_self=True), None),
        ("A", "A", "B", ApprovalPolicy(frozenset({"B"})), None),
        ("A", "A", "C", ApprovalPolicy(frozenset({"B"})), "not one of the approvers"),
        ("A", "A", "B", ApprovalPolicy(frozenset()), "SIGNOFF_APPROVERS"),
    ],
)
def test_who_may_decide(
    author: str, editor: str, decider: str, policy: ApprovalPolicy, refused: str | None
) -> None:
    answer = may_decide(author, editor, decider, policy)
    assert (answer is None) == (refused is None)
    assert refused is None or refused in (answer or "")


def test_every_status_has_its_moves_and_ends_have_none() -> None:
    assert set(EXPERIMENT_TRANSITIONS) == set(ExperimentStatus)
    assert set(RUN_TRANSITIONS) == set(RunStatus)
    assert set(ATTEMPT_TRANSITIONS) == set(AttemptStatus)
    assert {status for status, moves in RUN_TRANSITIONS.items() if not moves} == TERMINAL_RUNS


def run(n: int, label: str, status: RunStatus, cause: ExitCause | None = None, **more: object) -> Run:
    made = Run(
        id=n,
        experiment=42,
        label=label,
        kind=RunKind.COMPARATOR if label[0] == "c" else RunKind.SMOKE if label[0] == "m" else RunKind.SEED,
        seed_index=int(label[1]),
        seed=int(label[1]),
        status=status,
        version=1,
        config={},
        spec_hash="",
        device="cpu",
        time_limit_s=1,
        cancel_requested_at=None,
        cancel_requested_by=None,
        progress=None,
        stalled=False,
        cause=cause,
        message="",
        log_tail="",
        result=None,
        resumes=0,
        created_at=NOW,
        finished_at=None,
        attempt=None,
    )
    return replace(made, **more)  # type: ignore[arg-type] # fields by name


RESULT = RunResult(
    run="E-42/s1",
    attempt=1,
    exit_code=0,
    message="",
    timesteps=1,
    total_timesteps=1,
    duration_s=1.0,
    metrics={"final_reward": 5.0},
    n_eval_episodes=100,
    solved=(SolvedAt(target=SolveTarget(threshold=475, within_steps=50_000), timesteps=40_000),),
)


def test_the_newest_run_of_each_seed_is_looked_at() -> None:
    runs = [
        run(4, "s1.2", RunStatus.QUEUED),
        run(1, "m1", RunStatus.SUCCEEDED),
        run(5, "c1", RunStatus.RUNNING),
        run(2, "s1", RunStatus.FAILED, ExitCause.NAN),
        run(3, "s2", RunStatus.SUCCEEDED),
    ]
    assert [each.label for each in seeds.newest(runs)] == ["s1.2", "s2", "c1"]
    assert not seeds.all_terminal(runs)
    assert not seeds.all_terminal(runs[1:2])


@pytest.mark.parametrize(
    ("cause", "status", "counts"),
    [
        (ExitCause.NAN, RunStatus.FAILED, "s1"),
        (ExitCause.CODE_ERROR, RunStatus.FAILED, "s1"),
        (ExitCause.TIME_LIMIT, RunStatus.FAILED, "s1"),
        (ExitCause.OUT_OF_MEMORY, RunStatus.FAILED, "s1"),
        (ExitCause.FINISHED, RunStatus.SUCCEEDED, "s1"),
        (ExitCause.STOPPED, RunStatus.CANCELED, "s1.2"),
        (ExitCause.SMOKE, RunStatus.CANCELED, "s1.2"),
        (ExitCause.INFRASTRUCTURE, RunStatus.FAILED, "s1.2"),
        (ExitCause.START_FAILURE, RunStatus.FAILED, "s1.2"),
    ],
)
def test_which_run_of_a_seed_counts(cause: ExitCause, status: RunStatus, counts: str) -> None:
    runs = [run(1, "s1", status, cause), run(2, "s1.2", RunStatus.SUCCEEDED, ExitCause.FINISHED)]
    assert [each.label for each in seeds.counting(runs)] == [counts]


@pytest.mark.parametrize(
    ("made", "state"),
    [
        (run(1, "s1", RunStatus.SUCCEEDED, ExitCause.FINISHED, result=RESULT), "done"),
        (run(1, "s1", RunStatus.SUCCEEDED, ExitCause.FINISHED), "missing"),
        (run(1, "s1", RunStatus.FAILED, ExitCause.NAN, result=RESULT), "failed"),
        (run(1, "s1", RunStatus.FAILED, ExitCause.INFRASTRUCTURE), "missing"),
        (run(1, "s1", RunStatus.CANCELED, ExitCause.STOPPED), "stopped"),
        (run(1, "s1", RunStatus.CANCELED, ExitCause.SMOKE), "missing"),
        (run(1, "s1", RunStatus.RUNNING), "missing"),
    ],
)
def test_a_run_as_a_verdict_takes_it(made: Run, state: str) -> None:
    outcome = seeds.outcome(made)
    assert outcome.state == state
    assert dict(outcome.metrics) == ({"final_reward": 5.0} if state == "done" else {})
    assert dict(outcome.solved) == ({(475.0, 50_000): 40_000} if state == "done" else {})
