"""Configs and attempts for tests: small nets, few steps."""

import copy
import time
from pathlib import Path
from typing import Any

from trainer.attempt import Attempt
from trainer.config import read_config
from trainer.contract import RunSpec

TINY = {"policy_kwargs": {"net_arch": [8]}}
ON_POLICY: dict[str, Any] = {"n_steps": 16, **TINY}
OFF_POLICY: dict[str, Any] = {"learning_starts": 50, "buffer_size": 500, "batch_size": 16, **TINY}
HYPERPARAMS: dict[str, dict[str, Any]] = {
    "ppo": {**ON_POLICY, "batch_size": 16, "n_epochs": 2},
    "a2c": ON_POLICY,
    "dqn": {**OFF_POLICY, "target_update_interval": 20},
    "sac": OFF_POLICY,
    "td3": {**OFF_POLICY, "action_noise": {"kind": "normal", "sigma": 0.1}},
    "ddpg": {**OFF_POLICY, "action_noise": {"kind": "ornstein-uhlenbeck", "sigma": 0.2}},
    "qrdqn": {
        **OFF_POLICY,
        "target_update_interval": 20,
        "policy_kwargs": {"net_arch": [8], "n_quantiles": 5},
    },
    "tqc": {**OFF_POLICY, "policy_kwargs": {"net_arch": [8], "n_quantiles": 5}},
    "crossq": {**OFF_POLICY, "policy_kwargs": {"net_arch": [8]}},
    "trpo": {**ON_POLICY, "batch_size": 16, "n_critic_updates": 2},
    "ars": {"n_delta": 2, "policy_kwargs": {"net_arch": [4]}},
    "recurrent_ppo": {
        "n_steps": 16,
        "batch_size": 16,
        "n_epochs": 1,
        "policy_kwargs": {"net_arch": [8], "lstm_hidden_size": 4},
    },
    "maskable_ppo": {**ON_POLICY, "batch_size": 16, "n_epochs": 2},
}
ENVIRONMENTS = {
    "ppo": "CartPole-v1",
    "a2c": "CartPole-v1",
    "dqn": "CartPole-v1",
    "sac": "Pendulum-v1",
    "td3": "Pendulum-v1",
    "ddpg": "Pendulum-v1",
    "qrdqn": "CartPole-v1",
    "tqc": "Pendulum-v1",
    "crossq": "Pendulum-v1",
    "trpo": "CartPole-v1",
    "ars": "CartPole-v1",
    "recurrent_ppo": "CartPole-v1",
    "maskable_ppo": "Taxi-v4",
}
POLICIES = {"recurrent_ppo": "MlpLstmPolicy"}
# Episodes that end within a tiny training, also where the policy cannot fail any more.
_SHORT = {"name": "time_limit", "kwargs": {"max_episode_steps": 50}}
WRAPPERS: dict[str, list[dict[str, Any]]] = {
    "qrdqn": [_SHORT],
    "maskable_ppo": [
        {"name": "action_mask_from_info", "kwargs": {}},
        {"name": "time_limit", "kwargs": {"max_episode_steps": 30}},
    ],
}


def config(algo: str = "ppo", **changes: Any) -> dict[str, Any]:
    """A resolved config of a few hundred steps; `changes` replace top-level keys."""
    env = {"id": ENVIRONMENTS[algo], "kwargs": {}, "wrappers": WRAPPERS.get(algo, [])}
    whole: dict[str, Any] = {
        "algo": algo,
        "policy": POLICIES.get(algo, "MlpPolicy"),
        "total_timesteps": 300,
        "n_envs": 1,
        "env": {**env, "normalize": None},
        "hyperparams": HYPERPARAMS[algo],
        "reward": {"action_change_penalty": 0.0},
        "eval": {"env": env, "n_eval_episodes": 3, "interim": {"points": 2, "episodes": 2}},
    }
    return copy.deepcopy({**whole, **changes})


def spec(document: dict[str, Any], **changes: Any) -> RunSpec:
    fields: dict[str, Any] = {
        "experiment": "E-1",
        "run": "E-1/s1",
        "attempt": 1,
        "seed_index": 1,
        "seed": 1,
        "config": document,
        "spec_hash": "0" * 64,
    }
    return RunSpec.model_validate({**fields, **changes})


def attempt(folder: Path, document: dict[str, Any], **changes: Any) -> Attempt:
    folder.mkdir(parents=True, exist_ok=True)
    return Attempt(spec(document, **changes), read_config(document), folder, time.monotonic())
