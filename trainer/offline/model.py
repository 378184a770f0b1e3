"""Offline algorithms of d3rlpy under SB3's verbs: they learn from recorded steps and never act while they do.

Evaluation, checkpoints, limits and exports are those of every other algorithm. One timestep is one
update of the networks with one batch.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm, SelfBaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.type_aliases import MaybeCallback
from stable_baselines3.common.vec_env import VecEnv

from trainer.config import TrainConfig
from trainer.errors import BadSpec, SpaceMismatch, sentence
from trainer.offline.arguments import config_of
from trainer.offline.dataset import Recorded, Transitions, read_episodes, transitions, verified
from trainer.offline.library import load
from trainer.offline.policy import OfflinePolicy, Optimizers
from trainer.offline.rules import OFFLINE

_NOBODY_PLAYS: Mapping[str, Any] = {"dones": np.zeros(1, dtype=np.bool_), "infos": ({},)}


class OfflineModel(BaseAlgorithm):
    """Learns from the dataset that `attach` gives to it; the environment is there for its spaces alone."""

    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {"MlpPolicy": OfflinePolicy}
    policy: OfflinePolicy

    def __init__(self, learner: Any, env: VecEnv, *, seed: int, device: str) -> None:
        """`learner` is d3rlpy's algorithm, its networks not yet made."""
        super().__init__(
            "MlpPolicy", env, learning_rate=0.0, seed=seed, device=device, supported_action_spaces=None
        )
        self.learner = learner
        self.transitions: Transitions | None = None
        self._setup_model()

    def _setup_model(self) -> None:
        self.set_random_seed(self.seed)
        space = self.action_space
        size = int(space.n) if isinstance(space, spaces.Discrete) else int(np.prod(space.shape or ()))
        self.learner.create_impl(self.observation_space.shape, size)
        self.policy = OfflinePolicy(self.observation_space, space, self.learner).to(self.device)
        self.optimizers = Optimizers(self.policy.wrapped)

    @property
    def _n_updates(self) -> int:
        return self.num_timesteps

    @_n_updates.setter
    def _n_updates(self, count: int) -> None:
        """Each timestep is an update: there is nothing else to count."""

    def attach(self, episodes: list[Recorded], steps: Transitions) -> None:
        """Learn from these steps; scalers that have no numbers yet are fitted to the episodes."""
        self.transitions = steps
        unfitted = [
            scaler
            for name in ("observation_scaler", "action_scaler", "reward_scaler")
            if (scaler := getattr(self.learner, name)) is not None and not scaler.built
        ]
        if unfitted:
            from d3rlpy.dataset import BasicTransitionPicker  # noqa: PLC0415 - an optional extra

            known = _as_d3rlpy(episodes)
            for scaler in unfitted:
                scaler.fit_with_transition_picker(known, BasicTransitionPicker())
            self.policy.scalers_changed()

    def learn(  # noqa: PLR0917  # as SB3 has it
        self: SelfBaseAlgorithm,
        total_timesteps: int,
        callback: MaybeCallback = None,
        log_interval: int = 100,
        tb_log_name: str = "run",
        reset_num_timesteps: bool = True,
        progress_bar: bool = False,
    ) -> SelfBaseAlgorithm:
        """Take `total_timesteps` more updates."""
        assert isinstance(self, OfflineModel)
        del log_interval
        total, watching = self._setup_learn(
            total_timesteps, callback, reset_num_timesteps, tb_log_name, progress_bar
        )
        watching.on_training_start(dict(_NOBODY_PLAYS), {})
        self.learner.set_grad_step(self.num_timesteps)
        goes_on = True
        while goes_on and self.num_timesteps < total:
            goes_on = self._update(watching)
        watching.on_training_end()
        return self

    def _update(self, watching: BaseCallback) -> bool:
        watching.on_rollout_start()
        watching.on_rollout_end()
        for name, value in self.learner.update(self._batch()).items():
            self.logger.record(f"train/{name}", float(value))
        self.num_timesteps += 1
        self._current_progress_remaining = 0.0
        return watching.on_step()

    def _batch(self) -> Any:
        """Steps drawn evenly, with replacement, from numpy's global generator, whose state is saved."""
        from d3rlpy.dataset import TransitionMiniBatch  # noqa: PLC0415 - an optional extra

        steps = self.transitions
        assert steps is not None, "no dataset is attached"
        drawn = np.random.randint(len(steps), size=self.learner.batch_size)  # noqa: NPY002
        first, actions = steps.first[drawn], steps.actions[drawn]
        rewards = steps.rewards[drawn]
        return TransitionMiniBatch(
            observations=steps.observations[first],
            actions=actions,
            rewards=rewards,
            next_observations=steps.observations[first + 1],
            next_actions=np.zeros_like(actions),  # none of these algorithms asks for them
            terminals=steps.terminals[drawn],
            intervals=np.ones_like(rewards),
            transitions=(),
        )

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "learner", "transitions", "optimizers"]

    def _get_torch_save_params(self) -> tuple[list[str], list[str]]:
        return ["policy", "optimizers"], []


