"""Whether the compiled path computes what stock SB3 computes: a rollout and an update of both, compared.

Parameters after a few steps say little: Adam's steps have nearly the same size whatever the gradients
are. So each step's gradients are compared, tensor by tensor, and what Adam keeps of them.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger

from trainer.fast.arrays import Floats
from trainer.fast.ppo import FastPPO

# The largest difference of one number of a gradient (its norm is at most `max_grad_norm`).
GRADIENT = 5e-6
# The largest difference of a tensor, by its norm, as a part of the tensor's own norm.
SHARE = 3e-4
# The largest difference of values, advantages and logged numbers, as a part of their size, at least 1.
NUMBER = 2e-5
_COMPARED_STEPS = 1_000


@dataclass(frozen=True)
class Difference:
    """Something that both computed: how far apart, and how far apart is let pass."""

    what: str
    by: float
    allowed: float

    @property
    def passes(self) -> bool:
        """NaN passes nothing."""
        return self.by <= self.allowed

    def __str__(self) -> str:
        return f"{self.what}: {self.by:.2g} of {self.allowed:.2g}"


def differences(fast: FastPPO) -> list[Difference]:
    """What does not pass, of all that `compare` compares."""
    return [difference for difference in compare(fast) if not difference.passes]


def compare(fast: FastPPO, *, spread: float = 0.2) -> list[Difference]:
    """Collect a rollout with `fast`, learn from it with `fast` and with a stock twin, and compare.

    `fast` needs environments; afterwards it has learned once. `spread` is the deviation of the noise
    that is put on the old likelihoods and values, so that clipping has something to clip.
    """
    stock = _twin(fast)
    rewards = _Rewards()
    _, callback = fast._setup_learn(10 * fast.n_steps * fast.n_envs, rewards)  # noqa: SLF001  # what `learn` calls
    assert fast.env is not None
    fast.collect_rollouts(fast.env, callback, fast.rollout_buffer, fast.n_steps)
    found = list(_rollout(fast, stock, rewards))
    _shake(fast, spread)
    _hand_over(fast, stock)
    before = {name: values.copy() for name, values in _parameters(fast).items()}
    state = np.random.get_state()  # noqa: NPY002  # SB3's own generator
    steps = _stock_steps(stock)
    np.random.set_state(state)  # noqa: NPY002  # likewise
    found += _steps(fast.train_traced(_COMPARED_STEPS), steps)
    return [*found, *_learned(before, fast, stock)]


class _Rewards(BaseCallback):
    """Keeps the rewards as the environments gave them, and the infos of ends."""

    def __init__(self) -> None:
        super().__init__()
        self.rewards: list[Floats] = []
        self.cut: list[tuple[int, int, Any]] = []

    def _on_step(self) -> bool:
        for env, info in enumerate(self.locals["infos"]):
            if self.locals["dones"][env] and info.get("TimeLimit.truncated"):
                self.cut.append((len(self.rewards), env, info["terminal_observation"]))
        self.rewards.append(self.locals["rewards"].copy())
        return True


def _twin(fast: FastPPO) -> PPO:
    """A stock model of the same weights and state, by way of a file, as people would make it."""
    file = io.BytesIO()
    fast.save(file)
    file.seek(0)
    twin: PPO = PPO.load(file, device="cpu")
    twin.set_logger(Logger(None, []))
    fast.set_logger(Logger(None, []))
    return twin


def _rollout(fast: FastPPO, stock: PPO, seen: _Rewards) -> Iterator[Difference]:
    """Values, likelihoods, rewards, advantages and returns, as stock SB3 would have noted them."""
    ours, theirs = fast.rollout_buffer, stock.rollout_buffer
    policy = stock.policy
    end = fast._last_obs  # noqa: SLF001  # what `collect_rollouts` left
    assert isinstance(end, np.ndarray)
    actions = torch.as_tensor(ours.actions).flatten(0, 1).float()
    observations, _ = policy.obs_to_tensor(ours.observations.reshape(-1, *ours.obs_shape))
    with torch.no_grad():
        values, likelihoods, _ = policy.evaluate_actions(
            observations, actions.squeeze(1) if _single(fast) else actions
        )
        yield _apart("values of the rollout", ours.values, values.numpy().reshape(ours.values.shape))
        yield _apart("likelihoods of actions", ours.log_probs, likelihoods.numpy().reshape(ours.values.shape))
        rewards = np.stack(seen.rewards)
        for step, env, observation in seen.cut:
            value = policy.predict_values(policy.obs_to_tensor(observation)[0])
            rewards[step, env] += stock.gamma * float(value)
        yield _apart("rewards", ours.rewards, rewards)
        last = policy.predict_values(policy.obs_to_tensor(end)[0])
    theirs.rewards, theirs.values, theirs.episode_starts = (
        rewards,
        ours.values.copy(),
        ours.episode_starts.copy(),
    )
    dones = fast._last_episode_starts  # noqa: SLF001  # what `collect_rollouts` left
    theirs.compute_returns_and_advantage(last, np.asarray(dones))
    yield _apart("advantages", ours.advantages, theirs.advantages)
    yield _apart("returns", ours.returns, theirs.returns)


def _single(model: PPO) -> bool:
    return not model.action_space.shape


def _shake(model: PPO, spread: float) -> None:
    """Make old likelihoods and values differ from the new ones, as after many steps."""
    noise = np.random.default_rng(0)
    buffer = model.rollout_buffer
    shape = buffer.values.shape
    buffer.log_probs += noise.normal(0.0, spread, shape).astype(np.float32)
    buffer.values += noise.normal(0.0, spread, shape).astype(np.float32)


def _hand_over(fast: PPO, stock: PPO) -> None:
    """Give stock SB3 the rollout to learn from; its own advantages and returns stay."""
    ours, theirs = fast.rollout_buffer, stock.rollout_buffer
    for name in ("observations", "actions", "values", "log_probs"):
        setattr(theirs, name, getattr(ours, name).copy())
    theirs.pos, theirs.full, theirs.generator_ready = theirs.buffer_size, True, False
    stock._current_progress_remaining = fast._current_progress_remaining  # noqa: SLF001  # what schedules see


def _stock_steps(stock: PPO) -> list[dict[str, Floats]]:
    """Let SB3 learn; returns the clipped gradients of each of its steps."""
    steps: list[dict[str, Floats]] = []

    def note(*_: object) -> None:
        gradients = {name: value.grad for name, value in stock.policy.named_parameters()}
        steps.append({name: grad.numpy().copy() for name, grad in gradients.items() if grad is not None})

    handle = stock.policy.optimizer.register_step_pre_hook(note)
    stock.train()
    handle.remove()
    return steps


def _steps(ours: list[dict[str, Floats]], theirs: list[dict[str, Floats]]) -> Iterator[Difference]:
    yield Difference("number of steps", abs(len(ours) - len(theirs)), 0.0)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=False), start=1):
        for name, gradient in other.items():
            what = f"gradient of {name} at step {number}"
            yield Difference(what, _largest(mine[name] - gradient), GRADIENT)
            yield Difference(f"{what}, by its norm", _part(mine[name] - gradient, gradient), SHARE)


def _learned(before: Mapping[str, Floats], fast: PPO, stock: PPO) -> Iterator[Difference]:
    """The change of the weights, Adam's averages, and what was logged."""
    ours, theirs = _parameters(fast), _parameters(stock)
    for name, start in before.items():
        change = theirs[name] - start
        yield Difference(f"change of {name}", _part(ours[name] - theirs[name], change), SHARE)
    for name, own, other in _averages(fast, stock):
        yield Difference(name, _part(own - other, other), SHARE)
    mine, other_log = fast.logger.name_to_value, stock.logger.name_to_value
    yield Difference("names that are logged", float(len(set(mine) ^ set(other_log))), 0.0)
    for name in sorted(set(mine) & set(other_log)):
        yield _apart(name, np.asarray(mine[name]), np.asarray(other_log[name]))


