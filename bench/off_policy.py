"""Off-policy training, fully instrumented, against stock SB3 and SBX: equal steps and hyperparameters.

python -m bench.run off_policy

CPU seconds, because the machine's other work must not count; one thread; rounds are interleaved and
compared in pairs, because the machine's speed drifts. Ours writes tables, heartbeat and TensorBoard's files,
looks along the way and checks for NaN; stock SB3 and SBX only learn. SBX needs the extra `jax`: in this
Python, or in the one that `BENCH_SBX` names.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import torch
from stable_baselines3 import DDPG, DQN, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from torch.distributions import Distribution

from bench.figure import Figure, figure
from trainer.acting import deterministic
from trainer.algorithms import make_model
from trainer.attempt import Attempt
from trainer.callbacks import RunCallback
from trainer.config import TrainConfig, read_config
from trainer.contract import JsonObject, Phase, RunSpec
from trainer.envs import training_envs
from trainer.evaluate import Yardstick
from trainer.interim import InterimLooks
from trainer.lossless import leave_out_unused_gradients, switch_modes_only_where_they_differ
from trainer.recording import Recorder
from trainer.train import configure_torch

ROUNDS = 5
GOAL = 1.15
JAX_GOAL = 1.0
SEED = 3
# Tables and looks are for a whole run; these are its first steps.
WHOLE_RUN = 100_000


@dataclass(frozen=True)
class Case:
    """What is trained, and for how many steps a round; learning begins after `before_learning`."""

    stock: type[BaseAlgorithm]
    env_id: str
    steps: int
    hyperparams: dict[str, Any]
    before_learning: int = 100

    @property
    def algo(self) -> str:
        return self.stock.__name__.lower()


# rl-zoo's for DQN on CartPole; SB3's defaults on HalfCheetah.
_ZOO_DQN: dict[str, Any] = {
    "learning_rate": 2.3e-3,
    "batch_size": 64,
    "buffer_size": 100_000,
    "learning_starts": 1_000,
    "gamma": 0.99,
    "target_update_interval": 10,
    "train_freq": 256,
    "gradient_steps": 128,
    "exploration_fraction": 0.16,
    "exploration_final_eps": 0.04,
    "policy_kwargs": {"net_arch": [256, 256]},
}
CASES = {
    "DQN CartPole": Case(DQN, "CartPole-v1", 6_000, _ZOO_DQN, before_learning=1_000),
    "SAC HalfCheetah": Case(SAC, "HalfCheetah-v5", 700, {"learning_starts": 100}),
    "TD3 HalfCheetah": Case(TD3, "HalfCheetah-v5", 700, {"learning_starts": 100}),
    "DDPG HalfCheetah": Case(DDPG, "HalfCheetah-v5", 500, {"learning_starts": 100}),
}
_JAX = ("DQN CartPole", "SAC HalfCheetah", "TD3 HalfCheetah")


class Training:
    """A training of ours with all around it, step by step; `backend` as in the config."""

    def __init__(self, name: str, folder: Path, *, backend: str = "auto") -> None:
        configure_torch(1)
        config = _config(name, backend)
        spec = RunSpec(
            experiment="E-1",
            run="E-1/s1",
            attempt=1,
            seed_index=1,
            seed=SEED,
            config=config.model_dump(mode="json", by_alias=True),
            spec_hash="0" * 64,
        )
        attempt = Attempt(spec, config, folder, time.monotonic())
        self._yardstick = Yardstick(config.eval)
        self._venv, normalization = training_envs(config)
        self._model = make_model(config, self._venv, seed=SEED, device="cpu")
        leave_out_unused_gradients(self._model)
        switch_modes_only_where_they_differ(self._model)
        self._recorder = Recorder(attempt, earlier=None)
        act = deterministic(self._model, normalization)
        looks = InterimLooks(attempt, self._yardstick, act, self._recorder)
        self._callback = RunCallback(attempt, self._recorder, looks=looks, meter=None, save=lambda: None)
        attempt.enter(Phase.TRAINING)

    def go_on(self, steps: int) -> None:
        self._model.learn(steps, self._callback, log_interval=None, reset_num_timesteps=False)  # type: ignore[arg-type]  # None turns SB3's own log off

    def close(self) -> None:
        self._recorder.close()
        self._yardstick.close()
        self._venv.close()


def figures() -> Iterator[Figure]:
    for name in CASES:
        yield _against_stock(name)
    for name in _JAX:
        yield _against_sbx(name)


def _against_stock(name: str) -> Figure:
    _stock_s(name), _ours_s(name)  # warm up
    pairs = [(_stock_s(name), _ours_s(name)) for _ in range(ROUNDS)]
    return _figure(f"{name}, instrumented", "stock SB3", pairs, CASES[name].steps, GOAL)


def _against_sbx(name: str) -> Figure:
    title = f"{name}, instrumented, backend sbx"
    python = sys.executable if find_spec("jax") else os.environ.get("BENCH_SBX", "")
    goal = _goal(JAX_GOAL)
    if not python:
        absent = "not measured: no Python with the extra jax"
        return figure(title, 0.0, "steps/CPU-s", against=absent, goal=goal)
    command = [python, "-W", "ignore", "-m", "bench.off_policy_jax", name]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:]
        return figure(title, 0.0, "steps/CPU-s", against=f"it failed: {last}", goal=goal, holds=False)
    measured = json.loads(ended.stdout.splitlines()[-1])
    return _figure(title, "SBX by hand", measured["seconds"], measured["steps"], JAX_GOAL)


def _figure(title: str, against: str, pairs: list[Any], steps: int, goal: float) -> Figure:
    ratio = median(theirs / ours for theirs, ours in pairs)
    return figure(
        title,
        round(steps / median(ours for _, ours in pairs)),
        "steps/CPU-s",
        against=against,
        ratio=round(ratio, 3),
        goal=_goal(goal),
        holds=ratio >= goal,
    )


def _goal(times: float) -> str:
    return f"at least {times:g} x"


def _stock_s(name: str) -> float:
    """As SB3's documentation shows it, with one thread."""
    case = CASES[name]
    torch.set_num_threads(1)
    Distribution.set_default_validate_args(value=True)
    model = case.stock("MlpPolicy", case.env_id, seed=SEED, device="cpu", **case.hyperparams)
    began = time.process_time()
    model.learn(case.steps)
    return time.process_time() - began


def _ours_s(name: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        training = Training(name, Path(folder))
        began = time.process_time()
        training.go_on(CASES[name].steps)
        spent = time.process_time() - began
        training.close()
    return spent


def _config(name: str, backend: str) -> TrainConfig:
    case = CASES[name]
    env: JsonObject = {"id": case.env_id}
    hyperparams = dict(case.hyperparams)
    return read_config(
        {
            "algo": case.algo,
            "total_timesteps": WHOLE_RUN,
            "backend": backend,
            "env": env,
            "hyperparams": hyperparams,
            "eval": {"env": env, "n_eval_episodes": 1},
        }
    )
