"""SBX's trainings within ours and by hand, in a Python that has the extra `jax`. See `bench.off_policy`.

python -m bench.off_policy_jax CASE

Prints one JSON object: CPU seconds of each round of both, and the steps of a round. JAX compiles anew for
each model, so both models stay, and go on learning in turns after what compiles them.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from stable_baselines3.common.base_class import BaseAlgorithm

from bench.off_policy import CASES, ROUNDS, SEED, Training
from trainer.backends import on_jax

_STEPS = {"DQN CartPole": 6_400, "SAC HalfCheetah": 500, "TD3 HalfCheetah": 500}


def main(name: str) -> None:
    torch.set_num_threads(1)
    on_jax(CASES[name].algo, "cpu")  # sets the threads before JAX is imported
    steps = _STEPS[name]
    with tempfile.TemporaryDirectory() as folder:
        training = Training(name, Path(folder), backend="sbx")
        by_hand = _by_hand(name)
        contenders: list[Callable[[int], Any]] = [
            lambda count: by_hand.learn(count, reset_num_timesteps=False),
            training.go_on,
        ]
        for learn in contenders:
            learn(CASES[name].before_learning + steps)
        seconds = [[_cpu_s(learn, steps) for learn in contenders] for _ in range(ROUNDS)]
        training.close()
    print(json.dumps({"steps": steps, "seconds": seconds}))


def _by_hand(name: str) -> BaseAlgorithm:
    """As SBX's documentation shows it."""
    import sbx  # noqa: PLC0415  # JAX reads its settings when it is imported

    case = CASES[name]
    kind = getattr(sbx, case.algo.upper())
    model: BaseAlgorithm = kind("MlpPolicy", case.env_id, seed=SEED, **case.hyperparams)
    return model


def _cpu_s(learn: Callable[[int], Any], steps: int) -> float:
    began = time.process_time()
    learn(steps)
    return time.process_time() - began


if __name__ == "__main__":
    main(sys.argv[1])