def _averages(fast: PPO, stock: PPO) -> Iterator[tuple[str, Floats, Floats]]:
    pairs = zip(fast.policy.named_parameters(), stock.policy.parameters(), strict=True)
    for (name, mine), other in pairs:
        ours, theirs = fast.policy.optimizer.state[mine], stock.policy.optimizer.state[other]
        for key in sorted(theirs):
            yield f"Adam's {key} of {name}", ours[key].numpy(), theirs[key].numpy()


def _parameters(model: PPO) -> dict[str, Floats]:
    return {name: value.detach().numpy() for name, value in model.policy.named_parameters()}


def _apart(what: str, ours: Any, theirs: Any) -> Difference:
    """The largest difference, as a part of the size of the numbers where that is over 1."""
    size = max(1.0, _largest(np.nan_to_num(theirs)))
    same_nan = np.array_equal(np.isnan(ours), np.isnan(theirs))
    by = _largest(np.nan_to_num(ours) - np.nan_to_num(theirs)) / size
    return Difference(what, by if same_nan else float("nan"), NUMBER)


def _largest(values: Any) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _part(difference: Any, whole: Any) -> float:
    """The norm of a difference as a part of the whole's; 0 where both vanish."""
    norm = float(np.linalg.norm(np.ravel(difference)))
    return norm / max(float(np.linalg.norm(np.ravel(whole))), 1e-12) if norm else 0.0
