"""A curriculum: stages of the training environment, each left when its condition is met.

While a stage lasts, its `env` overrides that of the config; after the last one the config's own
environment holds, so that training ends in what was asked for.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn

from trainer.config import EnvConfig, StageConfig, TrainConfig
from trainer.contract import CurriculumEnd, JsonObject
from trainer.errors import SpaceMismatch
from trainer.spaces import spaces_text

log = logging.getLogger(__name__)

Env = gym.Env[Any, Any]
Build = Callable[[EnvConfig], Env]
_SEEDS = 2**31
_SUCCESS_KEYS = ("is_success", "success")


def stages_of(config: TrainConfig) -> tuple[EnvConfig, ...]:
    """The environment of each stage; the last one is the config's own."""
    own = config.env.model_dump(mode="json")
    staged = [
        EnvConfig.model_validate({**own, **stage.env.model_dump(mode="json", exclude_unset=True)})
        for stage in config.curriculum
    ]
    return (*staged, config.env)


def check_stages(stages: Sequence[EnvConfig], build: Build) -> None:
    """Refuse a stage whose environment another policy would be needed for.

    :raises SpaceMismatch: naming the stage, counted from 1.
    """
    last = build(stages[-1])
    for number, stage in enumerate(stages[:-1], start=1):
        env = build(stage)
        for kind, ours, theirs in (
            ("observations", env.observation_space, last.observation_space),
            ("actions", env.action_space, last.action_space),
        ):
            if ours.shape != theirs.shape or ours.dtype != theirs.dtype or type(ours) is not type(theirs):
                raise SpaceMismatch(
                    f"Stage {number} of the curriculum has {kind} {spaces_text(ours)}, the training "
                    f"environment has {spaces_text(theirs)}: give all stages the same."
                )
        env.close()
    last.close()


class Staged(gym.Wrapper[Any, Any, Any, Any]):
    """One environment that becomes another at the first reset after `enter_stage`."""

    def __init__(self, stages: Sequence[EnvConfig], build: Build) -> None:
        super().__init__(build(stages[0]))
        self._stages, self._build = stages, build
        self._stage = self._wanted = 0
        self._random = np.random.default_rng()

    def enter_stage(self, stage: int) -> None:
        """Take effect at the next reset."""
        self._wanted = stage

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        if seed is not None:
            self._random = np.random.default_rng([seed, len(self._stages)])
        if self._wanted != self._stage:
            self.env.close()
            self.env = self._build(self._stages[self._wanted])
            self._stage = self._wanted
            seed = int(self._random.integers(_SEEDS)) if seed is None else seed
        return self.env.reset(seed=seed, options=options)


class Curriculum(VecEnvWrapper):
    """Watches steps and episodes, and leads all environments to the next stage.

    Steps count from the beginning of the training, over all environments. An episode counts for the
    stage in which it ended; those that began in the stage before are few and count too.
    """

    def __init__(self, venv: VecEnv, conditions: Sequence[StageConfig], first_step: int = 0) -> None:
        super().__init__(venv)
        self._conditions = conditions
        self._steps = first_step
        self.stage = 0
        self._entered_at: list[int] = []
        self._returns: deque[float] = deque()
        self._successes: deque[bool] = deque()

    def reset(self) -> VecEnvObs:
        return self.venv.reset()

    def step_wait(self) -> VecEnvStepReturn:
        observations, rewards, dones, infos = self.venv.step_wait()
        self._steps += self.num_envs
        if self.stage < len(self._conditions):
            if dones.any():
                self._note(infos)
            if self._is_over(self._conditions[self.stage]):
                self._entered_at.append(self._steps)
                self._enter(self.stage + 1)
        return observations, rewards, dones, infos

    def state(self) -> JsonObject:
        """What a checkpoint keeps."""
        return {
            "stage": self.stage,
            "entered_at": list(self._entered_at),
            "returns": list(self._returns),
            "successes": list(self._successes),
        }

    def restore(self, state: JsonObject, steps: int) -> None:
        """Go on at a checkpoint that was written after `steps`."""
        self._steps = steps
        self._enter(int(state["stage"]))  # type: ignore[arg-type]  # written by `state`
        self._entered_at.extend(state.get("entered_at", []))  # type: ignore[arg-type]  # written by `state`
        self._returns.extend(state["returns"])  # type: ignore[arg-type]  # written by `state`
        self._successes.extend(state["successes"])  # type: ignore[arg-type]  # written by `state`

    def end(self) -> CurriculumEnd:
        """How far it has come."""
        stages = len(self._conditions) + 1
        return CurriculumEnd(stage=self.stage + 1, stages=stages, entered_at=tuple(self._entered_at))

    def _note(self, infos: Sequence[dict[str, Any]]) -> None:
        window = self._conditions[self.stage].until.episodes
        for info in infos:
            if (episode := info.get("episode")) is None:
                continue
            self._returns.append(float(episode["r"]))
            success = next((bool(info[key]) for key in _SUCCESS_KEYS if key in info), False)
            self._successes.append(success)
        while len(self._returns) > window:
            self._returns.popleft()
            self._successes.popleft()

    def _is_over(self, stage: StageConfig) -> bool:
        until = stage.until
        if until.timesteps is not None and self._steps >= until.timesteps:
            return True
        if len(self._returns) < until.episodes:
            return False
        reached = until.return_at_least is not None and np.mean(self._returns) >= until.return_at_least
        able = until.success_at_least is not None and np.mean(self._successes) >= until.success_at_least
        return bool(reached or able)

    def _enter(self, stage: int) -> None:
        self.stage = stage
        self._returns.clear()
        self._successes.clear()
        self.venv.env_method("enter_stage", stage)
        log.info("stage %d of %d from step %s", stage + 1, len(self._conditions) + 1, f"{self._steps:,}")
