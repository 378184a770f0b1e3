"""What a process does once, so that trainings that are forked from it begin at once."""

import warnings

from trainer.acting import deterministic
from trainer.algorithms import make_model
from trainer.backends import compile_ahead
from trainer.config import TrainConfig
from trainer.envs import training_envs
from trainer.evaluate import Yardstick
from trainer.train import configure_torch

_STEPS = 64


def warm_up() -> None:
    """Import the trainer, train one tiny PPO, evaluate it, and compile. Leaves no thread behind.

    Compiling takes about 20 s on a new machine, and less than one where the user's cache holds the code.
    """
    config = _config()
    configure_torch(1)
    venv, normalization = training_envs(config)
    yardstick = Yardstick(config.eval)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make_model(config, venv, seed=0, device="cpu")
        model.learn(_STEPS)
        yardstick.play(deterministic(model, normalization), [0], check=lambda: None)
    yardstick.close()
    venv.close()
    compile_ahead()


def _config() -> TrainConfig:
    env = {"id": "CartPole-v1"}
    return TrainConfig.model_validate(
        {
            "algo": "ppo",
            "total_timesteps": _STEPS,
            "env": env,
            "hyperparams": {"n_steps": 32, "batch_size": 32, "n_epochs": 1},
            "eval": {"env": env, "n_eval_episodes": 1},
        }
    )
