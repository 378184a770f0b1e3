"""Holds the shipped catalogue and the baselines against the installed packages and the trainer."""

import subprocess
import sys

import pytest

pytest.importorskip("stable_baselines3", reason="the trainer extra is not installed")

from db.config.resolve import delta_at, merge
from trainer.algorithms import ACTIVATIONS, make_model
from trainer.catalogue import Preset, load_catalogue, load_presets
from trainer.config import read_config
from trainer.contract import JsonObject
from trainer.envs import WRAPPERS, training_envs

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


def test_the_shipped_catalogue_is_what_the_installed_packages_say() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "trainer.generate", "--check"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_trainer_accepts_every_baseline(preset: Preset) -> None:
    build(preset.config)


@pytest.mark.parametrize("name", CATALOGUE.algorithms)
def test_the_trainer_accepts_every_parameter_at_its_default(name: str) -> None:
    config = merge(
        PRESETS["ppo-pendulum" if name != "dqn" else "ppo-cartpole"].config,
        {"algo": name, "hyperparams": None},
    )
    for parameter in CATALOGUE.algorithms[name].parameters.values():
        value = 1_000 if parameter.name == "buffer_size" else parameter.default
        config = merge(config, delta_at(tuple(parameter.path.split(".")), value))
    build(merge(config, {"n_envs": 2}))


def test_the_trainer_knows_every_wrapper_and_activation() -> None:
    assert set(CATALOGUE.wrappers) <= set(WRAPPERS)
    assert set(CATALOGUE.algorithms["ppo"].parameters["activation_fn"].choices) == set(ACTIVATIONS)
