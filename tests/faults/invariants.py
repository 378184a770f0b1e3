"""What holds at any time (`safe`) and in the end (`settled`), whatever ended or was lost. I1 to I9."""

from collections import Counter

from sqlalchemy import select

from db.audit import verify
from db.lifecycle import LIVE_ATTEMPTS, TERMINAL_RUNS, AttemptStatus
from db.models import AttemptRow, EventRow, RunRow
from tests.faults.town import Town
from worker.launchers.launcher import Container, ContainerState
from worker.names import attempt_id_of


def safe(town: Town) -> None:
    """Must hold between any two steps."""
    running = _running(town)
    runs = Counter(seen.run for seen in running)
    assert max(runs.values(), default=0) <= 1, f"I1: two containers of one run: {runs}"
    launches = Counter(town.launcher.launches)
    assert max(launches.values(), default=0) <= 1, f"I1: an attempt was started twice: {launches}"
    held = [slot.owner_attempt_id for slot in town.queries.slots("here") if slot.owner_attempt_id]
    assert len(held) == len(set(held)), f"I2: a slot with two owners: {held}"
    unheld = {seen.handle for seen in running if attempt_id_of(seen.token) not in held}
    assert not unheld, f"I2: it runs without slots: {unheld}"
    _history_is_whole(town)
    posted = Counter(message.key or message.file_id for message in town.slack.posted)
    assert max(posted.values(), default=0) <= 1, f"I5: posted twice: {posted}"


def settled(town: Town) -> None:
    """Must hold when everything has come to its end."""
    safe(town)
    runs = town.everything()
    assert all(run.status in TERMINAL_RUNS for run in runs), f"I3: {[(r.key, r.status) for r in runs]}"
    assert not town.undelivered(), f"I5: never said: {town.undelivered()}"
    attempts = _attempts(town)
    for seen in _running(town):
        row = attempts[attempt_id_of(seen.token) or 0]
        assert row.status in LIVE_ATTEMPTS, f"I6: {seen.handle} runs, and nobody wants it"
    for seen in town.launcher.containers:
        row = attempts[attempt_id_of(seen.token) or 0]
        if row.status is AttemptStatus.EXITED:
            assert row.exit_code == seen.exit_code, f"I7: {seen.handle}"


def _running(town: Town) -> list[Container]:
    return [seen for seen in town.launcher.containers if seen.state is ContainerState.RUNNING]


def _attempts(town: Town) -> dict[int, AttemptRow]:
    with town.database.read() as session:
        return {row.id: row for row in session.scalars(select(AttemptRow))}


def _history_is_whole(town: Town) -> None:
    """I4: numbers without a gap, hashes that hold, and nothing after a terminal status."""
    experiment = town.experiment()
    if experiment is None:
        return
    events = town.queries.events(experiment.number)
    assert [event.seq for event in events] == list(range(1, len(events) + 1)), "I4: a gap in the history"
    assert verify(events) == (), "I4: the history does not hold"
    with town.database.read() as session:
        runs = {row.label: row.status for row in session.scalars(select(RunRow))}
        moves = session.scalars(select(EventRow).where(EventRow.kind.like("run.%")).order_by(EventRow.id))
        ended: set[str] = set()
        for move in moves:
            if move.experiment != experiment.number or "to" not in move.payload:
                continue
            label = str(move.payload["run"])
            assert label not in ended, f"I4: {label} moved after its end"
            if move.payload["to"] in {status.value for status in TERMINAL_RUNS}:
                ended.add(label)
    assert {label for label in ended if runs[label] not in TERMINAL_RUNS} == set()
