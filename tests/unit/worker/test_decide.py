from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.lifecycle import LIVE_ATTEMPTS, AttemptStatus
from db.records import Attempt, Run
from tests.unit.worker.builders import NOW, ago, attempt, container, run
from trainer.contract import Phase, Progress, RunKind
from worker.decide import Act, Facts, LeftoverFacts, Rules, decide, decide_leftover, is_silent
from worker.launchers.launcher import Container, ContainerState, unclear

RULES = Rules()
RESERVED, CREATED, STARTED = AttemptStatus.RESERVED, AttemptStatus.CREATED, AttemptStatus.STARTED
MADE = container(ContainerState.CREATED)
RUNNING = container(ContainerState.RUNNING)
EXITED = container(ContainerState.EXITED, exit_code=0)
CANCELLED = run(cancel_requested_at=ago(1))


def act(
    row: Attempt,
    seen: Container | None = None,
    *,
    of: Run | None = None,
    absent_s: float | None = None,
    settled: bool = True,
) -> Act:
    facts = Facts(of or run(), row, seen, absent_s, NOW, settled, RULES)
    return decide(facts).act


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (1, Act.NOTHING),
        (14.9, Act.NOTHING),
        (15, Act.RING_LAUNCH),
        (599, Act.RING_LAUNCH),
        (600, Act.GIVE_UP),
    ],
)
def test_a_reservation_is_rung_again_and_in_the_end_given_up(age_s: float, expected: Act) -> None:
    assert act(attempt(RESERVED, reserved_at=ago(age_s))) == expected


@pytest.mark.parametrize("seen", [MADE, RUNNING, EXITED])
def test_what_is_found_under_the_name_of_a_reservation_is_recorded(seen: Container) -> None:
    assert act(attempt(RESERVED, reserved_at=ago(9999)), seen) == Act.RECORD_CREATED


def test_a_cancelled_reservation_is_left_to_the_launch_which_alone_knows_whether_it_began() -> None:
    assert act(attempt(RESERVED), of=CANCELLED) == Act.RING_LAUNCH


@pytest.mark.parametrize(
    ("status", "seen", "expected"),
    [
        (CREATED, RUNNING, Act.RECORD_STARTED),
        (CREATED, EXITED, Act.RECORD_EXITED),
        (CREATED, MADE, Act.NOTHING),
        (STARTED, RUNNING, Act.NOTHING),
        (STARTED, EXITED, Act.RECORD_EXITED),
        (STARTED, MADE, Act.NOTHING),
    ],
)
def test_what_is_seen_is_recorded(status: AttemptStatus, seen: Container, expected: Act) -> None:
    assert act(attempt(status), seen) == expected


@pytest.mark.parametrize("status", sorted(LIVE_ATTEMPTS))
def test_nothing_is_decided_about_what_cannot_be_read(status: AttemptStatus) -> None:
    seen = unclear("signoff-test-E-1-s1-a1")
    assert act(attempt(status, reserved_at=ago(9999)), seen, of=CANCELLED) == Act.NOTHING
    facts = LeftoverFacts(seen, None, unknown=9, now=NOW, settled=True, rules=RULES)
    assert decide_leftover(facts).act == Act.NOTHING


def test_a_container_that_was_created_long_ago_is_started() -> None:
    assert act(attempt(CREATED, reserved_at=ago(15)), MADE) == Act.RING_LAUNCH


@pytest.mark.parametrize("status", [CREATED, STARTED])
@pytest.mark.parametrize(
    ("absent_s", "expected"),
    [(None, Act.NOTHING), (0, Act.NOTHING), (4.9, Act.NOTHING), (5, Act.RECORD_GONE)],
)
def test_gone_needs_two_good_lists_apart(
    status: AttemptStatus, absent_s: float | None, expected: Act
) -> None:
    assert act(attempt(status), absent_s=absent_s) == expected


@pytest.mark.parametrize(
    ("started_s", "limit_s", "expected"),
    [(3719, 3600, Act.NOTHING), (3720, 3600, Act.STOP), (3720, 7200, Act.NOTHING)],
)
def test_the_time_limit_has_a_backstop(started_s: float, limit_s: int, expected: Act) -> None:
    row = attempt(STARTED, started_at=ago(started_s))
    assert act(row, RUNNING, of=run(time_limit_s=limit_s)) == expected


def test_what_a_person_stops_is_stopped_even_right_after_a_restart() -> None:
    assert act(attempt(STARTED), RUNNING, of=CANCELLED, settled=False) == Act.STOP


def test_an_exit_is_recorded_though_a_person_asked_to_stop() -> None:
    assert act(attempt(STARTED), EXITED, of=CANCELLED) == Act.RECORD_EXITED


@pytest.mark.parametrize("status", [s for s in AttemptStatus if s not in LIVE_ATTEMPTS])
def test_an_attempt_that_has_ended_is_left_alone(status: AttemptStatus) -> None:
    assert act(attempt(status), RUNNING, of=CANCELLED) == Act.NOTHING


