import sys
from collections.abc import Iterator
from importlib import metadata

import gymnasium as gym
import pytest

from tests.unit.trainer.configs import config
from tests.unit.trainer.conftest import Install
from trainer import packages
from trainer.config import EnvConfig, read_config
from trainer.contract import JsonObject
from trainer.envs import make_env, step_limit, training_envs
from trainer.errors import BadSpec, MissingPackage


@pytest.mark.parametrize(
    ("env_id", "package"),
    [
        ("MiniGrid-DoorKey-5x5-v0", "minigrid"),
        ("BabyAI-GoToRedBall-v0", "minigrid"),
        ("ALE/Pong-v5", "ale-py"),
        ("PongNoFrameskip-v4", "ale-py"),
        ("parking-v0", "highway-env"),
        ("FetchReach-v4", "gymnasium-robotics"),
        ("HandReach-v2", "gymnasium-robotics"),
    ],
)
def test_an_id_tells_its_package(env_id: str, package: str) -> None:
    assert [family.package for family in packages.FAMILIES if family.ids.fullmatch(env_id)] == [package]


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Ant-v5", "SignoffTest/Counter-v0"])
def test_other_ids_belong_to_no_family(env_id: str) -> None:
    assert not [family for family in packages.FAMILIES if family.ids.fullmatch(env_id)]


def test_a_missing_package_is_named_with_what_installs_it() -> None:
    if "gymnasium-robotics" in packages_installed():
        pytest.skip("gymnasium-robotics is installed")
    with pytest.raises(MissingPackage) as refused:
        make_env(EnvConfig(id="FetchReach-v4"))
    assert str(refused.value).startswith(
        "FetchReach-v4 needs the package gymnasium-robotics, which is not installed here: pip install"
    )


def test_what_an_environment_computes_with_is_named() -> None:
    error = gym.error.DependencyNotInstalled("Box2D is not installed, run `pip install ...`")
    said = str(packages.missing_import("LunarLander-v3", error))
    assert said == (
        "LunarLander-v3 needs the package Box2D, which is not installed here: pip install 'signoff[trainer]'."
    )


def test_a_teams_package_registers_by_its_entry_point(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tmp_path)
    info = f"{folder}/team_envs-1.0.dist-info"
    _write(f"{info}/METADATA", "Metadata-Version: 2.1\nName: team-envs\nVersion: 1.0\n")
    _write(f"{info}/entry_points.txt", "[signoff.environments]\nteam = team_envs:register\n")
    _write(
        f"{folder}/team_envs.py",
        "import gymnasium\n"
        "def register():\n"
        "    if 'Team/Drone-v0' not in gymnasium.registry:\n"
        "        point = 'gymnasium.envs.classic_control:PendulumEnv'\n"
        "        gymnasium.register('Team/Drone-v0', entry_point=point)\n",
    )
    monkeypatch.syspath_prepend(folder)
    try:
        assert make_env(EnvConfig(id="Team/Drone-v0")).action_space.shape == (1,)
    finally:
        gym.registry.pop("Team/Drone-v0", None)
        sys.modules.pop("team_envs", None)


def test_an_unknown_id_is_no_missing_package() -> None:
    with pytest.raises(BadSpec, match="CartPol-v1 cannot be made") as refused:
        make_env(EnvConfig(id="CartPol-v1"))
    assert not isinstance(refused.value, MissingPackage)


def test_settings_that_would_import_code_are_refused() -> None:
    config = {"other_vehicles_type": "os.system"}
    with pytest.raises(BadSpec, match=r"config\.other_vehicles_type must be a number, true or false"):
        make_env(EnvConfig(id="CartPole-v1", kwargs={"config": config}))


def packages_installed() -> set[str]:
    return {str(distribution.metadata["Name"]) for distribution in metadata.distributions()}


def _write(path: str, text: str) -> None:
    from pathlib import Path  # noqa: PLC0415  # one helper

    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(text)


MODULE = """
import gymnasium
from gymnasium.envs.classic_control import CartPoleEnv

gymnasium.register("Arm-v0", entry_point=CartPoleEnv, max_episode_steps=5)
"""


@pytest.fixture
def allowed() -> Iterator[None]:
    yield
    packages.allow(())


def test_an_id_that_would_import_a_module_is_refused_unless_it_is_allowed(
    install: Install, allowed: None
) -> None:
    install(MODULE, "")
    wanted = EnvConfig(id="team:Arm-v0")
    for patterns in ((), ("Arm-*",), ("other:Arm-*",), ("team:Leg-*",), ("*",)):
        packages.allow(patterns)
        with pytest.raises(BadSpec, match="team:Arm-v0 would import code, and SIGNOFF_ENVIRONMENTS does not"):
            make_env(wanted)
    packages.allow(("team:Arm-*",))
    assert step_limit(make_env(wanted)) == 5


def test_an_allowed_module_that_is_not_installed_is_named(allowed: None) -> None:
    packages.allow(("nowhere_to_be_found:*-v0",))
    with pytest.raises(MissingPackage, match="nowhere_to_be_found"):
        make_env(EnvConfig(id="nowhere_to_be_found:Arm-v0"))


def test_a_stage_of_a_curriculum_imports_nothing_either() -> None:
    stage: JsonObject = {"until": {"timesteps": 8}, "env": {"id": "os:path"}}
    with pytest.raises(BadSpec, match="os:path would import code"):
        training_envs(read_config({**config("ppo"), "curriculum": [stage]}))