def make_offline(config: TrainConfig, venv: VecEnv, *, seed: int, device: str) -> OfflineModel:
    """An untrained model whose logger writes nowhere. Its dataset is attached before it learns.

    :raises BadSpec: naming what the algorithm does not take, and why.
    :raises MissingPackage: without the extra `offline`.
    """
    title = OFFLINE[config.algo].title
    library = load(title)
    _check_parts(title, config, venv)
    asked = config_of(library, config.algo, config.hyperparams, venv.action_space)
    try:
        learner = asked.create(device="cuda:0" if device == "cuda" else "cpu:0")
        model = OfflineModel(learner, venv, seed=seed, device=device)
    except (AssertionError, ValueError, TypeError, NotImplementedError) as error:
        raise BadSpec(f"{title} refuses these hyperparameters: {sentence(error)}") from error
    model.set_logger(Logger(None, []))
    return model


def attach_dataset(model: BaseAlgorithm, config: TrainConfig, path: Path | None) -> None:
    """Give an offline model the dataset that was signed, from where the worker says that it lies.

    :raises BadSpec: where it is missing, is another one, or cannot be learnt from.
    """
    if not isinstance(model, OfflineModel):
        return
    dataset = config.dataset
    assert dataset is not None, "checked when the model was made"
    if path is None:
        raise BadSpec(f"The dataset {dataset.id} is not here: the run was told no place of it.")
    episodes = read_episodes(verified(path, dataset.id, dataset.sha256), dataset.id)
    steps = transitions(episodes, dataset.id, config.env.id, model.observation_space, model.action_space)
    model.attach(episodes, steps)


def _as_d3rlpy(episodes: list[Recorded]) -> list[Any]:
    """The episodes as d3rlpy's, for fitting its scalers. It knows T observations of T steps."""
    from d3rlpy.dataset import Episode  # noqa: PLC0415 - an optional extra

    return [
        Episode(
            one.observations[: len(one.actions)].astype(np.float32),
            one.actions.reshape(len(one.actions), -1),
            one.rewards.reshape(-1, 1),
            one.terminated,
        )
        for one in episodes
    ]


def _check_parts(title: str, config: TrainConfig, venv: VecEnv) -> None:
    """What belongs to algorithms that act while they learn is refused, so that nobody counts on it."""
    if config.dataset is None:
        raise BadSpec(f"{title} learns from recorded steps: set dataset.id to a dataset.")
    if config.policy != "MlpPolicy":
        raise BadSpec(f"{title} has no policy {config.policy!r}; use MlpPolicy.")
    nobody_acts = f"{title} learns from a dataset, so nobody acts while it trains"
    for asked, key, remedy in (
        (config.n_envs != 1, "n_envs", "set it to 1"),
        (config.env.normalize is not None, "env.normalize", "use hyperparams.observation_scaler"),
        (bool(config.curriculum), "curriculum", "remove it"),
        (config.reward.shapes, "reward", "record the dataset with the reward that you want"),
        (config.backend == "fast", "backend", "use auto"),
    ):
        if asked:
            raise BadSpec(f"{nobody_acts}: {key} has no meaning; {remedy}.")
    space = venv.observation_space
    if not isinstance(space, spaces.Box) or len(space.shape) != 1:
        raise SpaceMismatch(f"{title} learns from vectors of numbers; {config.env.id} observes {space}.")