def statuses() -> st.SearchStrategy[AttemptStatus]:
    return st.sampled_from(AttemptStatus)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    status = draw(statuses())
    seen = draw(st.sampled_from([None, MADE, RUNNING, EXITED]))
    age_s = draw(st.floats(-100, 1e6))
    fields: dict[str, Any] = {"reserved_at": ago(age_s)}
    if status is STARTED:
        fields["started_at"] = draw(st.none() | st.floats(-100, age_s).map(ago)) if age_s > -100 else None
    return Facts(
        run=draw(st.sampled_from([run(), CANCELLED, run(kind=RunKind.SMOKE)])),
        attempt=attempt(status, **fields),
        seen=seen,
        absent_s=draw(st.none() | st.floats(0, 1000)) if seen is None else None,
        now=NOW,
        settled=draw(st.booleans()),
        rules=RULES,
    )


@given(facts())
def test_every_decision_has_its_evidence(facts: Facts) -> None:
    chosen = decide(facts).act
    cancelled = facts.run.cancel_requested_at is not None
    if chosen in (Act.RECORD_GONE, Act.GIVE_UP):
        assert facts.settled
        assert facts.seen is None
    if chosen is Act.RECORD_GONE:
        assert facts.absent_s is not None
        assert facts.absent_s >= RULES.gone_after_s
    if chosen is Act.STOP:
        assert facts.seen in (MADE, RUNNING)
        assert facts.settled or cancelled
    if chosen is Act.RECORD_EXITED:
        assert facts.seen is EXITED
    if chosen in (Act.RING_LAUNCH, Act.GIVE_UP):
        assert facts.seen in (None, MADE)
    if facts.attempt.status not in LIVE_ATTEMPTS:
        assert chosen is Act.NOTHING


@given(facts())
def test_waiting_long_enough_always_leads_on(facts: Facts) -> None:
    """Nothing that has ended or never began stays undecided for ever (bounded time to an end)."""
    late = replace(
        facts,
        absent_s=1000.0 if facts.seen is None else None,
        settled=True,
        now=ago(-2e6),
    )
    if facts.attempt.status in LIVE_ATTEMPTS and facts.seen not in (MADE, RUNNING):
        assert decide(late).act is not Act.NOTHING


def progress(updated_s_ago: float) -> Progress:
    return Progress(
        phase=Phase.TRAINING, timesteps=1, total_timesteps=2, updated_at=ago(updated_s_ago).timestamp()
    )


@pytest.mark.parametrize(
    ("of", "started_s", "expected"),
    [
        (run(progress=progress(10)), 9999, False),
        (run(progress=progress(1800)), 9999, True),
        (run(), 1799, False),
        (run(), 1800, True),
        (run(progress=progress(5000)), 10, False),
        (run(kind=RunKind.SMOKE), 9999, False),
    ],
)
def test_silence_is_measured_from_the_last_heartbeat_or_the_start(
    of: Run, started_s: float, expected: bool
) -> None:
    assert is_silent(of, attempt(STARTED, started_at=ago(started_s)), NOW, RULES) is expected


OLD_RUNNING = container(ContainerState.RUNNING, created_at=NOW.timestamp() - 301)
OLD_EXITED = container(ContainerState.EXITED, exit_code=0, finished_at=NOW.timestamp() - 86_401)


@pytest.mark.parametrize(
    ("seen", "row", "unknown", "settled", "expected"),
    [
        (OLD_RUNNING, attempt(STARTED), 0, True, Act.NOTHING),
        (OLD_RUNNING, None, 1, True, Act.STOP),
        (OLD_RUNNING, None, 1, False, Act.NOTHING),
        (OLD_RUNNING, None, 3, True, Act.STOP),
        (OLD_RUNNING, None, 4, True, Act.ALERT),
        (RUNNING, None, 1, True, Act.NOTHING),
        (OLD_RUNNING, attempt(AttemptStatus.GONE, finished_at=ago(10)), 0, True, Act.NOTHING),
        (OLD_RUNNING, attempt(AttemptStatus.GONE, finished_at=ago(300)), 0, True, Act.STOP),
        (OLD_RUNNING, attempt(AttemptStatus.GONE, finished_at=ago(300)), 9, True, Act.STOP),
        (OLD_EXITED, attempt(AttemptStatus.EXITED), 0, True, Act.REMOVE),
        (OLD_EXITED, attempt(AttemptStatus.EXITED), 0, False, Act.NOTHING),
        (OLD_EXITED, attempt(STARTED), 0, True, Act.NOTHING),
        (EXITED, attempt(AttemptStatus.EXITED), 0, True, Act.NOTHING),
        (OLD_EXITED, None, 9, True, Act.REMOVE),
    ],
)
def test_leftovers_are_ended_late_and_never_in_numbers(
    seen: Container, row: Attempt | None, unknown: int, settled: bool, expected: Act
) -> None:
    facts = LeftoverFacts(seen, row, unknown, NOW, settled, RULES)
    assert decide_leftover(facts).act == expected
