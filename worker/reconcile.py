"""The only writer of what the container did: compares the ledger with the launcher, and acts.

One instance per host loop. It remembers only what may be forgotten: when a container was first
missed, what it wrote last. A launcher or a ledger that does not answer decides nothing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from db.doorbell import Task
from db.errors import Busy, LeaseLost, NotFound
from db.lifecycle import LIVE_ATTEMPTS, RunStatus
from db.logs import about, subject
from db.records import Attempt, Run
from trainer.contract import Phase, Progress
from trainer.crashpoints import crash_at
from worker.decide import Act, Facts, LeftoverFacts, Rules, decide, decide_leftover, is_silent
from worker.launch import launch_lock
from worker.launchers.launcher import Container, ContainerState, LauncherDown
from worker.locks import hold
from worker.machine import boot_id
from worker.names import attempt_id_of, attempt_name, attempt_token
from worker.ringer import Ringer
from worker.run_folder import read_progress
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

LAUNCHER_DOWN = "launcher_down"
UNKNOWN_CONTAINERS = "unknown_containers"
UNCLEAR = "runs_unclear"


class Reconciler:
    """Call `step` every few seconds. `monotonic` measures patience; `work.clock` is the ledger's time."""

    def __init__(
        self,
        work: Workplace,
        ringer: Ringer,
        rules: Rules,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._runs = work.ledger.runs
        self._ringer = ringer
        self._rules = rules
        self._monotonic = monotonic
        self._began = monotonic()
        self._missed_at: dict[int, float] = {}
        self._heard: dict[int, tuple[float, bool]] = {}
        self._ended: dict[str, Attempt] = {}
        self._unclear = False

    def step(self) -> tuple[str, ...]:
        """One pass; returns the host's flags.

        Raises `LeaseLost`, and `Busy` or `Unavailable` where the ledger does not answer.
        """
        try:
            containers = self._work.launcher.list()
        except LauncherDown as error:
            log.warning("launcher_down", reason=str(error))
            return (LAUNCHER_DOWN,)
        crash_at("reconcile.listed")
        live = self._work.queries.live_attempts(self._work.host_id)
        by_name = {container.handle: container for container in containers}
        self._unclear = any(container.state is ContainerState.UNCLEAR for container in containers)
        for attempt in live:
            with self._guarded(attempt=attempt.id):
                run = self._work.queries.run(attempt.run_id)
                with about(subject(run, attempt)):
                    self._reconcile(run, attempt, by_name)
        self._forget(live)
        flags = self._leftovers(containers, frozenset(attempt.id for attempt in live))
        self._free_slots(containers)
        return (*flags, UNCLEAR) if self._unclear else flags

    @property
    def _settled(self) -> bool:
        return self._monotonic() - self._began >= self._rules.settle_s

    @contextmanager
    def _guarded(self, **about: object) -> Iterator[None]:
        """One bad run never stops the sweep over the others; the host's flag and the log show it."""
        try:
            yield
        except (LeaseLost, Busy):
            raise
        except Exception:
            log.exception("reconcile_failed", **about)
            self._unclear = True

    def _reconcile(self, run: Run, attempt: Attempt, by_name: Mapping[str, Container]) -> None:
        seen = by_name.get(attempt_name(self._work.instance, run.key, attempt.n))
        if seen is not None and not _belongs(seen, attempt_token(attempt, run)):
            seen = None
        facts = Facts(
            run=run,
            attempt=attempt,
            seen=seen,
            absent_s=self._absent_s(attempt.id, seen),
            now=self._work.clock(),
            settled=self._settled,
            rules=self._rules,
        )
        self._act(facts)
        if seen is not None and seen.state is ContainerState.RUNNING and attempt.started_at:
            self._progress(facts)

    def _absent_s(self, attempt_id: int, seen: Container | None) -> float | None:
        if seen is not None:
            self._missed_at.pop(attempt_id, None)
            return None
        now = self._monotonic()
        return now - self._missed_at.setdefault(attempt_id, now)

    def _act(self, facts: Facts) -> None:
        decision = decide(facts)
        attempt, seen = facts.attempt, facts.seen
        if decision.act not in (Act.NOTHING, Act.RING_LAUNCH):
            log.info("act", act=decision.act.value, why=decision.why)
        match decision.act:
            case Act.RING_LAUNCH:
                self._ringer.ring(Task.LAUNCH, attempt.id)
            case Act.GIVE_UP:
                self._give_up(facts, decision.why)
            case Act.RECORD_GONE:
                self._record_gone(facts)
            case Act.RECORD_CREATED if seen:
                self._runs.attempt_created(attempt.id, seen.handle, self._work.epoch)
            case Act.RECORD_STARTED if seen:
                self._record_started(attempt, seen)
            case Act.RECORD_EXITED if seen:
                self._record_exited(attempt, seen)
            case Act.STOP if seen:
                self._work.launcher.stop(seen.handle, grace_s=self._rules.stop_grace_s)
                crash_at("reconcile.stopped")

    def _record_started(self, attempt: Attempt, seen: Container) -> None:
        running = seen.state is ContainerState.RUNNING
        self._runs.attempt_started(
            attempt.id,
            boot_id=boot_id() if running else None,
            started_at=_utc(seen.started_at or seen.created_at),
            epoch=self._work.epoch,
        )
        crash_at("reconcile.started")

    def _record_exited(self, attempt: Attempt, seen: Container) -> None:
        assert seen.exit_code is not None, f"{seen.handle} has exited without an exit code"
        if attempt.started_at is None:  # it came and went while nobody looked
            self._record_started(attempt, seen)
        self._runs.attempt_exited(
            attempt.id,
            exit_code=seen.exit_code,
            signal=seen.signal,
            oom_killed=seen.oom_killed,
            finished_at=_utc(seen.finished_at) if seen.finished_at else self._work.clock(),
            epoch=self._work.epoch,
        )
        crash_at("reconcile.exited")
        self._ringer.ring(Task.FINALIZE, attempt.run_id)

    def _record_gone(self, facts: Facts) -> None:
        """Looks once more, at this one alone, before it is declared dead."""
        name = attempt_name(self._work.instance, facts.run.key, facts.attempt.n)
        if self._work.launcher.inspect(facts.attempt.handle or name) is None:
            self._runs.attempt_gone(facts.attempt.id, self._work.epoch)
            crash_at("reconcile.gone")
            self._ringer.ring(Task.FINALIZE, facts.attempt.run_id)

    def _give_up(self, facts: Facts, why: str) -> None:
        """Only while nobody is launching it, and if no launch got as far as starting it."""
        name = attempt_name(self._work.instance, facts.run.key, facts.attempt.n)
        with hold(launch_lock(self._work, facts.attempt.id)) as mine:
            if mine and self._work.launcher.inspect(name) is None:
                self._runs.start_failed(facts.attempt.id, message=why, retryable=True, epoch=self._work.epoch)

    def _progress(self, facts: Facts) -> None:
        """Tells the ledger what the trainer wrote, when it is new, and when it has fallen silent."""
        run, attempt = facts.run, facts.attempt
        progress = read_progress(self._work.artifacts / attempt.folder) or run.progress or _nothing_yet(facts)
        silent = is_silent(replace(run, progress=progress), attempt, facts.now, self._rules)
        if self._heard.get(run.id) != (progress.updated_at, silent):
            self._runs.record_progress(attempt.id, progress, self._work.epoch, stalled=silent)
            self._heard[run.id] = (progress.updated_at, silent)

    def _forget(self, live: tuple[Attempt, ...]) -> None:
        attempts = {attempt.id for attempt in live}
        runs = {attempt.run_id for attempt in live}
        self._missed_at = {key: at for key, at in self._missed_at.items() if key in attempts}
        self._heard = {key: heard for key, heard in self._heard.items() if key in runs}

    def _leftovers(self, containers: tuple[Container, ...], live: frozenset[int]) -> tuple[str, ...]:
        """What no live attempt accounts for: orphans, the finished, and what nobody knows."""
        left = [(seen, self._row(seen)) for seen in containers if attempt_id_of(seen.token) not in live]
        unknown = sum(row is None and seen.state is ContainerState.RUNNING for seen, row in left)
        alerts = set()
        for seen, row in left:
            facts = LeftoverFacts(seen, row, unknown, self._work.clock(), self._settled, self._rules)
            decision = decide_leftover(facts)
            with self._guarded(handle=seen.handle):
                if decision.act is Act.ALERT:
                    alerts.add(decision.why)
                elif decision.act is Act.STOP:
                    log.warning("stopping_orphan", handle=seen.handle, why=decision.why)
                    self._work.launcher.stop(seen.handle, grace_s=self._rules.stop_grace_s)
                elif decision.act is Act.REMOVE and self._is_stored(row):
                    self._work.launcher.remove(seen.handle)
                    self._ended.pop(seen.handle, None)
        for alert in alerts:
            log.error("unknown_containers", why=alert)
        return (UNKNOWN_CONTAINERS,) if alerts else ()

    def _is_stored(self, row: Attempt | None) -> bool:
        """Whether nobody needs the container any more: the finalizer reads its log and its exit from it."""
        if row is None:
            return True
        run = self._work.queries.run(row.run_id)
        return run.status is not RunStatus.FINALIZING or run.attempt is None or run.attempt.n != row.n

    def _row(self, seen: Container) -> Attempt | None:
        """The attempt that a container's token names. One that has ended never changes again."""
        if seen.handle in self._ended:
            return self._ended[seen.handle]
        attempt_id = attempt_id_of(seen.token)
        if attempt_id is None:
            return None
        try:
            attempt = self._work.queries.attempt(attempt_id)
            if attempt_token(attempt, self._work.queries.run(attempt.run_id)) != seen.token:
                return None
        except NotFound:
            return None
        if attempt.status not in LIVE_ATTEMPTS:
            self._ended[seen.handle] = attempt
        return attempt

    def _free_slots(self, containers: tuple[Container, ...]) -> None:
        """A slot is free when its attempt has ended and no container of it is seen to run."""
        running = {
            attempt_id_of(seen.token) for seen in containers if seen.state is not ContainerState.EXITED
        }
        unclear = {seen.handle for seen in containers if seen.state is ContainerState.UNCLEAR}
        slots = self._work.queries.slots(self._work.host_id)
        for owner in {slot.owner_attempt_id for slot in slots} - running - {None}:
            if owner is None:
                continue
            attempt = self._work.queries.attempt(owner)
            if attempt.status not in LIVE_ATTEMPTS and attempt.handle not in unclear:
                self._runs.free_slots(owner, self._work.epoch)
                crash_at("reconcile.freed")


def _belongs(seen: Container, token: str) -> bool:
    """What cannot be read is taken for what its name says: then nothing is decided about it."""
    return seen.state is ContainerState.UNCLEAR or seen.token == token


def _nothing_yet(facts: Facts) -> Progress:
    """What is known of a trainer that has not written a word."""
    total = facts.run.config.get("total_timesteps")
    return Progress(
        phase=Phase.STARTING,
        timesteps=0,
        total_timesteps=total if isinstance(total, int) else 0,
        updated_at=facts.attempt.started_at.timestamp() if facts.attempt.started_at else 0.0,
    )


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
