"""Anything in any order, twice and late: the invariants of the ledger hold after each step."""

import functools
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from db.audit import verify
from db.errors import SignoffError
from db.lifecycle import (
    LIVE_ATTEMPTS,
    TERMINAL_RUNS,
    AttemptStatus,
    ExitCause,
    ExperimentStatus,
    RunStatus,
)
from db.models import AttemptRow, EventRow, ExperimentRow, OutboxEntry, RunRow, SlotRow
from db.queries import assemble
from db.records import DecisionKind, Run, Trouble
from tests.builders import ANA, ANYONE, HOST, KAI, ZOE, House, make_house, result
from trainer.contract import RunKind

PICK = st.integers(min_value=0, max_value=30)
PEOPLE = st.sampled_from([ANA, KAI, ZOE])
ENDS = st.sampled_from(
    [
        (RunStatus.SUCCEEDED, ExitCause.FINISHED),
        (RunStatus.FAILED, ExitCause.CODE_ERROR),
        (RunStatus.FAILED, ExitCause.INFRASTRUCTURE),
        (RunStatus.CANCELED, ExitCause.STOPPED),
    ]
)
REPORTS = st.sampled_from(["created", "started", "exited", "gone", "failed", "broken", "free"])
RUN_MOVES = frozenset(f"run.{status.lower()}" for status in RunStatus)
MOST_EXPERIMENTS = 4
_FOLDER = tempfile.TemporaryDirectory(prefix="signoff-machine-")


@functools.cache
def _first_house() -> tuple[House, Path]:
    folder = Path(_FOLDER.name)
    return make_house(folder), folder


def fresh_house() -> House:
    """A ledger in which nothing has happened yet."""
    first, folder = _first_house()
    return make_house(folder, again=first.database)


