"""The resolved config as the trainer reads it: typed, and refused with one sentence where it is wrong."""

import json
from pathlib import Path
from typing import Literal, NoReturn

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from trainer.contract import SPEC_FILE, JsonObject, RunSpec
from trainer.errors import BadSpec

MAX_EVAL_EPISODES = 100_000
BUILT_IN_METRICS = ("final_reward", "success_rate", "episode_length", "oscillation")


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class WrapperConfig(Section):
    name: str
    kwargs: JsonObject = Field(default_factory=dict)


class NormalizeConfig(Section):
    """SB3's `VecNormalize`. `gamma` None takes the algorithm's."""

    norm_obs: bool = True
    norm_reward: bool = True
    clip_obs: float = Field(default=10.0, gt=0)
    clip_reward: float = Field(default=10.0, gt=0)
    gamma: float | None = Field(default=None, ge=0, le=1)
    epsilon: float = Field(default=1e-8, gt=0)


class RangeConfig(Section):
    """Numbers between `low` and `high`, drawn evenly, with `log` evenly by their logarithm."""

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> "RangeConfig":
        if self.low > self.high:
            raise ValueError(f"low must not be above high; they are {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"with log, low must be above 0; it is {self.low}")
        return self


class EnvConfig(Section):
    """An environment. `max_episode_steps` replaces the limit that its id brings.

    `randomize` draws parameters anew for each episode: see `trainer.randomize`.
    """

    id: str = Field(min_length=1)
    kwargs: JsonObject = Field(default_factory=dict)
    wrappers: tuple[WrapperConfig, ...] = ()
    normalize: NormalizeConfig | None = None
    max_episode_steps: int | None = Field(default=None, ge=1)
    randomize: dict[str, RangeConfig] = Field(default_factory=dict)


class UntilConfig(Section):
    """When a stage ends: at a step of the training, or when its newest `episodes` are good enough.

    Where several conditions are set, the first that is met ends it.
    """

    timesteps: int | None = Field(default=None, ge=1)
    return_at_least: float | None = None
    success_at_least: float | None = Field(default=None, ge=0, le=1)
    episodes: int = Field(default=20, ge=1, le=10_000)

    @model_validator(mode="after")
    def _ends(self) -> "UntilConfig":
        if self.timesteps is None and self.return_at_least is None and self.success_at_least is None:
            raise ValueError("a stage ends at timesteps, return_at_least or success_at_least: set one")
        return self


class StageEnvConfig(Section):
    """What a stage changes in the training environment; what is left out stays."""

    id: str = Field(default="", min_length=1)
    kwargs: JsonObject = Field(default_factory=dict)
    wrappers: tuple[WrapperConfig, ...] = ()
    max_episode_steps: int | None = Field(default=None, ge=1)
    randomize: dict[str, RangeConfig] = Field(default_factory=dict)


class StageConfig(Section):
    until: UntilConfig
    env: StageEnvConfig


class RewardConfig(Section):
    """Shaping of the training reward. The yardstick never sees it.

    Keys beside these are the terms of a team's own package: see `trainer.terms`.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    action_change_penalty: float = Field(default=0.0, ge=0)
    action_magnitude_penalty: float = Field(default=0.0, ge=0)

    @property
    def shapes(self) -> bool:
        return self.action_change_penalty > 0 or self.action_magnitude_penalty > 0 or bool(self.own)

    @property
    def own(self) -> dict[str, JsonValue]:
        """What the config says of the terms of the code bundle."""
        return dict(self.model_extra or {})


class InterimConfig(Section):
    """Looks along the way: `points` of them over the training, `episodes` each."""

    points: int = Field(default=20, ge=0, le=1_000)
    episodes: int = Field(default=5, ge=1, le=10_000)


class SuccessConfig(Section):
    """When an episode counts as a success: by its return, or by a true value in the last `info`."""

    return_at_least: float | None = None
    info_key: str | None = None


class MetricConfig(Section):
    """A metric of the yardstick. `info_key` names what the environment reports in `info`."""

    direction: Literal["higher", "lower"] = "higher"
    unit: str = ""
    range: tuple[float | None, float | None] = (None, None)
    info_key: str | None = None
    aggregation: Literal["mean", "sum", "last", "max"] = "mean"


class EvalConfig(Section):
    """The yardstick."""

    env: EnvConfig
    n_eval_episodes: int = Field(default=100, ge=1, le=MAX_EVAL_EPISODES)
    interim: InterimConfig = InterimConfig()
    success: SuccessConfig = SuccessConfig()
    metrics: dict[str, MetricConfig] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_measurable(self) -> "EvalConfig":
        if self.env.normalize is not None:
            raise ValueError("eval.env.normalize must be null: the policy brings its own statistics")
        for name, metric in self.metrics.items():
            if name not in BUILT_IN_METRICS and metric.info_key is None:
                known = ", ".join(BUILT_IN_METRICS)
                raise ValueError(f"the metric {name} needs an info_key, or must be one of {known}")
        return self

    @property
    def info_metrics(self) -> dict[str, MetricConfig]:
        """The metrics that the environment reports in `info`, by name."""
        return {name: metric for name, metric in self.metrics.items() if name not in BUILT_IN_METRICS}

    @property
    def measures_success(self) -> bool:
        asked = self.success.return_at_least is not None or self.success.info_key is not None
        return asked or "success_rate" in self.metrics

    @property
    def metric_names(self) -> tuple[str, ...]:
        """What an evaluation answers, in a fixed order."""
        built_in = (name for name in BUILT_IN_METRICS if name != "success_rate" or self.measures_success)
        return (*built_in, *self.info_metrics)


class InitConfig(Section):
    """Where the weights come from. The ledger sets `sha256` and `timesteps` when it is proposed.

    `load`: the policy with its normalisation; the optimizers' states as well; or all that a training
    goes on from, the replay buffer included. `sha256` is the checkpoint's, `timesteps` the steps that
    went into it.
    """

    source: str = Field(alias="from", pattern=r"^E-[0-9]+/[a-z0-9.]+$")
    load: Literal["policy", "optimizer", "all"] = "policy"
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    timesteps: int = Field(ge=0)


class DatasetConfig(Section):
    """Recorded steps to learn from. The ledger sets `sha256` when it is proposed: see `dataset_files`."""

    id: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class TrainConfig(Section):
    """A resolved config."""

    algo: str
    policy: str = "MlpPolicy"
    total_timesteps: int = Field(gt=0)
    n_envs: int = Field(default=1, ge=1, le=256)
    vec_env: Literal["dummy", "subproc"] = "dummy"
    backend: Literal["auto", "stock", "fast", "sbx"] = "auto"
    env: EnvConfig
    curriculum: tuple[StageConfig, ...] = ()
    hyperparams: dict[str, JsonValue] = Field(default_factory=dict)
    reward: RewardConfig = RewardConfig()
    eval: EvalConfig
    init: InitConfig | None = None
    dataset: DatasetConfig | None = None
    code: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    program: JsonObject = Field(default_factory=dict)

    @field_validator("program")
    @classmethod
    def _is_ours(cls, value: JsonObject) -> JsonObject:
        if value.get("name") is not None:
            raise ValueError(f"{value['name']} trains and measures this, not Signoff's trainer")
        return value

    @model_validator(mode="after")
    def _brings_its_terms(self) -> "TrainConfig":
        for name in () if self.code else self.reward.own:
            raise ValueError(f"reward.{name} is not a key of it; terms of your own need a code bundle")
        return self


def read_spec(folder: Path) -> RunSpec:
    """The run folder's `spec.json`.

    :raises BadSpec: where it is missing, no JSON, or not as `trainer.contract.RunSpec` says.
    """
    try:
        text = (folder / SPEC_FILE).read_text("utf-8")
        document = json.loads(text, parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise BadSpec(f"{SPEC_FILE} is missing in {folder}.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadSpec(f"{SPEC_FILE} cannot be read: {error}.") from error
    try:
        return RunSpec.model_validate(document)
    except ValidationError as error:
        raise BadSpec(f"{SPEC_FILE}: {_first_problem(error)}.") from error


def read_config(config: JsonObject) -> TrainConfig:
    """The typed config of a spec.

    :raises BadSpec: naming the first key that is wrong, and why.
    """
    try:
        return TrainConfig.model_validate(config)
    except ValidationError as error:
        raise BadSpec(f"config: {_first_problem(error)}.") from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    if problem["type"] == "missing":
        return f"{path} is missing"
    if problem["type"] == "extra_forbidden":
        return f"{path} is not a key of it"
    if problem["type"] == "value_error":
        return f"{path}: {message}" if path else message
    return f"{path}: {message[:1].lower()}{message[1:]}; it is {_short(problem['input'])}"


def _short(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
