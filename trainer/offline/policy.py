"""The policy that an offline algorithm has learnt, as one of SB3: for evaluation, saving and export."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import BasePolicy
from torch import Tensor, nn
from torch.optim import Optimizer

_SCALERS = ("observation_scaler", "action_scaler", "reward_scaler")


class OfflinePolicy(BasePolicy):
    """d3rlpy's networks under SB3's verbs. Observations and actions are the environment's own.

    Its state holds the networks, the targets' too, and the scalers' numbers.
    """

    def __init__(
        self, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], learner: Any
    ) -> None:
        """`learner` is d3rlpy's algorithm with its networks made."""
        super().__init__(observation_space, action_space, squash_output=False, normalize_images=False)
        self._learner = learner
        self._scalers: dict[str, tuple[Any, Any]] = {}
        modules = learner.impl.modules
        named = {name: getattr(modules, name) for name in vars(modules)}
        self.networks = nn.ModuleDict({k: v for k, v in named.items() if isinstance(v, nn.Module)})
        self.wrapped = {k: v for k, v in named.items() if hasattr(v, "optim")}
        for name, wrapper in self.wrapped.items():
            vars(self)[name] = wrapper.optim  # where the callback looks for optimizers

    def forward(self, observation: Tensor, deterministic: bool = True) -> Tensor:
        return self._predict(observation, deterministic)

    def _predict(self, observation: Any, deterministic: bool = True) -> Tensor:
        """Actions in the environment's own bounds, of observations in its own units."""
        x = observation.float()
        seeing, acting = self._on(x.device)
        x = seeing.transform(x) if seeing is not None else x
        impl = self._learner.impl
        actions: Tensor = impl.inner_predict_best_action(x) if deterministic else impl.inner_sample_action(x)
        return acting.reverse_transform(actions) if acting is not None else actions

    def _on(self, device: torch.device) -> tuple[Any, Any]:
        """The scalers of observations and actions for a device: d3rlpy's keep tensors of their first one."""
        if str(device) not in self._scalers:
            config = self._learner.config
            self._scalers[str(device)] = (_copy(config.observation_scaler), _copy(config.action_scaler))
        return self._scalers[str(device)]

    def scalers_changed(self) -> None:
        """Forget copies of scalers that have been fitted anew."""
        self._scalers.clear()

    def get_extra_state(self) -> Tensor:
        """The scalers as JSON, in a tensor, so that nothing but data is read back."""
        config = self._learner.config
        document = {
            name: {"type": scaler.get_type(), "params": scaler.serialize_to_dict()}
            for name in _SCALERS
            if (scaler := getattr(config, name)) is not None and scaler.built
        }
        return torch.from_numpy(np.frombuffer(json.dumps(document).encode(), dtype=np.uint8).copy())

    def set_extra_state(self, state: Tensor) -> None:
        """:raises ValueError: where the scalers are not those of the config."""
        document = json.loads(bytes(state.cpu().numpy()).decode())
        config = self._learner.config
        for name in _SCALERS:
            scaler, saved = getattr(config, name), document.get(name)
            if saved is None:
                continue
            if scaler is None or scaler.get_type() != saved["type"]:
                raise ValueError(f"its {name} is {saved['type']}")
            setattr(config, name, type(scaler).deserialize_from_dict(saved["params"]))
        self.scalers_changed()


class Optimizers:
    """All of an algorithm's optimizers with their schedules, saved and loaded as one."""

    def __init__(self, wrapped: Mapping[str, Any]) -> None:
        self._wrapped = wrapped

    def state_dict(self) -> dict[str, Any]:
        return {name: wrapper.state_dict() for name, wrapper in self._wrapped.items()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """:raises ValueError: where it has other optimizers."""
        if strict and state.keys() != self._wrapped.keys():
            raise ValueError(f"its optimizers are {', '.join(state)}")
        for name, wrapper in self._wrapped.items():
            wrapper.load_state_dict(state[name])

    def each(self) -> list[Optimizer]:
        return [wrapper.optim for wrapper in self._wrapped.values()]


def _copy(scaler: Any) -> Any:
    return None if scaler is None else type(scaler).deserialize(scaler.serialize())
