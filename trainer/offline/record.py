"""`python -m trainer.offline.record RUN_FOLDER OUT.hdf5`: a dataset of what a run's final policy does.

It plays in the yardstick's environment; a share of its actions is random, so that others are seen as
well. The same arguments give the same bytes. The layout is D4RL's.
"""

import argparse
import os
import sys
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
from trainer.dataset_files import dataset_sha256
from trainer.envs import Env, make_env, training_envs
from trainer.errors import BadSpec, TrainerError
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


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m trainer.offline.record", description="Record what a run's final policy does."
    )
    parser.add_argument("run_folder", type=Path)
    parser.add_argument("out", type=Path, help="the HDF5 file to write")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--random", type=float, default=0.2, help="the share of random actions (default 0.2)")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    if asked.episodes < 1 or not 0 <= asked.random <= 1:
        parser.error("--episodes must be at least 1, and --random from 0 to 1")
    try:
        config, act = policy_of(asked.run_folder.absolute())
        env = make_env(config.eval.env)
        found = play(env, act, episodes=asked.episodes, random_share=asked.random, seed=asked.seed)
        env.close()
        write(found, asked.out)
    except TrainerError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    steps, returns = sum(len(one.actions) for one in found), [float(one.rewards.sum()) for one in found]
    sys.stdout.write(
        f"{asked.out}: {steps:,} steps of {len(found):,} episodes, mean return {np.mean(returns):,.6g}, "
        f"sha256 {dataset_sha256(asked.out)}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
