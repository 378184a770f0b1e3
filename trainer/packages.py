"""Which package an environment comes from, how its ids are registered, and how it is installed.

Packages of the image register when gymnasium is imported; the others when one of their ids is asked
for, so that a run pays only for what it uses.
"""

import importlib
import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass

import gymnasium as gym

from trainer.catalogue import is_allowed
from trainer.errors import BadSpec, MissingPackage
from trainer.extensions import register_environments


@dataclass(frozen=True)
class Family:
    """Environments of one distribution. Importing `module` registers the ids that `ids` matches."""

    package: str
    module: str
    ids: re.Pattern[str]
    remedy: str


_ENVIRONMENTS = "pip install 'signoff[environments]'"
_TRAINER = "pip install 'signoff[trainer]'"

FAMILIES = (
    Family("minigrid", "minigrid", re.compile(r"(MiniGrid|BabyAI)-.*"), _ENVIRONMENTS),
    Family(
        "ale-py",
        "ale_py",
        re.compile(r"ALE/.*|\w+(NoFrameskip|Deterministic)-v[04]"),
        _ENVIRONMENTS,
    ),
    Family(
        "highway-env",
        "highway_env",
        re.compile(
            r"(highway|exit|intersection|lane-keeping|merge|parking|racetrack|roundabout|two-way|u-turn)"
            r"(-[\w-]+)?-v\d+"
        ),
        _ENVIRONMENTS,
    ),
    Family(
        "gymnasium-robotics",
        "gymnasium_robotics",
        re.compile(r"(Fetch|Hand|Adroit|FrankaKitchen|PointMaze|AntMaze)\w*-v\d+"),
        "pip install gymnasium-robotics 'mujoco<4' in an image of its own: its Fetch and Hand "
        "environments do not run with mujoco 4",
    ),
)
# Modules that gymnasium's own environments need, with the package that has them.
_BUILT_IN = {"Box2D": "Box2D", "mujoco": "mujoco", "pygame": "pygame-ce", "cv2": "opencv-python-headless"}


_allowed: tuple[str, ...] = ()


def allow(patterns: Iterable[str]) -> None:
    """What this process may import for an environment: `package:Env-*`. Replaces what was allowed before."""
    global _allowed  # noqa: PLW0603 - of the process, as gymnasium's registry is
    _allowed = tuple(patterns)


def register(env_id: str) -> None:
    """Make an environment's id known to gymnasium where a package that has it is installed.

    :raises MissingPackage: where the package that has it is not.
    :raises BadSpec: where the id would import a module that is not allowed.
    """
    if env_id in gym.registry:
        return
    if ":" in env_id:
        if not is_allowed(env_id, _allowed):
            raise BadSpec(
                f"The id {env_id} would import code, and SIGNOFF_ENVIRONMENTS does not allow it; name a "
                "registered environment."
            )
        return  # gymnasium imports the module
    for family in FAMILIES:
        if family.ids.fullmatch(env_id):
            if importlib.util.find_spec(family.module) is None:
                raise missing(env_id, family.package, family.remedy)
            importlib.import_module(family.module)
            return
    register_environments()


def missing(env_id: str, package: str, remedy: str) -> MissingPackage:
    """The refusal of an environment whose package is not installed."""
    return MissingPackage(f"{env_id} needs the package {package}, which is not installed here: {remedy}.")


def missing_import(env_id: str, error: Exception) -> MissingPackage:
    """The refusal of an environment that could not import what it computes with."""
    text = str(error)
    for module, package in _BUILT_IN.items():
        if module.lower() in text.lower():
            remedy = _ENVIRONMENTS if module == "cv2" else _TRAINER
            return missing(env_id, package, remedy)
    line = (text.strip().splitlines() or [type(error).__name__])[0]
    return MissingPackage(f"The environment {env_id} needs a package that is not installed here: {line}")
