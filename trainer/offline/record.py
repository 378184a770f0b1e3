"""`python -m trainer.offline.record RUN_FOLDER OUT.hdf5`: a dataset of what a run's final policy does.

It plays in the yardstick's environment; a share of its actions is random, so that others are seen as
well. The same arguments give the same bytes. The layout is D4RL's.
"""

import argparse
import sys
from pathlib import Path

from trainer.dataset_files import dataset_sha256
from trainer.errors import TrainerError
from trainer.offline.library import without_gym


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
        said = _record(asked)
    except TrainerError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    sys.stdout.write(f"{asked.out}: {said}, sha256 {dataset_sha256(asked.out)}\n")
    return 0


def _record(asked: argparse.Namespace) -> str:
    with without_gym():  # heavy, too: the arguments are looked at first
        from trainer.envs import make_env  # noqa: PLC0415
        from trainer.offline.playing import play, policy_of, write  # noqa: PLC0415

    config, act = policy_of(asked.run_folder.absolute())
    env = make_env(config.eval.env)
    found = play(env, act, episodes=asked.episodes, random_share=asked.random, seed=asked.seed)
    env.close()
    write(found, asked.out)
    steps, total = sum(len(one.actions) for one in found), sum(float(one.rewards.sum()) for one in found)
    return f"{steps:,} steps of {len(found):,} episodes, mean return {total / len(found):,.6g}"


if __name__ == "__main__":
    sys.exit(main())
