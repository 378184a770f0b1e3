"""Episodes that a trained policy plays, and datasets of them, in the layout of D4RL."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from trainer.acting import Act, SituatedAct, deterministic
from trainer.algorithms import make_model
from trainer.checkpoints import RANDOM_FILE, REPLAY_FILE, restore, verify
from trainer.config import TrainConfig, read_config, read_spec
from trainer.contract import RESULT_FILE, RunResult
from trainer.envs import Env, training_envs
from trainer.errors import BadSpec
from trainer.offline.library import require

_NOT_NEEDED = frozenset({REPLAY_FILE, RANDOM_FILE})


@dataclass(frozen=True)
class Played:
    """One episode of T steps; `observations` has T + 1 rows."""

    observations: NDArray[Any]
    actions: NDArray[Any]
    rewards: NDArray[np.float64]
    terminated: bool


def policy_of(folder: Path) -> tuple[TrainConfig, Act]:
    """The config of a finished run, and its final policy on the CPU.

    :raises TrainerError: where the run has left no whole checkpoint, or its policy needs more than to see.
    """
    config = read_config(read_spec(folder).config)
    try:
        result = RunResult.model_validate_json((folder / RESULT_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise BadSpec(f"{folder} has no result: only a run that has ended can be recorded.") from error
    if result.checkpoint is None:
        raise BadSpec(f"{result.run} has left no checkpoint.")
    manifest = verify(folder / result.checkpoint, without=_NOT_NEEDED)
    venv, normalization = training_envs(config)
    model = make_model(config, venv, seed=0, device="cpu")
    restore(folder / result.checkpoint, manifest, model, normalization)
    venv.close()
    if normalization is not None:
        normalization.training = False
    act = deterministic(model, normalization)
    if isinstance(act, SituatedAct):
        raise BadSpec(f"{result.run} has a policy with memory or masks; record one that sees alone.")
    return config, act


def play(env: Env, act: Act, *, episodes: int, random_share: float, seed: int) -> list[Played]:
    """Episodes with seeds from `seed` on. `random_share` of the actions are drawn from the action space."""
    generator = np.random.default_rng(seed)
    env.action_space.seed(seed)
    return [_episode(env, act, seed + number, random_share, generator) for number in range(episodes)]


def _episode(env: Env, act: Act, seed: int, random_share: float, generator: np.random.Generator) -> Played:
    observations, actions, rewards = [env.reset(seed=seed)[0]], [], []
    over = terminated = False
    while not over:
        drawn = generator.random() < random_share
        action = env.action_space.sample() if drawn else act(observations[-1][None])[0]
        observation, reward, terminated, truncated, _ = env.step(action)
        actions.append(action)
        observations.append(observation)
        rewards.append(float(reward))
        over = terminated or truncated
    return Played(np.array(observations), np.array(actions), np.array(rewards), terminated)


def write(episodes: Sequence[Played], out: Path) -> None:
    """Whole or not at all."""
    require("Recording", "h5py")
    import h5py  # noqa: PLC0415 - an optional extra

    last = [np.arange(len(one.actions)) == len(one.actions) - 1 for one in episodes]
    columns = {
        "observations": [one.observations[:-1] for one in episodes],
        "next_observations": [one.observations[1:] for one in episodes],
        "actions": [one.actions for one in episodes],
        "rewards": [one.rewards.astype(np.float32) for one in episodes],
        "terminals": [end & one.terminated for end, one in zip(last, episodes, strict=True)],
        "timeouts": [end & (not one.terminated) for end, one in zip(last, episodes, strict=True)],
    }
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with h5py.File(temporary, "w") as file:
            for name, parts in columns.items():
                file.create_dataset(name, data=np.concatenate(parts), compression="gzip")
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
