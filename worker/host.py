"""The host loop: renews the lease, rings what waits, reconciles, takes free slots, minds its child."""

import time
from collections.abc import Callable
from threading import Event

import structlog

from db.doorbell import Task
from db.errors import Busy
from db.records import SweepWork
from trainer.crashpoints import crash_at
from worker.child import Child
from worker.describe import Describer
from worker.gpus.strangers import Watch
from worker.launchers.launcher import ContainerState, LauncherDown
from worker.metrics import LoopMetrics
from worker.reconcile import Reconciler
from worker.ringer import Ringer
from worker.scheduler import schedule, why_not
from worker.tasks import HEARD_FILE
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

DEAF = "doorbells_unheard"
GPU_DIRTY = "gpu_dirty"
PROBE_EVERY_S = 30.0
DEAF_AFTER_S = 120.0


class HostLoop:
    """One per host: `owner` is this process's name in the lease."""

    def __init__(
        self,
        work: Workplace,
        *,
        owner: str,
        reconciler: Reconciler,
        ringer: Ringer,
        child: Child,
        warm_parent: Child | None = None,
        metrics: LoopMetrics | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._metrics = metrics
        self._owner = owner
        self._reconciler = reconciler
        self._describer = Describer(work)
        self._watch = Watch(work, monotonic)
        self._ringer = ringer
        self._child = child
        self._warm_parent = warm_parent
        self._monotonic = monotonic
        self._probed_at = monotonic() - PROBE_EVERY_S
        self._flags: tuple[str, ...] = ()

    def run(self, stop: Event) -> None:
        """Until `stop` is set. Raises `LeaseLost` where another process has taken this host over."""
        while not stop.is_set():
            began = self._monotonic()
            self._child.supervise()
            if self._warm_parent is not None:
                self._warm_parent.supervise()
            self._probe()
            self.step()
            spent_s = self._monotonic() - began
            stop.wait(max(0.1, self._work.settings.pass_s - spent_s))

    def close(self) -> int:
        """Ends the child; returns how many runs of this host go on training."""
        self._child.stop()
        if self._warm_parent is not None:
            self._warm_parent.stop()
        try:
            containers = self._work.launcher.list()
        except LauncherDown:
            return 0
        return sum(container.state is ContainerState.RUNNING for container in containers)

    def step(self) -> None:
        """One pass over the ledger. A ledger or disk that fails is asked again in the next pass."""
        try:
            self._work.ledger.hosts.renew(
                self._work.host_id, self._owner, self._work.epoch, flags=self._flags
            )
            self._ring(self._work.ledger.runs.sweep(self._work.host_id))
            flags = self._reconcile()
            schedule(self._work)  # after the look, so that what has just come free is taken at once
            self._describer.step()
            dirty = (GPU_DIRTY,) if self._watch.step() else ()
        except (Busy, OSError) as error:
            log.warning("pass_failed", reason=repr(error))
            if self._metrics is not None:
                self._metrics.failed()
        else:
            self._flags = (*flags, *dirty, *self._own_flags())

    def _reconcile(self) -> tuple[str, ...]:
        began = self._monotonic()
        flags = self._reconciler.step()
        if self._metrics is not None:
            self._metrics.reconciled(self._monotonic() - began)
        return flags

    def _ring(self, work: SweepWork) -> None:
        crash_at("sweep.noted")
        for attempt in work.attempts:
            self._ringer.ring(Task.LAUNCH, attempt)
        for run in work.runs:
            self._ringer.ring(Task.FINALIZE, run)
        for experiment in work.experiments:
            self._ringer.ring(Task.CONCLUDE, experiment)

    def _own_flags(self) -> tuple[str, ...]:
        idle = why_not(self._work)
        flags = () if idle is None else (idle,)
        return (*flags, DEAF) if self._is_deaf() else flags

    def _probe(self) -> None:
        """A worker may have lost its queue without ending. It is asked to do nothing, and watched."""
        if self._monotonic() - self._probed_at < PROBE_EVERY_S:
            return
        self._probed_at = self._monotonic()
        if self._is_deaf():
            log.error("child_is_deaf", pid=self._child.pid)
            self._child.restart()
        self._work.ring_here(Task.SCHEDULE, 0)

    def _is_deaf(self) -> bool:
        if self._child.alive_s < DEAF_AFTER_S:
            return False
        try:
            heard_at = (self._work.state / HEARD_FILE).stat().st_mtime
        except FileNotFoundError:
            return True
        return time.time() - heard_at >= DEAF_AFTER_S
