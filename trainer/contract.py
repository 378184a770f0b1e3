"""The run-folder contract: what a run is told (`spec.json`) and what it answers (`result.json`).

Any program that reads a `RunSpec` from its run folder and writes a `Progress` and a `RunResult`
into it may stand in for our trainer. Only the standard library and pydantic are imported here,
so that the bot, the ledger and the worker can read run folders without torch.
"""

from enum import IntEnum, StrEnum
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

SCHEMA_VERSION = 1

SPEC_FILE = "spec.json"
RESULT_FILE = "result.json"
PROGRESS_FILE = "progress.json"
METRICS_FILE = "metrics.csv"
EVALUATIONS_FILE = "evaluations.csv"
EPISODES_FILE = "episodes.csv"
LOG_FILE = "train.log"
DESCRIBED_FILE = "described.json"
EXIT_FILE = "exit.json"
LOCK_FILE = "lock"
CHECKPOINTS_FOLDER = "checkpoints"
TENSORBOARD_FOLDER = "tensorboard"
INIT_FOLDER = "init"
VIDEO_FILES = ("policy.mp4", "policy.gif")
ONNX_FILE = "policy.onnx"

JsonObject: TypeAlias = dict[str, JsonValue]


class ExitCode(IntEnum):
    """Exit codes of `python -m trainer RUN_DIR`. Any other code comes from outside our program."""

    FINISHED = 0
    CODE_ERROR = 1
    BAD_SPEC = 10
    NAN = 11
    STOPPED = 12
    TIME_LIMIT = 13
    RESUME_FAILED = 14
    DISK_FULL = 15
    ENVIRONMENT_NAN = 16
    ENVIRONMENT_ERROR = 17
    STALLED = 18
    MISSING_PACKAGE = 19
    SPACE_MISMATCH = 20


class RunKind(StrEnum):
    """Why a run exists: a seed of the experiment, a seed of its comparator, or its smoke run."""

    SEED = "seed"
    COMPARATOR = "comparator"
    SMOKE = "smoke"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SmokeLimits(Frozen):
    """A smoke run ends after `min_updates` updates and `min_s` of stepping, at `max_s` at the latest."""

    min_updates: int = Field(default=2, ge=1)
    min_s: float = Field(default=5.0, ge=0)
    max_s: float = Field(default=60.0, gt=0)


class SolveTarget(Frozen):
    """A claim "solves at `threshold` within `within_steps` steps", on the final-reward metric."""

    threshold: float
    within_steps: int = Field(gt=0)


class RunSpec(Frozen):
    """One attempt of one run: everything that the trainer needs.

    `config` is the resolved config (with its `eval` part, the yardstick). `seed_index` counts the
    seeds of an experiment from 1; evaluation episodes of equal seed indices use equal seeds.
    `resume_from` names a checkpoint folder, absolute or relative to the run folder;
    `init_from` likewise the one that `config.init` names, put there by the worker, and `dataset_from`
    the file or folder that `config.dataset` names, which is only read. Earlier
    attempts of the run took `used_s` of its `time_limit_s`. A run in which
    no step and no minibatch ends for `stall_after_s` is ended. `environments` are patterns of ids that
    may import a package which is installed where it runs.
    """

    schema_version: Literal[1] = 1
    experiment: str
    run: str
    attempt: int = Field(ge=1)
    kind: RunKind = RunKind.SEED
    seed_index: int = Field(ge=1)
    seed: int = Field(ge=0, lt=2**31)
    config: JsonObject
    spec_hash: str
    device: Literal["auto", "cpu", "cuda"] = "cpu"
    torch_threads: int = Field(default=1, ge=1)
    time_limit_s: float = Field(default=86_400.0, gt=0)
    used_s: float = Field(default=0.0, ge=0)
    stall_after_s: float = Field(default=600.0, gt=0)
    smoke: SmokeLimits | None = None
    solve_targets: tuple[SolveTarget, ...] = ()
    resume_from: str | None = None
    init_from: str | None = None
    dataset_from: str | None = None
    environments: tuple[str, ...] = ()


class Phase(StrEnum):
    STARTING = "starting"
    TRAINING = "training"
    EVALUATING = "evaluating"
    SAVING = "saving"
    DONE = "done"


class Progress(Frozen):
    """The trainer's heartbeat, rewritten atomically about once a second.

    `metrics` holds the newest interim values by metric name (`final_reward`, `oscillation`, ...),
    measured at step `evaluated_at`, None before the first look; they are for looking at, never for
    a verdict. `eta_s` is None until it can be estimated.
    """

    phase: Phase
    timesteps: int
    total_timesteps: int
    metrics: dict[str, float] = Field(default_factory=dict)
    evaluated_at: int | None = None
    steps_per_s: float | None = None
    eta_s: float | None = None
    updated_at: float


class SmokeReport(Frozen):
    """What the smoke run measured. `estimated_s` covers one full seed, its evaluation included."""

    updates: int
    steps_per_s: float
    estimated_s: float
    peak_memory_mb: float


class SolvedAt(Frozen):
    """`timesteps` is the first crossing that 100 fresh episodes confirmed; None if there was none."""

    target: SolveTarget
    timesteps: int | None


class CurriculumEnd(Frozen):
    """How far a curriculum came: to `stage` of `stages`, counted from 1; the last one is the config's own.

    `entered_at` are the steps at which the second stage and those after it began.
    """

    stage: int
    stages: int
    entered_at: tuple[int, ...] = ()


class Backend(Frozen):
    """Which code trained: SB3's own ("stock"), one of ours that computes the same ("fast"), or
    SBX's in JAX ("sbx"), and why.

    `prepared_s` is how long the compiled code took to compile, or to load where it had been before.
    """

    name: Literal["stock", "fast", "sbx"]
    reason: str
    prepared_s: float = 0.0


class Keepsake(Frozen):
    """Something to look at or to take along. `file` lies in the run folder; None with a `note` why not."""

    kind: str
    file: str | None = None
    note: str = ""


class RunResult(Frozen):
    """What a run measured. `metrics` are final values by metric name, on the yardstick.

    `checkpoint_sha256` is that of the checkpoint's manifest, and so covers its files;
    `inherited_timesteps` went into the weights that the run began with.
    Non-finite values never stand here: a run that meets one ends with `ExitCode.NAN`
    or `ExitCode.ENVIRONMENT_NAN`.
    """

    schema_version: Literal[1] = 1
    run: str
    attempt: int
    exit_code: int
    message: str
    timesteps: int
    total_timesteps: int
    duration_s: float
    steps_per_s: float | None = None
    peak_memory_mb: float | None = None
    metrics: dict[str, float] = Field(default_factory=dict)
    n_eval_episodes: int = 0
    solved: tuple[SolvedAt, ...] = ()
    smoke: SmokeReport | None = None
    checkpoint: str | None = None
    checkpoint_sha256: str | None = None
    resumed_from: str | None = None
    inherited_timesteps: int = 0
    device: str | None = None
    backend: Backend | None = None
    fingerprint: JsonObject = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    keepsakes: tuple[Keepsake, ...] = ()
    curriculum: CurriculumEnd | None = None


class ExitReport(Frozen):
    """`exit.json`, written by the process launcher's shim. `signal` where a signal ended the trainer.

    `oom_killed` is a hint: the kernel ended some process for want of memory while this one ran.
    """

    exit_code: int
    signal: int | None = None
    oom_killed: bool = False
    finished_at: float
