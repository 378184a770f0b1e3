"""Whether an update that is written out computes what stock SB3 computes, step by step.

Weights after a few steps say little: Adam's steps have nearly the same size whatever the gradients are.
So each step's gradients are compared, tensor by tensor.
"""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.logger import Logger

# The largest difference of one number of a gradient, where the gradient's numbers are below 1, else as a
# part of the largest of them.
GRADIENT = 5e-6
# The largest difference of a tensor, by its norm, as a part of the tensor's own norm.
SHARE = 3e-4
# The largest difference of a logged number, as a part of its size, at least 1.
NUMBER = 2e-5


@dataclass(frozen=True)
class Difference:
    what: str
    by: float
    allowed: float

    @property
    def passes(self) -> bool:
        """NaN passes nothing."""
        return self.by <= self.allowed


def differences(ours: Any, stock: type[Any], steps: int) -> list[str]:
    """What is not equal after both learned from what `ours` has seen, so many steps each."""
    found = compare(ours, stock, steps)
    return [f"{one.what}: {one.by:.2g}" for one in found if not one.passes]


def compare(ours: Any, stock: type[Any], steps: int) -> list[Difference]:
    twin = _twin(ours, stock)
    before = {name: values.detach().clone() for name, values in ours.policy.named_parameters()}
    gradients = []
    for model in (twin, ours):
        np.random.seed(7)  # noqa: NPY002  # SB3's own generator
        torch.manual_seed(7)
        model.set_logger(Logger(None, []))
        gradients.append(_gradients(model, steps))
    theirs, mine = gradients
    found = [Difference("number of gradients", abs(len(theirs) - len(mine)), 0.0)]
    for number, (one, other) in enumerate(zip(mine, theirs, strict=False)):
        found += _gradients_apart(number, one, other)
    return [*found, *_weights_apart(before, ours, twin), *_logs_apart(ours, twin)]


def _twin(ours: Any, stock: type[Any]) -> Any:
    """A stock model of the same weights and state, by way of a file, as people would make it."""
    file = io.BytesIO()
    ours.save(file)
    file.seek(0)
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", r"`n_steps=\d` is ignored", UserWarning
        )  # of the buffer replaced below
        twin = stock.load(file, device="cpu")
    twin.replay_buffer, twin._vec_normalize_env = ours.replay_buffer, ours._vec_normalize_env
    return twin


def _gradients(model: Any, steps: int) -> list[dict[str, torch.Tensor]]:
    """Let it learn; returns each optimizer's gradients at each of its steps."""
    taken: list[dict[str, torch.Tensor]] = []
    handles = []
    for name, optimizer in _optimizers(model).items():

        def note(optimizer: Any, *_: object, name: str = name) -> None:
            parameters = optimizer.param_groups[0]["params"]
            taken.append({f"{name} {at}": value.grad.detach().clone() for at, value in enumerate(parameters)})

        handles.append(optimizer.register_step_pre_hook(note))
    model.train(gradient_steps=steps, batch_size=model.batch_size)
    for handle in handles:
        handle.remove()
    return taken


def _optimizers(model: Any) -> dict[str, Any]:
    actor = getattr(model.policy, "actor", None)
    if actor is None:
        return {"values": model.policy.optimizer}
    found = {"actor": actor.optimizer, "critic": model.policy.critic.optimizer}
    entropy = getattr(model, "ent_coef_optimizer", None)
    return found if entropy is None else {**found, "entropy": entropy}


def _gradients_apart(
    number: int, ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]
) -> Iterator[Difference]:
    yield Difference(f"the networks that learn in step {number}", float(len(set(ours) ^ set(theirs))), 0.0)
    for name in sorted(set(ours) & set(theirs)):
        apart, size = ours[name] - theirs[name], max(1.0, float(theirs[name].abs().max()))
        what = f"gradient of {name} in step {number}"
        yield Difference(what, float(apart.abs().max()) / size, GRADIENT)
        yield Difference(f"{what}, by its norm", _part(apart, theirs[name]), SHARE)


def _weights_apart(before: dict[str, torch.Tensor], ours: Any, theirs: Any) -> Iterator[Difference]:
    other = dict(theirs.policy.named_parameters())
    for name, mine in ours.policy.named_parameters():
        apart, change = mine.detach() - other[name].detach(), other[name].detach() - before[name]
        yield Difference(f"change of {name}", _part(apart, change), SHARE)


def _logs_apart(ours: Any, theirs: Any) -> Iterator[Difference]:
    mine, other = ours.logger.name_to_value, theirs.logger.name_to_value
    yield Difference("names that are logged", float(len(set(mine) ^ set(other))), 0.0)
    for name in sorted(set(mine) & set(other)):
        size = max(1.0, abs(float(other[name])))
        yield Difference(name, abs(float(mine[name]) - float(other[name])) / size, NUMBER)


def _part(difference: torch.Tensor, whole: torch.Tensor) -> float:
    """The norm of a difference as a part of the whole's; 0 where both vanish."""
    norm = float(difference.norm())
    return norm / max(float(whole.norm()), 1e-12) if norm else 0.0
