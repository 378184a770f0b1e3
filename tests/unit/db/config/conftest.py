import pytest

from db.config.resolve import Resolved, Step, resolve
from trainer.catalogue import Catalogue, Preset, load_catalogue, load_presets


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def presets() -> dict[str, Preset]:
    return {preset.name: preset for preset in load_presets()}


@pytest.fixture(scope="session")
def cartpole(presets: dict[str, Preset]) -> Resolved:
    return resolve([Step("E-3", presets["ppo-cartpole"].config)])


@pytest.fixture(scope="session")
def pendulum(presets: dict[str, Preset]) -> Resolved:
    return resolve([Step("E-5", presets["sac-pendulum"].config)])


@pytest.fixture(scope="session")
def cheetah(presets: dict[str, Preset]) -> Resolved:
    return resolve([Step("E-7", presets["ppo-halfcheetah"].config)])
