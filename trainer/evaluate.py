"""The yardstick: deterministic episodes of a policy on given seeds, and the metrics taken from them."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from trainer.acting import Act, Actions, LearningAct, Observations, asking
from trainer.actions import ActionScale
from trainer.config import EvalConfig, MetricConfig
from trainer.envs import Env, make_env, step_limit
from trainer.errors import (
    BadSpec,
    EnvironmentFailed,
    EnvironmentNotFinite,
    TrainerError,
    is_disk_full,
    sentence,
)
from trainer.fast.vector import without_guards

log = logging.getLogger(__name__)

# Environments side by side. Fixed, because the size of a batch decides the last bits of a forward pass.
BATCH = 25
_SUCCESS_KEYS = ("is_success", "success")

__all__ = ["BATCH", "Act", "Actions", "Episode", "Observations", "Yardstick", "summarize"]


@dataclass(frozen=True)
class Episode:
    """One finished episode. `success` is None where nothing says what a success is."""

    seed: int
    reward: float
    length: int
    success: bool | None
    oscillation: float
    info: Mapping[str, float]

    def metrics(self) -> dict[str, float]:
        """Values by metric name."""
        values = {"final_reward": self.reward}
        if self.success is not None:
            values["success_rate"] = float(self.success)
        return {**values, "episode_length": float(self.length), "oscillation": self.oscillation, **self.info}


def summarize(episodes: Sequence[Episode]) -> dict[str, float]:
    """Each metric's mean over the episodes, which must be at least one.

    :raises EnvironmentNotFinite: where a metric is NaN or infinite.
    """
    rows = [episode.metrics() for episode in episodes]
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    for name, value in means.items():
        if not math.isfinite(value):
            raise EnvironmentNotFinite(f"The evaluation's {name.replace('_', ' ')} became {value}.")
    return means


@dataclass
class _Lane:
    """One environment while it plays: the sums of its current episode."""

    env: Env
    index: int = -1
    reward: float = 0.0
    length: int = 0
    change: float = 0.0
    success: bool | None = None
    info: dict[str, list[float]] = field(default_factory=dict)


class Yardstick:
    """Plays episodes in the environment of `eval.env`, as many as `BATCH` at a time.

    Each episode is reset with its own seed, so that its course depends on the policy and the seed
    alone. Made lazily, kept for the next evaluation. Not thread-safe.
    """

    def __init__(self, config: EvalConfig) -> None:
        self.config = config
        self._envs: list[Env] = [without_guards(make_env(config.env))]
        self._info_metrics = config.info_metrics
        first = self._envs[0]
        self.observation_space: spaces.Space[Any] = first.observation_space
        self._scale = ActionScale.of(first.action_space)

    @property
    def env(self) -> Env:
        """One environment of the yardstick, to look at its spaces."""
        return self._envs[0]

    @property
    def step_limit(self) -> int | None:
        """The length at which its episodes are cut, or None."""
        return step_limit(self._envs[0])

    def play(
        self,
        act: Act,
        seeds: Sequence[int],
        *,
        check: Callable[[], None],
        may_start: Callable[[], bool] = lambda: True,
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> list[Episode]:
        """One episode for each seed, in the order of `seeds`.

        `check` is called before each step and may raise. Once `may_start` is false, no further episode
        starts after the first batch; those that play are finished, so that long ones are not left out.
        Once `may_go_on` is false, unfinished episodes are dropped.
        """
        if isinstance(act, LearningAct):
            act = act.fixed()
        lanes = self._lanes(min(BATCH, len(seeds)))
        table = _Observations(self.observation_space, len(lanes))
        done: dict[int, Episode] = {}
        waiting = iter(enumerate(seeds))
        for row, lane in enumerate(lanes):
            self._begin(lane, *next(waiting), table, row)
        ask = asking(act, [lane.env for lane in lanes])
        before: Actions | None = None
        starts = np.ones(len(lanes), dtype=np.bool_)
        playing = list(enumerate(lanes))
        while playing and may_go_on():
            check()
            actions = ask(table.batch, starts)
            changes = self._changes(before, actions)
            starts, before, ended = np.zeros(len(lanes), dtype=np.bool_), actions, False
            for row, lane in playing:
                if not self._step(lane, actions[row], changes[row], table, row):
                    continue
                ended = True
                done[lane.index] = self._finish(lane, seeds[lane.index])
                lane.index = -1
                if may_start() and (following := next(waiting, None)) is not None:
                    self._begin(lane, *following, table, row)
                    starts[row] = True
            if ended:
                playing = [(row, lane) for row, lane in playing if lane.index >= 0]
        return [done[index] for index in sorted(done)]

    def _changes(self, before: Actions | None, actions: Actions) -> list[float]:
        if before is None:
            return [0.0] * len(actions)
        changes: list[float] = self._scale.change(before, actions).tolist()
        return changes

    def close(self) -> None:
        for env in self._envs:
            env.close()

    def _lanes(self, count: int) -> list[_Lane]:
        while len(self._envs) < count:
            self._envs.append(without_guards(make_env(self.config.env)))
        return [_Lane(env) for env in self._envs[:count]]

    def _begin(self, lane: _Lane, index: int, seed: int, table: "_Observations", row: int) -> None:
        try:
            observation, _ = lane.env.reset(seed=seed)
        except Exception as error:
            raise _failed("reset", error) from error
        table.put(row, observation)
        lane.index, lane.reward, lane.length, lane.change, lane.info = index, 0.0, 0, 0.0, {}

    def _step(
        self, lane: _Lane, action: NDArray[Any], change: float, table: "_Observations", row: int
    ) -> bool:
        """Take one step; True where it ended the episode."""
        try:
            observation, reward, terminated, truncated, info = lane.env.step(action)
        except Exception as error:
            raise _failed("step", error) from error
        table.put(row, observation)
        lane.reward += float(reward)
        if lane.length:
            lane.change += change
        lane.length += 1
        if self._info_metrics:
            self._note(lane, info)
        ended = terminated or truncated
        if ended and self.config.measures_success:
            lane.success = self._succeeded(lane, info)
        return ended

    def _note(self, lane: _Lane, info: Mapping[str, Any]) -> None:
        for name, metric in self._info_metrics.items():
            if metric.info_key is not None and metric.info_key in info:
                lane.info.setdefault(name, []).append(float(info[metric.info_key]))

    def _succeeded(self, lane: _Lane, info: Mapping[str, Any]) -> bool:
        bar = self.config.success.return_at_least
        if bar is not None:
            return lane.reward >= bar
        asked = self.config.success.info_key
        for key in (asked,) if asked else _SUCCESS_KEYS:
            if key in info:
                return bool(info[key])
        raise BadSpec(
            f"success_rate cannot be measured: {self.config.env.id} reports no "
            f"{asked or ' or '.join(_SUCCESS_KEYS)} in info; set eval.success.return_at_least."
        )

    def _finish(self, lane: _Lane, seed: int) -> Episode:
        values = {
            name: _aggregate(name, metric, lane.info.get(name), self.config.env.id)
            for name, metric in self._info_metrics.items()
        }
        return Episode(
            seed=seed,
            reward=lane.reward,
            length=lane.length,
            success=lane.success,
            oscillation=lane.change / (lane.length - 1) if lane.length > 1 else 0.0,
            info=values,
        )


def _failed(verb: str, error: Exception) -> Exception:
    """What to raise where the yardstick raised: a full disk and memory are not its fault."""
    if isinstance(error, (TrainerError, MemoryError)) or is_disk_full(error):
        return error
    return EnvironmentFailed(f"The yardstick's {verb} raised an error: {sentence(error)}")


class _Observations:
    """A batch of observations that is written in place, of an array or of a dict of arrays."""

    def __init__(self, space: spaces.Space[Any], size: int) -> None:
        self._parts = dict(space.spaces) if isinstance(space, spaces.Dict) else {"": space}
        self._arrays = {
            key: np.zeros((size, *(part.shape or ())), dtype=part.dtype) for key, part in self._parts.items()
        }
        self._only = self._arrays.get("") if not isinstance(space, spaces.Dict) else None
        self.batch: Observations = self._arrays if self._only is None else self._only

    def put(self, row: int, observation: Any) -> None:
        if self._only is not None:
            self._only[row] = observation
            return
        for key, array in self._arrays.items():
            array[row] = observation[key]


def _aggregate(name: str, metric: MetricConfig, values: list[float] | None, env_id: str) -> float:
    if not values:
        raise BadSpec(f"The metric {name} reads info[{metric.info_key!r}], which {env_id} never reports.")
    match metric.aggregation:
        case "mean":
            return float(np.mean(values))
        case "sum":
            return float(np.sum(values))
        case "max":
            return max(values)
        case "last":
            return values[-1]