class LedgerMachine(RuleBasedStateMachine):
    """Rules are what people, hosts, finalizers and the sender do; refusals are fine, broken rules are not."""

    @initialize()
    def open(self) -> None:
        self.house: House = fresh_house()
        self.numbers: list[int] = []
        self.ended: dict[int, RunStatus] = {}
        self.decided: dict[int, ExperimentStatus] = {}
        self.numbers.append(self.house.decide(self.house.propose(seeds=3).number).number)

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.settle()
            self.house.database.dispose()

    # People

    @precondition(lambda self: len(self.numbers) < MOST_EXPERIMENTS)
    @rule(seeds=st.integers(min_value=1, max_value=3), alongside=st.booleans())
    def propose(self, seeds: int, alongside: bool) -> None:
        view = f"V{len(self.numbers)}"
        asked = self.house.proposal(seeds=seeds, run_alongside=alongside)
        experiment = self.house.ledger.experiments.propose(asked, view_id=view)
        assert self.house.ledger.experiments.propose(asked, view_id=view) == experiment
        self.numbers.append(experiment.number)

    @rule(which=PICK, kind=st.sampled_from(DecisionKind), decider=PEOPLE, back=st.integers(0, 1))
    def decide(self, which: int, kind: DecisionKind, decider: object, back: int) -> None:
        def click(number: int) -> None:
            experiment = self.house.queries.experiment(number)
            shown = self.house.queries.revision(number, max(1, experiment.revision.n - back))
            self.house.ledger.experiments.decide(
                number,
                revision=shown.n,
                approval_hash=shown.approval_hash,
                kind=kind,
                decider=next(person for person in (ANA, KAI, ZOE) if person == decider),
                policy=ANYONE,
            )

        self.try_with(which, click)

    @rule(which=PICK, penalty=st.sampled_from([0.1, 0.2]))
    def revise(self, which: int, penalty: float) -> None:
        asked = self.house.proposal(delta={"reward": {"action_change_penalty": penalty}})
        self.try_with(which, lambda number: self.house.ledger.experiments.revise(number, asked))

    @rule(which=PICK)
    def withdraw_or_stop(self, which: int) -> None:
        self.try_with(which, lambda number: self.house.ledger.experiments.withdraw(number, KAI))
        self.try_with(which, lambda number: self.house.ledger.experiments.request_stop(number, ZOE))

    @rule(which=PICK, resume=st.booleans())
    def retry(self, which: int, resume: bool) -> None:
        run = self.pick_run(which)
        if run is not None:
            with suppress(SignoffError):
                self.house.ledger.experiments.retry(run.experiment, run.label, ANA, resume=resume)

    # Hosts

    @rule()
    def join_again(self) -> None:
        self.house.join()

    @rule()
    def reserve(self) -> None:
        self.house.reserve()

    @rule(which=PICK, succeeds=st.booleans())
    def go_on(self, which: int, succeeds: bool) -> None:
        """The next step of a run's life when all goes well."""
        live = {attempt.run_id: attempt for attempt in self.house.queries.live_attempts(HOST)}
        moving = self.house.queries.active_runs()
        if not moving:
            self.house.reserve()
            return
        run = moving[which % len(moving)]
        if run.status is RunStatus.STARTING:
            self.report_on(live[run.id].id, "started")
        elif run.status is RunStatus.RUNNING:
            self.report_on(live[run.id].id, "exited")
            self.report_on(live[run.id].id, "free")
        else:
            end = (RunStatus.SUCCEEDED, ExitCause.FINISHED) if succeeds else (RunStatus.FAILED, ExitCause.NAN)
            self.end(run, end)

    @rule(
        which=PICK,
        report=REPORTS,
    )
    def report(self, which: int, report: str) -> None:
        attempt = self.pick_attempt(which)
        if attempt is not None:
            self.report_on(attempt, report)

    def report_on(self, attempt: int, report: str) -> None:
        runs, epoch, at = self.house.ledger.runs, self.house.epoch, self.house.clock()
        calls: dict[str, Callable[[], object]] = {
            "created": lambda: runs.attempt_created(attempt, "h", epoch),
            "started": lambda: runs.attempt_started(attempt, boot_id="b", started_at=at, epoch=epoch),
            "exited": lambda: runs.attempt_exited(attempt, exit_code=1, finished_at=at, epoch=epoch),
            "gone": lambda: runs.attempt_gone(attempt, epoch),
            "failed": lambda: runs.start_failed(attempt, message="m", retryable=True, epoch=epoch),
            "broken": lambda: runs.start_failed(attempt, message="m", retryable=False, epoch=epoch),
            "free": lambda: runs.free_slots(attempt, epoch),
        }
        for _ in range(2):
            with suppress(SignoffError):
                calls[report]()

    @rule(which=PICK, end=ENDS)
    def finish(self, which: int, end: tuple[RunStatus, ExitCause]) -> None:
        run = self.pick_run(which)
        if run is not None:
            self.end(self.house.queries.run(run.id), end)

    def end(self, run: Run, end: tuple[RunStatus, ExitCause]) -> None:
        outcome = result(run, smoke=run.kind is RunKind.SMOKE)
        with suppress(SignoffError):
            self.house.ledger.runs.finish(run.id, status=end[0], cause=end[1], result=outcome)

    @rule(which=PICK)
    def resume(self, which: int) -> None:
        run = self.pick_run(which)
        if run is not None:
            with suppress(SignoffError):
                self.house.ledger.runs.resume(run.id, "checkpoints/1")

    # The sweep, the sender, and time

    @rule()
    def sweep_and_conclude(self) -> None:
        for number in self.house.ledger.runs.sweep(HOST).experiments:
            assert self.house.ledger.experiments.conclude(number) is not None

    @rule(fate=st.sampled_from(["sent", "lost", "later", "unsure", "dead"]))
    def send(self, fate: str) -> None:
        outbox, now = self.house.ledger.outbox, self.house.clock()
        row = outbox.claim(now)
        if row is None:
            return
        if fate == "sent":
            outbox.mark_sent(row, ts=row.ts or f"ts-{row.id}")
        elif fate == "dead":
            outbox.mark_dead(row, Trouble("refused", "refused"))
        elif fate != "lost":
            outbox.postpone(row, now + timedelta(seconds=3), ambiguous=fate == "unsure")

    @rule(seconds=st.sampled_from([1, 10, 60]))
    def wait(self, seconds: int) -> None:
        self.house.clock.forward(seconds)

    # What always holds

    @invariant()
    def ends_stay(self) -> None:
        with self.house.database.read() as session:
            runs = {row.id: row.status for row in session.scalars(select(RunRow))}
            found = select(ExperimentRow).where(ExperimentRow.origin == "proposal")
            experiments = {row.number: row.status for row in session.scalars(found)}
        assert all(runs[run] is status for run, status in self.ended.items())
        assert all(experiments[number] is status for number, status in self.decided.items())
        self.ended = {run: status for run, status in runs.items() if status in TERMINAL_RUNS}
        last = (ExperimentStatus.APPROVED, ExperimentStatus.REJECTED, ExperimentStatus.WITHDRAWN)
        self.decided = {number: status for number, status in experiments.items() if status in last}

    @invariant()
    def a_run_and_its_attempts_agree(self) -> None:
        with self.house.database.read() as session:
            runs = {row.id: row for row in session.scalars(select(RunRow))}
            live: dict[int, list[AttemptStatus]] = {run: [] for run in runs}
            for attempt in session.scalars(select(AttemptRow)):
                if attempt.status in LIVE_ATTEMPTS:
                    live[attempt.run_id].append(attempt.status)
        for run in runs.values():
            allowed = {
                RunStatus.STARTING: ([AttemptStatus.RESERVED], [AttemptStatus.CREATED]),
                RunStatus.RUNNING: ([AttemptStatus.STARTED],),
            }.get(run.status, ([],))
            assert live[run.id] in allowed, (run.label, run.status, live[run.id])

    @invariant()
    def slots_belong_to_one_attempt_until_it_is_dead(self) -> None:
        with self.house.database.read() as session:
            owners = [slot.owner_attempt_id for slot in session.scalars(select(SlotRow))]
            attempts = session.scalars(select(AttemptRow)).all()
        held = [owner for owner in owners if owner is not None]
        assert len(held) == len(set(held))
        assert set(held) == {attempt.id for attempt in attempts if attempt.slots_released_at is None}

    @invariant()
    def no_seed_starts_before_its_smoke_run_has_passed(self) -> None:
        with self.house.database.read() as session:
            for row in session.scalars(select(ExperimentRow).where(ExperimentRow.smoke_passed_at.is_(None))):
                seeds = (RunRow.experiment == row.number) & (RunRow.kind != RunKind.SMOKE)
                statuses = set(session.scalars(select(RunRow.status).where(seeds)))
                assert statuses <= {RunStatus.QUEUED, RunStatus.CANCELED}

    @invariant()
    def the_history_is_whole_and_tells_the_present(self) -> None:
        with self.house.database.read() as session:
            for number in self.numbers:
                history = select(EventRow).where(EventRow.experiment == number).order_by(EventRow.seq)
                events = [assemble.event(row) for row in session.scalars(history)]
                moves = [event.payload for event in events if event.kind in RUN_MOVES]
                told = {move["run"]: move["to"] for move in moves}
                runs = session.scalars(select(RunRow).where(RunRow.experiment == number))
                assert verify(events) == ()
                assert told == {run.label: run.status.value for run in runs}

    @invariant()
    def a_thread_is_in_order(self) -> None:
        with self.house.database.read() as session:
            for number in self.numbers:
                rows = session.scalars(
                    select(OutboxEntry).where(OutboxEntry.experiment == number).order_by(OutboxEntry.id)
                ).all()
                posted = [row.ts is not None or row.status.value == "DEAD" for row in rows]
                assert posted == sorted(posted, reverse=True), [(row.key, row.status) for row in rows]
                assert all(row.sent <= row.wanted for row in rows)

    def settle(self) -> None:
        """Once hosts and finalizers do their work, every run ends and every approval has its result."""
        self.house.join(cpu_slots=4)
        for _ in range(30):
            if not (self.house.queries.queue() or self.house.queries.active_runs()):
                break
            self.house.clock.forward(400)
            for attempt in self.house.queries.live_attempts(HOST):
                self.house.ledger.runs.attempt_gone(attempt.id, self.house.epoch)
            for slot in self.house.queries.slots(HOST):
                if slot.owner_attempt_id is not None:
                    self.house.ledger.runs.free_slots(slot.owner_attempt_id, self.house.epoch)
            for run in self.house.queries.active_runs():
                self.house.ledger.runs.finish(run.id, status=RunStatus.SUCCEEDED, cause=ExitCause.FINISHED)
            self.house.reserve()
        assert self.house.queries.queue() == self.house.queries.active_runs() == ()
        for number in self.numbers:
            if self.house.queries.experiment(number).status is ExperimentStatus.APPROVED:
                assert self.house.ledger.experiments.conclude(number) is not None

    def try_with(self, which: int, work: Callable[[int], object]) -> None:
        if self.numbers:
            with suppress(SignoffError):
                work(self.numbers[which % len(self.numbers)])

    def pick_run(self, which: int) -> RunRow | None:
        with self.house.database.read() as session:
            rows = session.scalars(select(RunRow).order_by(RunRow.id)).all()
            return rows[which % len(rows)] if rows else None

    def pick_attempt(self, which: int) -> int | None:
        with self.house.database.read() as session:
            ids = session.scalars(select(AttemptRow.id).order_by(AttemptRow.id)).all()
            return ids[which % len(ids)] if ids else None


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(
    max_examples=6,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)
