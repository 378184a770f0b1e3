"""One attempt in progress: its limits, and all that it has measured so far."""

import contextlib
import logging
import resource
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trainer.config import TrainConfig
from trainer.contract import (
    PROGRESS_FILE,
    Backend,
    CurriculumEnd,
    ExitCode,
    JsonObject,
    Keepsake,
    Phase,
    Progress,
    RunResult,
    RunSpec,
    SmokeReport,
    SolvedAt,
)
from trainer.errors import Stopped, TimeUp
from trainer.files import write_atomic

log = logging.getLogger(__name__)

# The worker waits two minutes beyond a limit; the other one is for evaluating and saving.
LONGEST_PREPARING_S = 60.0
_BEAT_S = 1.0
_LOG_S = 15.0


@dataclass
class StopRequest:
    """Set by a signal handler, read between steps. `reason` is None until a stop is asked for."""

    reason: str | None = None


@dataclass
class Attempt:
    """The state of one attempt; `result` turns it into what the run folder keeps.

    `started` is `time.monotonic()` at the start of the process; `training_s` and `trained` are the
    seconds and steps of training alone, evaluations and saving left out. `moved_at` is when the last
    step, minibatch or phase began, for `trainer.pulse`.
    """

    spec: RunSpec
    config: TrainConfig
    folder: Path
    started: float
    stop: StopRequest = field(default_factory=StopRequest)
    phase: Phase = Phase.STARTING
    timesteps: int = 0
    trained: int = 0
    training_s: float = 0.0
    evaluation_estimate_s: float = 0.0
    interim: dict[str, float] = field(default_factory=dict)
    evaluated_at: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    n_eval_episodes: int = 0
    solved: tuple[SolvedAt, ...] = ()
    smoke: SmokeReport | None = None
    checkpoint: str | None = None
    checkpoint_sha256: str | None = None
    resumed_from: str | None = None
    device: str | None = None
    backend: Backend | None = None
    fingerprint: JsonObject = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    keepsakes: tuple[Keepsake, ...] = ()
    curriculum: CurriculumEnd | None = None
    moved_at: float = 0.0
    _preparing_since: float | None = None
    _prepared_s: float = 0.0
    _next_beat: float = 0.0
    _next_log: float = 0.0
    _writing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def deadline(self) -> float:
        return self.started + self.spec.time_limit_s - self.spec.used_s + self.preparing_s

    @property
    def preparing_s(self) -> float:
        """Seconds of getting ready that count for no limit, because the next run will not need them."""
        since = self._preparing_since
        going_on = time.monotonic() - since if since is not None else 0.0
        return min(self._prepared_s + going_on, LONGEST_PREPARING_S)

    @contextlib.contextmanager
    def preparing(self) -> Iterator[None]:
        """Around what a machine does for its first run alone, such as compiling."""
        self._preparing_since = time.monotonic()
        try:
            yield
        finally:
            self.moved()
            self._prepared_s += time.monotonic() - self._preparing_since
            self._preparing_since = None  # last: another thread may look in between

    @property
    def total_timesteps(self) -> int:
        return self.config.total_timesteps

    @property
    def steps_per_s(self) -> float | None:
        return self.trained / self.training_s if self.training_s > 0 and self.trained else None

    def moved(self) -> None:
        """Something happened: this run does not hang."""
        self.moved_at = time.monotonic()

    def check(self) -> None:
        """Called between steps, and between the minibatches of an update.

        :raises Stopped: where somebody asked for it.
        :raises TimeUp: where the time limit is over.
        """
        self.check_stop()
        soonest = self.started + self.spec.time_limit_s - self.spec.used_s
        if self.moved_at >= soonest and self.moved_at >= self.deadline:
            raise TimeUp(
                f"The time limit of {self.spec.time_limit_s:,.0f} s was reached at step "
                f"{self.timesteps:,} of {self.total_timesteps:,}."
            )

    def check_stop(self) -> None:
        """As `check`, without the time limit."""
        self.moved()
        if self.stop.reason is not None:
            raise Stopped(
                f"Stopped at step {self.timesteps:,} of {self.total_timesteps:,} ({self.stop.reason})."
            )

    def enter(self, phase: Phase) -> None:
        self.phase = phase
        self.moved()
        self.beat(force=True)

    def end(self) -> None:
        """The last heartbeat. A full disk does not matter here: the result is what counts."""
        try:
            self.enter(Phase.DONE)
        except OSError:
            log.exception("the last heartbeat cannot be written")

    def beat(self, *, force: bool = False) -> None:
        """Rewrite the heartbeat, at most once a second unless forced; say now and then where we are."""
        now = time.monotonic()
        if now < self._next_beat and not force:
            return
        with self._writing:
            self._next_beat = now + _BEAT_S
            progress = self._progress()
            write_atomic(self.folder / PROGRESS_FILE, progress.model_dump_json(), durable=False)
        if now >= self._next_log and self.phase is Phase.TRAINING:
            self._next_log = now + _LOG_S
            log.info("%s", _describe(progress))

    def beat_for_another_thread(self) -> None:
        """A heartbeat where the training itself has not given one for two periods.

        Where the disk is full the training finds out by itself.
        """
        if time.monotonic() >= self._next_beat + _BEAT_S:
            with contextlib.suppress(OSError):
                self.beat()

    def _progress(self) -> Progress:
        speed = self.steps_per_s
        remaining = max(0, self.total_timesteps - self.timesteps)
        eta = remaining / speed + self.evaluation_estimate_s if speed else None
        return Progress(
            phase=self.phase,
            timesteps=self.timesteps,
            total_timesteps=self.total_timesteps,
            metrics=dict(self.interim),
            evaluated_at=self.evaluated_at,
            steps_per_s=speed,
            eta_s=eta if self.phase is Phase.TRAINING and self.spec.smoke is None else None,
            updated_at=time.time(),
        )

    def result(self, exit_code: ExitCode, message: str) -> RunResult:
        return RunResult(
            run=self.spec.run,
            attempt=self.spec.attempt,
            exit_code=exit_code,
            message=message,
            timesteps=self.timesteps,
            total_timesteps=self.total_timesteps,
            duration_s=time.monotonic() - self.started,
            steps_per_s=self.steps_per_s,
            peak_memory_mb=peak_memory_mb(),
            metrics=self.metrics,
            n_eval_episodes=self.n_eval_episodes,
            solved=self.solved,
            smoke=self.smoke,
            checkpoint=self.checkpoint,
            checkpoint_sha256=self.checkpoint_sha256,
            inherited_timesteps=self.config.init.timesteps if self.config.init else 0,
            resumed_from=self.resumed_from,
            device=self.device,
            backend=self.backend,
            fingerprint=self.fingerprint,
            versions=self.versions,
            keepsakes=self.keepsakes,
            curriculum=self.curriculum,
        )


def peak_memory_mb() -> float:
    """The most memory that this process ever held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _describe(progress: Progress) -> str:
    share = progress.timesteps / progress.total_timesteps
    speed = f", {progress.steps_per_s:,.0f} steps/s" if progress.steps_per_s else ""
    left = f", {progress.eta_s:,.0f} s left" if progress.eta_s is not None else ""
    values = "".join(f", {name} {value:.6g}" for name, value in progress.metrics.items())
    return f"step {progress.timesteps:,} of {progress.total_timesteps:,} ({share:.0%}){speed}{left}{values}"
