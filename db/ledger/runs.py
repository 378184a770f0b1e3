"""The verbs about runs, attempts and slots, each one transaction, fenced by the host's epoch."""

from collections.abc import Callable, Iterable
from datetime import datetime

from db.ledger import attempts, finishing, scheduling, sweeping
from db.ledger.experiments import run_record
from db.ledger.fencing import fenced
from db.ledger.transition import Act
from db.lifecycle import ExitCause, RunStatus
from db.limits import Limits
from db.queries import assemble
from db.records import Attempt, Finding, Run, SweepWork
from db.session import Database
from trainer.contract import Progress, RunResult


class Runs:
    """Verbs of `Ledger.runs`. Reports that come twice or late change nothing.

    Verbs that take an `epoch` raise LeaseLost where a newer process of the host has taken over.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], limits: Limits) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits

    def reserve(self, host_id: str, epoch: int, avoid: Iterable[str] = ()) -> tuple[Attempt, ...]:
        """Start as many QUEUED runs as the host has slots for: each gets an attempt and all of its slots.

        :param avoid: UUIDs of GPUs that are given to nobody this time, because somebody else is on them.
        """
        with self._database.write() as session:
            scheduling.take_turn(session)
            host = fenced(session, host_id, epoch, exclusive=True)
            act = Act(f"host:{host_id}", self._clock())
            started = scheduling.reserve(session, host, act, self._limits, frozenset(avoid))
            return tuple(assemble.attempt(row) for row in started)

    def attempt_created(self, attempt_id: int, handle: str, epoch: int) -> Attempt:
        """The container or process exists; `handle` finds it again."""
        with self._database.write() as session:
            held = attempts.hold(session, attempt_id, epoch, self._clock())
            attempts.created(session, held, handle)
            return assemble.attempt(held.attempt)

    def attempt_started(
        self, attempt_id: int, *, boot_id: str | None, started_at: datetime, epoch: int
    ) -> Attempt:
        """It was seen running: the run becomes RUNNING."""
        with self._database.write() as session:
            held = attempts.hold(session, attempt_id, epoch, self._clock())
            attempts.started(session, held, boot_id=boot_id, started_at=started_at)
            return assemble.attempt(held.attempt)

    def attempt_exited(
        self,
        attempt_id: int,
        *,
        exit_code: int,
        finished_at: datetime,
        epoch: int,
        signal: int | None = None,
        oom_killed: bool = False,
    ) -> Attempt:
        """It has ended with this exit code: the run becomes FINALIZING."""
        columns = {
            "exit_code": exit_code,
            "signal": signal,
            "oom_killed": oom_killed,
            "finished_at": finished_at,
        }
        with self._database.write() as session:
            held = attempts.hold(session, attempt_id, epoch, self._clock())
            attempts.exited(session, held, **columns)
            return assemble.attempt(held.attempt)

    def attempt_gone(self, attempt_id: int, epoch: int) -> Attempt:
        """It has disappeared without an exit code: the run becomes FINALIZING."""
        with self._database.write() as session:
            held = attempts.hold(session, attempt_id, epoch, self._clock())
            attempts.gone(session, held)
            return assemble.attempt(held.attempt)

    def start_failed(self, attempt_id: int, *, message: str, retryable: bool, epoch: int) -> Attempt:
        """It never started. The run is QUEUED again, 5 times at most, else FINALIZING."""
        with self._database.write() as session:
            held = attempts.hold(session, attempt_id, epoch, self._clock())
            attempts.start_failed(session, held, message=message, retryable=retryable)
            return assemble.attempt(held.attempt)

    def free_slots(self, attempt_id: int, epoch: int) -> None:
        """Give back what an attempt held, after its confirmed death.

        :raises Refused: while the attempt is live.
        """
        with self._database.write() as session:
            attempts.free_slots(session, attempts.hold(session, attempt_id, epoch, self._clock()))

    def record_progress(
        self, attempt_id: int, progress: Progress, epoch: int, *, stalled: bool = False
    ) -> None:
        """Keep the newest heartbeat and let the status card show it. Never a change of state.

        Of an attempt that is not its run's newest, it is the word of the dead, and changes nothing.
        """
        with self._database.write() as session:
            finishing.record_progress(session, attempt_id, progress, epoch, stalled=stalled, at=self._clock())

    def finish(
        self,
        run_id: int,
        *,
        status: RunStatus,
        cause: ExitCause,
        message: str = "",
        log_tail: str = "",
        result: RunResult | None = None,
        attempt: int | None = None,
        findings: tuple[Finding, ...] = (),
    ) -> Run:
        """End a FINALIZING run; one that has ended stays as it ended.

        :param attempt: the number of the attempt that this is about; None for the newest.
        :param findings: what its series show.
        :raises Conflict: where the run is at work, or a newer attempt has been made since.
        """
        ending = finishing.Ending(status, cause, message, log_tail, result, attempt, findings)
        with self._database.write() as session:
            return run_record(session, finishing.finish(session, run_id, ending, self._clock()))

    def resume(
        self,
        run_id: int,
        checkpoint: str | None = None,
        *,
        attempt: int | None = None,
        used_s: float = 0.0,
        reason: str = "",
    ) -> Run:
        """Queue a FINALIZING run again after an infrastructure cause; without checkpoint from the start.

        :param attempt: the number of the attempt that was lost; None for the newest.
        :param used_s: what that attempt took of the run's time limit, in seconds.
        :param reason: why it was lost, in words; the thread is told.
        :raises Refused: after 3 resumes, or where a person asked the run to stop.
        :raises Conflict: where a newer attempt has been made since.
        """
        with self._database.write() as session:
            lost = finishing.Lost(checkpoint, attempt, used_s, reason)
            return run_record(session, finishing.resume(session, run_id, lost, self._clock()))

    def sweep(self, host_id: str) -> SweepWork:
        """What this host should ring now. Each id comes at most every 15 s, and never right after
        the verb that let its caller ring for it.
        """
        return sweeping.sweep(self._database, host_id, self._clock())
