"""ARS that trains on the rewards it is given, counts its steps, and can be resumed."""

from typing import Any

import torch
from sb3_contrib import ARS
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn


class RecordedARS(ARS):
    """sb3-contrib's ARS, with four differences that our runs need.

    Its steps reach the callback with `dones` and `infos`, as those of all other algorithms do; each
    environment's step counts once (upstream counts the square); candidates are ranked by the rewards
    that the training environment gives, shaping and normalisation included, not by `Monitor`'s; and
    schedules follow the whole run where it was resumed.
    """

    def _setup_model(self) -> None:
        assert self.env is not None
        if not isinstance(self.env, _RewardsAsGiven):
            self.env = _RewardsAsGiven(self.env)
        super()._setup_model()

    def _trigger_callback(
        self,
        _locals: dict[str, Any],
        _globals: dict[str, Any],
        callback: BaseCallback,
        n_envs: int,
    ) -> None:
        del n_envs
        row = slice(_locals["i"], _locals["i"] + 1)
        self.num_timesteps += 1
        callback.update_locals({"dones": _locals["dones"][row], "infos": _locals["infos"][row]})
        callback.on_step()

    def _update_current_progress_remaining(self, num_timesteps: int, total_timesteps: int) -> None:
        del total_timesteps  # what is left of a resumed run
        super()._update_current_progress_remaining(num_timesteps, self._total_timesteps)

    def set_parameters(self, *args: Any, **kwargs: Any) -> None:
        """As upstream; the search goes on from these weights."""
        super().set_parameters(*args, **kwargs)
        weights = torch.nn.utils.parameters_to_vector(self.policy.parameters())
        self.weights = weights.detach().clone()  # type: ignore[assignment]  # upstream says None before the first


class _RewardsAsGiven(VecEnvWrapper):
    """Hides `Monitor` from the ranking, which would take the returns that it saw."""

    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:
        if issubclass(wrapper_class, Monitor):
            return [False] * self.num_envs
        return self.venv.env_is_wrapped(wrapper_class, indices)

    def reset(self) -> VecEnvObs:
        return self.venv.reset()

    def step_wait(self) -> VecEnvStepReturn:
        return self.venv.step_wait()
