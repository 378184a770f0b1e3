"""Off-policy training against stock SB3: CPU seconds for equal steps and hyperparameters, one thread.

python -m bench.run off_policy

Ours is instrumented (tables, heartbeat, TensorBoard, checks for NaN); stock SB3 only learns. Rounds are
interleaved and paired, because the machine's speed drifts.
"""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
from stable_baselines3 import DQN, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from torch.distributions import Distribution

from bench.figure import Figure, figure
from trainer.algorithms import make_model
from trainer.attempt import Attempt
from trainer.callbacks import RunCallback
from trainer.config import TrainConfig, read_config
from trainer.contract import JsonObject, RunSpec
from trainer.envs import training_envs
from trainer.lossless import leave_out_unused_gradients, switch_modes_only_where_they_differ
from trainer.recording import Recorder
from trainer.train import configure_torch

ROUNDS = 5
GOAL = 1.15
SEED = 3
# Tables have about a thousand rows in a whole run; these are its first steps.
WHOLE_RUN = 100_000

# rl-zoo's for DQN on CartPole; SB3's defaults on HalfCheetah.
CASES: dict[str, tuple[type[BaseAlgorithm], str, int, dict[str, Any]]] = {
    "DQN CartPole": (
        DQN,
        "CartPole-v1",
        8_000,
        {
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
        },
    ),
    "SAC HalfCheetah": (SAC, "HalfCheetah-v5", 1_100, {"learning_starts": 100}),
    "TD3 HalfCheetah": (TD3, "HalfCheetah-v5", 1_600, {"learning_starts": 100}),
}


def figures() -> list[Figure]:
    return [_figure(name) for name in CASES]


def _figure(name: str) -> Figure:
    _stock_s(name), _ours_s(name)  # warm up
    pairs = [(_stock_s(name), _ours_s(name)) for _ in range(ROUNDS)]
    ratio = median(stock / ours for stock, ours in pairs)
    steps = CASES[name][2] / median(ours for _, ours in pairs)
    return figure(
        f"{name}, instrumented",
        round(steps),
        "steps/CPU-s",
        against="stock SB3",
        ratio=round(ratio, 3),
        goal=f"at least {GOAL:g} x",
        holds=ratio >= GOAL,
    )


def _stock_s(name: str) -> float:
    """As SB3's documentation shows it, with one thread."""
    kind, env_id, steps, hyperparams = CASES[name]
    torch.set_num_threads(1)
    Distribution.set_default_validate_args(value=True)
    model = kind("MlpPolicy", env_id, seed=SEED, device="cpu", **hyperparams)
    began = time.process_time()
    model.learn(steps)
    return time.process_time() - began


def _ours_s(name: str) -> float:
    config = _config(name)
    configure_torch(1)
    with tempfile.TemporaryDirectory() as folder:
        spec = RunSpec(
            experiment="E-1",
            run="E-1/s1",
            attempt=1,
            seed_index=1,
            seed=SEED,
            config=config.model_dump(mode="json", by_alias=True),
            spec_hash="0" * 64,
        )
        attempt = Attempt(spec, config, Path(folder), time.monotonic())
        venv, _ = training_envs(config)
        model = make_model(config, venv, seed=SEED, device="cpu")
        leave_out_unused_gradients(model)
        switch_modes_only_where_they_differ(model)
        recorder = Recorder(attempt, earlier=None)
        callback = RunCallback(attempt, recorder, looks=None, meter=None, save=lambda: None)
        began = time.process_time()
        model.learn(CASES[name][2], callback, log_interval=None)  # type: ignore[arg-type]  # None turns SB3's own log off
        spent = time.process_time() - began
        recorder.close()
        venv.close()
    return spent


def _config(name: str) -> TrainConfig:
    kind, env_id, _, hyperparams = CASES[name]
    env: JsonObject = {"id": env_id}
    return read_config(
        {
            "algo": kind.__name__.lower(),
            "total_timesteps": WHOLE_RUN,
            "env": env,
            "hyperparams": hyperparams,
            "eval": {"env": env, "n_eval_episodes": 1},
        }
    )
