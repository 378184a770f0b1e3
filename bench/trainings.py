"""Trainings to race. Each contender trains once and answers the CPU seconds that its learning took."""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from torch.distributions import Distribution

from trainer.acting import deterministic
from trainer.algorithms import make_model
from trainer.attempt import Attempt
from trainer.callbacks import RunCallback
from trainer.catalogue import load_presets
from trainer.config import TrainConfig, read_config
from trainer.contract import Phase, RunSpec
from trainer.envs import make_env, training_envs
from trainer.evaluate import Yardstick
from trainer.fast.vector import vector_env
from trainer.hyperparameters import hyperparameters
from trainer.interim import InterimLooks
from trainer.recording import Recorder
from trainer.train import configure_torch

Contender = Callable[[int], float]


@dataclass(frozen=True)
class Task:
    """What is trained: a resolved config, which says for how many steps."""

    config: dict[str, Any]

    @property
    def typed(self) -> TrainConfig:
        return read_config(self.config)

    @property
    def steps(self) -> int:
        return self.typed.total_timesteps


def preset(name: str, steps: int) -> Task:
    """A baseline's config, shortened."""
    config = next(known.config for known in load_presets() if known.name == name)
    return Task({**config, "total_timesteps": steps})


def defaults(env_id: str, steps: int) -> Task:
    """PPO with SB3's own defaults, one environment."""
    env = {"id": env_id, "kwargs": {}, "wrappers": []}
    return Task(
        {"algo": "ppo", "total_timesteps": steps, "env": env, "eval": {"env": env, "n_eval_episodes": 1}}
    )


def stock(task: Task) -> Contender:
    """SB3 as people write it, on one thread."""

    def train(seed: int) -> float:
        torch.set_num_threads(1)
        Distribution.set_default_validate_args(True)
        config = task.typed
        venv = make_vec_env(config.env.id, config.n_envs)
        arguments = hyperparameters("PPO", PPO, config, venv.action_space)
        model = PPO(config.policy, venv, seed=seed, device="cpu", **arguments)
        return _seconds(lambda: model.learn(task.steps))

    return train


def instrumented(task: Task, *, looks: bool = True) -> Contender:
    """Our trainer's learning with all that it writes, guards and, unless `looks` is off, evaluates."""

    def train(seed: int) -> float:
        with tempfile.TemporaryDirectory() as name:
            attempt = _attempt(task, Path(name), seed)
            configure_torch(1)
            yardstick = Yardstick(attempt.config.eval)
            venv, normalization = training_envs(attempt.config)
            model = make_model(attempt.config, venv, seed=seed, device="cpu")
            recorder = Recorder(attempt, earlier=None)
            act = deterministic(model, normalization)
            looking = InterimLooks(attempt, yardstick, act, recorder) if looks else None
            callback = RunCallback(attempt, recorder, looks=looking, meter=None, save=lambda: None)
            attempt.enter(Phase.TRAINING)
            seconds = _seconds(lambda: model.learn(task.steps, callback, log_interval=None))  # type: ignore[arg-type]  # turns SB3's log off
            recorder.close()
            yardstick.close()
            venv.close()
        return seconds

    return train


def bare(task: Task) -> Contender:
    """Our learning with nothing around it: no monitor, guard, callback, record or look."""

    def train(seed: int) -> float:
        configure_torch(1)
        config = task.typed
        venv = vector_env([lambda: make_env(config.env)] * config.n_envs)
        model = make_model(config, venv, seed=seed, device="cpu")
        return _seconds(lambda: model.learn(task.steps, log_interval=None))  # type: ignore[arg-type]  # as above

    return train


def race(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each contender in each round; they take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for round_number in range(rounds):
        for name, train in contenders.items():
            seconds[name].append(train(round_number))
    return seconds


def ratio(slow: list[float], fast: list[float]) -> float:
    """How many times faster: the median over rounds."""
    return statistics.median(a / b for a, b in zip(slow, fast, strict=True))


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def _attempt(task: Task, folder: Path, seed: int) -> Attempt:
    spec = RunSpec(
        experiment="E-1",
        run="E-1/s1",
        attempt=1,
        seed_index=1,
        seed=seed,
        config=task.config,
        spec_hash="0" * 64,
    )
    return Attempt(spec, task.typed, folder, time.monotonic())
