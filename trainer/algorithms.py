"""The algorithms of SB3 and sb3-contrib, built from a config by names; refusals say what is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gymnasium import spaces
from sb3_contrib import QRDQN, TQC, TRPO, CrossQ, MaskablePPO, RecurrentPPO
from sb3_contrib.common.maskable.utils import is_masking_supported
from stable_baselines3 import A2C, DDPG, DQN, PPO, SAC, TD3, HerReplayBuffer
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecEnv

from trainer.acting import MASKS_METHOD
from trainer.ars import RecordedARS
from trainer.backends import jax_arguments, make, on_jax
from trainer.catalogue import listed, refuse_actions
from trainer.config import TrainConfig
from trainer.errors import BadSpec, CodeFailed, SpaceMismatch, sentence
from trainer.extensions import ALGORITHMS, extensions
from trainer.hyperparameters import hyperparameters
from trainer.offline.model import OfflineModel, make_offline
from trainer.offline.rules import OFFLINE
from trainer.spaces import spaces_text

_ALL = ("Box", "Discrete", "MultiDiscrete", "MultiBinary")


@dataclass(frozen=True)
class Kind:
    """An algorithm: its name for people, its class, and the action spaces that it can act in."""

    title: str
    model: type[BaseAlgorithm]
    actions: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "a2c": Kind("A2C", A2C, _ALL),
    "ars": Kind("ARS", RecordedARS, ("Box", "Discrete")),
    "crossq": Kind("CrossQ", CrossQ, ("Box",)),
    "ddpg": Kind("DDPG", DDPG, ("Box",)),
    "dqn": Kind("DQN", DQN, ("Discrete",)),
    "maskable_ppo": Kind("MaskablePPO", MaskablePPO, ("Discrete", "MultiDiscrete", "MultiBinary")),
    "ppo": Kind("PPO", PPO, _ALL),
    "qrdqn": Kind("QR-DQN", QRDQN, ("Discrete",)),
    "recurrent_ppo": Kind("RecurrentPPO", RecurrentPPO, _ALL),
    "sac": Kind("SAC", SAC, ("Box",)),
    "td3": Kind("TD3", TD3, ("Box",)),
    "tqc": Kind("TQC", TQC, ("Box",)),
    "trpo": Kind("TRPO", TRPO, _ALL),
}
# Those that learn from a dataset, where the extra `offline` is installed.
OFFLINE_KINDS: Mapping[str, Kind] = {
    name: Kind(kind.title, OfflineModel, tuple(kind.configs)) for name, kind in OFFLINE.items()
}


def algorithm(name: str) -> Kind:
    """The algorithm of a config's `algo`.

    :raises BadSpec: where there is none.
    """
    kind = KINDS.get(name) or OFFLINE_KINDS.get(name)
    own = {} if kind else own_algorithms()
    if kind is None and name not in own:
        raise BadSpec(
            f"There is no algorithm {name!r}; known are {', '.join((*KINDS, *OFFLINE_KINDS, *own))}."
        )
    return kind or own[name]


def own_algorithms() -> dict[str, Kind]:
    """Those that packages bring. A class may name the spaces that it can act in as `action_spaces`.

    :raises CodeFailed: where one cannot be imported, is no algorithm of SB3, or takes a known name.
    """
    found = {}
    for one in extensions(ALGORITHMS):
        if not (isinstance(one.value, type) and issubclass(one.value, BaseAlgorithm)):
            raise CodeFailed(f"{one.package}: the algorithm {one.name} is no class of SB3's BaseAlgorithm.")
        if one.name in KINDS or one.name in OFFLINE_KINDS:
            raise CodeFailed(f"{one.package}: there is an algorithm {one.name} already; rename yours.")
        found[one.name] = Kind(one.name, one.value, tuple(getattr(one.value, "action_spaces", _ALL)))
    return found


def make_model(config: TrainConfig, venv: VecEnv, *, seed: int, device: str) -> BaseAlgorithm:
    """An untrained model whose logger writes nowhere.

    :raises BadSpec: naming the hyperparameter that SB3 would not accept, and why.
    """
    kind = algorithm(config.algo)
    check_actions(config.algo, config.env.id, venv.action_space)
    if config.backend == "sbx":
        kind = Kind(f"SBX's {kind.title}", on_jax(config.algo, device), kind.actions)
    if config.algo in OFFLINE_KINDS:
        return make_offline(config, venv, seed=seed, device=device)
    if config.dataset is not None:
        offline = listed([known.title for known in OFFLINE_KINDS.values()])
        raise BadSpec(f"{kind.title} learns from what it does itself: remove dataset, or use {offline}.")
    if config.policy not in kind.model.policy_aliases:
        known = ", ".join(kind.model.policy_aliases)
        raise BadSpec(f"{kind.title} has no policy {config.policy!r}; use {known}.")
    arguments = hyperparameters(kind.title, kind.model, config, venv.action_space)
    _check_needs(kind, config, venv, arguments)
    if config.backend == "sbx":
        arguments = jax_arguments(config.algo, algorithm(config.algo).model, kind.model, arguments)
    try:
        model = make(kind.model, config.backend, config.policy, venv, seed=seed, device=device, **arguments)
    except (ValueError, AssertionError, TypeError, NotImplementedError) as error:
        raise BadSpec(f"{kind.title} refuses these hyperparameters: {sentence(error)}") from error
    model.set_logger(Logger(None, []))
    return model


def check_actions(algo: str, env_id: str, space: spaces.Space[Any]) -> None:
    """Refuse an algorithm that cannot act in `space`.

    :raises SpaceMismatch: with algorithms that can.
    """
    kind, name = algorithm(algo), type(space).__name__
    if name not in kind.actions:
        raise SpaceMismatch(refuse_actions(kind.title, kind.actions, env_id, name, spaces_text(space)) + ".")


def _check_needs(kind: Kind, config: TrainConfig, venv: VecEnv, arguments: Mapping[str, Any]) -> None:
    """What constructors find out too late, or say in words that name no remedy."""
    if issubclass(kind.model, MaskablePPO) and not is_masking_supported(venv):
        raise BadSpec(
            f"MaskablePPO asks the environment which actions are allowed, and {config.env.id} has no "
            f"method {MASKS_METHOD}(); add one that answers true for each allowed action, or use PPO."
        )
    if arguments.get("replay_buffer_class") is HerReplayBuffer:
        _check_goals(config, venv, int(arguments.get("learning_starts", 100)))
    if config.policy.startswith("MultiInput") != isinstance(venv.observation_space, spaces.Dict):
        observed = "named parts" if isinstance(venv.observation_space, spaces.Dict) else "one array"
        wanted = "MultiInput" if observed == "named parts" else "Mlp"
        fitting = [name for name in kind.model.policy_aliases if name.startswith(wanted)]
        remedy = f"use {fitting[0]}" if fitting else "flatten them with the wrapper flatten_observation"
        raise SpaceMismatch(
            f"{config.policy} does not fit {config.env.id}, which observes {observed}; {remedy}."
        )


def _check_goals(config: TrainConfig, venv: VecEnv, learning_starts: int) -> None:
    space = venv.observation_space
    if not isinstance(space, spaces.Dict) or not {"achieved_goal", "desired_goal"} <= space.spaces.keys():
        raise SpaceMismatch(
            "The HER replay buffer needs an environment with goals (achieved_goal and desired_goal "
            f"among its observations); {config.env.id} has none. Use the standard buffer."
        )
    if config.reward.shapes:
        raise BadSpec(
            "The HER replay buffer cannot work out reward terms for other goals: set reward.* to 0, or use "
            "the standard buffer."
        )
    limits = [spec.max_episode_steps for spec in venv.get_attr("spec") if spec and spec.max_episode_steps]
    needed = max(limits, default=0) * venv.num_envs
    if learning_starts < needed and not isinstance(config.hyperparams.get("train_freq"), list):
        raise BadSpec(
            f"The HER replay buffer learns from whole episodes, which last up to {needed:,} steps here: "
            f"set hyperparams.learning_starts to at least {needed}; it is {learning_starts}."
        )
