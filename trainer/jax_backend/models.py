"""SBX's algorithms as models that runs can keep, resume and hash.

SBX keeps what it learns in nested states of JAX; here they have the names and the methods that SB3's
networks and optimizers have, so that checkpoints, hashes and checks for NaN work as for the others.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import sbx
from sbx.crossq.policies import CrossQPolicy
from sbx.dqn.policies import DQNPolicy
from sbx.sac.policies import SACPolicy
from sbx.td3.policies import TD3Policy
from sbx.tqc.policies import TQCPolicy
from stable_baselines3.common.policies import BasePolicy
from torch import Tensor

from trainer.jax_backend.acting import BestOfValues, Gaussian, Steady
from trainer.jax_backend.trees import filled, named

# What of a network's state acts; the rest is about learning.
_ACTING = ("params", "target_params", "batch_stats")


class _Networks:
    """Gives a policy of SBX the weights that it acts with as a state dict."""

    def state_dict(self) -> dict[str, Tensor]:  # torch's own has arguments that nobody gives here
        return named(self._acting())

    def load_state_dict(self, state_dict: Mapping[str, Tensor], strict: bool = True) -> None:  # noqa: ARG002  # torch's
        for name, parts in filled(self._acting(), state_dict).items():
            setattr(self, name, getattr(self, name).replace(**parts))

    def parameters(self, recurse: bool = True) -> Iterator[Tensor]:  # noqa: ARG002  # torch's
        """Copies, to look at."""
        yield from (value for value in self.state_dict().values() if value.is_floating_point())

    def _acting(self) -> dict[str, dict[str, Any]]:
        return {
            name: {part: getattr(state, part) for part in _ACTING if hasattr(state, part)}
            for name, state in states(self).items()
        }


class _Learning:
    """The optimizers' states of a model, its entropy coefficient and its random keys, as a state dict."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def state_dict(self) -> dict[str, Tensor]:
        return named(self._tree())

    def load_state_dict(self, state: Mapping[str, Tensor], strict: bool = True) -> None:  # noqa: ARG002  # torch's
        model = self._model
        tree = filled(self._tree(), state)
        for name, parts in tree["optimizers"].items():
            setattr(model.policy, name, getattr(model.policy, name).replace(**parts))
        if tree["entropy"] is not None:
            model.ent_coef_state = tree["entropy"]
        model.key = tree["key"]
        for name, key in tree["keys"].items():
            setattr(model.policy, name, key)

    def _tree(self) -> dict[str, Any]:
        policy = self._model.policy
        return {
            "optimizers": {
                name: {"step": state.step, "opt_state": state.opt_state}
                for name, state in states(policy).items()
            },
            "entropy": getattr(self._model, "ent_coef_state", None),
            "key": self._model.key,
            "keys": {name: getattr(policy, name) for name in ("key", "noise_key") if hasattr(policy, name)},
        }


class _Kept:
    """The part of SB3's protocol for saving and loading that SBX answers with pickles."""

    policy: Any
    key: Any
    learning: _Learning

    def _setup_model(self) -> None:
        super()._setup_model()  # type: ignore[misc]  # of the algorithm beside this class
        self.learning = _Learning(self)

    def _get_torch_save_params(self) -> tuple[list[str], list[str]]:
        return ["policy", "learning"], []

    def _excluded_save_params(self) -> list[str]:
        inner = ["actor", "qf", "ent_coef", "ent_coef_state", "key"]
        return [*super()._excluded_save_params(), *inner]  # type: ignore[misc]  # as above


class JaxDQNPolicy(_Networks, BestOfValues, DQNPolicy):
    """SBX's."""


class JaxSACPolicy(_Networks, Gaussian, SACPolicy):
    """SBX's."""


class JaxTD3Policy(_Networks, Steady, TD3Policy):
    """SBX's."""


class JaxTQCPolicy(_Networks, Gaussian, TQCPolicy):
    """SBX's."""


class JaxCrossQPolicy(_Networks, CrossQPolicy):
    """SBX's."""


class JaxDQN(_Kept, sbx.DQN):
    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {"MlpPolicy": JaxDQNPolicy}


class JaxSAC(_Kept, sbx.SAC):
    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {"MlpPolicy": JaxSACPolicy}


class JaxTD3(_Kept, sbx.TD3):
    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {"MlpPolicy": JaxTD3Policy}


class JaxTQC(_Kept, sbx.TQC):
    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {"MlpPolicy": JaxTQCPolicy}


class JaxCrossQ(_Kept, sbx.CrossQ):
    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {"MlpPolicy": JaxCrossQPolicy}


MODELS: Mapping[str, Any] = {
    "crossq": JaxCrossQ,
    "dqn": JaxDQN,
    "sac": JaxSAC,
    "td3": JaxTD3,
    "tqc": JaxTQC,
}


def states(policy: Any) -> dict[str, Any]:
    """The trained states of a policy by name: the actor's, and its critics'."""
    return {name: value for name, value in sorted(vars(policy).items()) if hasattr(value, "opt_state")}
