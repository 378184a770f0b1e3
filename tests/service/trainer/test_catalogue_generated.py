"""Holds the shipped catalogue and the baselines against the installed packages and the trainer."""

import inspect
import subprocess
import sys
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

pytest.importorskip("stable_baselines3", reason="the trainer extra is not installed")

from stable_baselines3.common.vec_env import DummyVecEnv

from db.config.resolve import delta_at, merge
from trainer.algorithms import KINDS, make_model
from trainer.catalogue import Preset, load_catalogue, load_presets
from trainer.catalogue_rules import SKIPPED_PARAMETERS
from trainer.config import read_config
from trainer.contract import JsonObject
from trainer.envs import training_envs
from trainer.hyperparameters import HINDSIGHT_KEYS
from trainer.policy_arguments import ACTIVATIONS
from trainer.wrappers import WRAPPERS

pytestmark = pytest.mark.service
CATALOGUE = load_catalogue()
PRESETS = {preset.name: preset for preset in load_presets()}


def build(config: JsonObject) -> None:
    typed = read_config(config)
    venv, _ = training_envs(typed)
    try:
        make_model(typed, venv, seed=0, device="cpu")
    finally:
        venv.close()


@pytest.mark.timeout(600)  # it makes hundreds of environments
def test_the_shipped_catalogue_is_what_the_installed_packages_say() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "trainer.generate", "--check"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_trainer_accepts_every_baseline(preset: Preset) -> None:
    build(preset.config)


# Without these an algorithm could not be made in the environment of the test.
NEEDED: dict[str, JsonObject] = {
    "maskable_ppo": {
        "env": {"id": "Taxi-v4", "wrappers": [{"name": "action_mask_from_info"}]},
        "eval": {"env": {"id": "Taxi-v4"}},
    },
    "recurrent_ppo": {"policy": "MlpLstmPolicy"},
}


def _parent(name: str) -> JsonObject:
    continuous = "Box" in CATALOGUE.algorithms[name].action_spaces
    preset = PRESETS["ppo-pendulum" if continuous else "ppo-cartpole"]
    return merge(preset.config, {"algo": name, "hyperparams": None, **NEEDED.get(name, {})})


@pytest.mark.parametrize("name", KINDS)
def test_the_trainer_accepts_every_parameter_at_its_default(name: str) -> None:
    config = _parent(name)
    for parameter in CATALOGUE.algorithms[name].parameters.values():
        if parameter.name in HINDSIGHT_KEYS:
            continue  # they need an environment with goals
        value = 1_000 if parameter.name == "buffer_size" else parameter.default
        config = merge(config, delta_at(tuple(parameter.path.split(".")), value))
    build(merge(config, {"n_envs": 2}))


@pytest.mark.parametrize("name", KINDS)
def test_every_argument_of_every_constructor_can_be_set(name: str) -> None:
    """Other than the few that the trainer decides: see `SKIPPED_PARAMETERS`."""
    listed = {parameter.path.split(".")[1] for parameter in CATALOGUE.algorithms[name].parameters.values()}
    arguments = set(inspect.signature(KINDS[name].model.__init__).parameters) - set(SKIPPED_PARAMETERS)
    assert listed - {"policy_kwargs", "replay_buffer"} == arguments


@pytest.mark.parametrize("name", KINDS)
def test_an_algorithm_acts_where_the_catalogue_says_so_and_nowhere_else(name: str) -> None:
    kind = KINDS[name]
    policy = next(iter(kind.model.policy_aliases))
    for space_name, space in SPACES.items():
        venv = DummyVecEnv([lambda space=space: Still(space)])  # type: ignore[misc]  # one of the spaces
        make: Any = kind.model
        if space_name in kind.actions:
            make(policy, venv, _init_setup_model=False)
        else:
            with pytest.raises(AssertionError):
                make(policy, venv, _init_setup_model=False)


class Still(gym.Env[Any, Any]):
    """The smallest environment with a given action space, to ask an algorithm whether it takes it."""

    observation_space = spaces.Box(-1.0, 1.0, (1,), np.float32)

    def __init__(self, action_space: spaces.Space[Any]) -> None:
        self.action_space = action_space


SPACES: dict[str, spaces.Space[Any]] = {
    "Box": spaces.Box(-1.0, 1.0, (1,), np.float32),
    "Discrete": spaces.Discrete(2),
    "MultiDiscrete": spaces.MultiDiscrete([2, 2]),
    "MultiBinary": spaces.MultiBinary(2),
}


def test_the_trainer_knows_every_wrapper_and_activation() -> None:
    assert set(CATALOGUE.wrappers) <= set(WRAPPERS)
    assert set(CATALOGUE.algorithms["ppo"].parameters["activation_fn"].choices) == set(ACTIVATIONS)
