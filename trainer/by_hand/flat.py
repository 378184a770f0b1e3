"""Parameters as parts of one flat tensor, and Adam over all of them at once.

An operation over one long tensor costs what one over a short one costs beside its arithmetic, and each
number comes out as it would alone.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

# Parts begin at multiples of a cache line; what lies between them stays zero.
_LINE = 16


class Flat:
    """Parameters that were moved into one tensor: writing into `values` writes into them.

    `gradients` has the same layout, and each parameter's `grad` is its part of it.
    """

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self.parameters = list(parameters)
        sizes = [-(-parameter.numel() // _LINE) * _LINE for parameter in self.parameters]
        self._starts = [sum(sizes[:number]) for number in range(len(sizes))]
        self.values = torch.zeros(sum(sizes))
        self.gradients = torch.zeros_like(self.values)
        for parameter, values in zip(self.parameters, self.parts(self.values), strict=True):
            values.copy_(parameter.detach())
            parameter.data = values
        if self.parameters and self.parameters[0].requires_grad:
            for parameter, gradient in zip(self.parameters, self.parts(self.gradients), strict=True):
                parameter.grad = gradient
        self._addresses = [parameter.data_ptr() for parameter in self.parameters]

    def parts(self, flat: Tensor) -> list[Tensor]:
        """The parameters' parts of a tensor of this layout, in their shapes."""
        return [
            flat[start : start + parameter.numel()].view(parameter.shape)
            for parameter, start in zip(self.parameters, self._starts, strict=True)
        ]

    def holds(self, parameters: Sequence[Tensor]) -> bool:
        """Whether these are the parameters, and nobody has given them other memory."""
        same = len(parameters) == len(self.parameters)
        return same and all(
            theirs is ours and theirs.data_ptr() == address
            for theirs, ours, address in zip(parameters, self.parameters, self._addresses, strict=True)
        )

    def follow(self, other: "Flat", share: float) -> None:
        """Come nearer to another by a share of the way (SB3's `polyak_update`)."""
        self.values.mul_(1 - share)
        torch.add(self.values, other.values, alpha=share, out=self.values)


class FlatAdam:
    """The steps of a `torch.optim.Adam`, whose state stays its own: it is saved and loaded as ever."""

    def __init__(self, optimizer: torch.optim.Optimizer, flat: Flat) -> None:
        self.optimizer, self.flat = optimizer, flat
        self._mean, self._square = torch.zeros_like(flat.values), torch.zeros_like(flat.values)
        self._counts = torch.zeros(len(flat.parameters))
        self._count = 0
        self._size = torch.zeros_like(flat.values)
        self._kept: list[dict[str, Any]] = []

    def read(self) -> None:
        """Take the optimizer's state, unless it still is what the last step left there."""
        states = [self.optimizer.state.get(parameter, {}) for parameter in self.flat.parameters]
        if self._kept and all(
            theirs.get("exp_avg") is ours["exp_avg"] for theirs, ours in zip(states, self._kept, strict=True)
        ):
            return
        self._count = int(states[0].get("step", 0))
        self._counts.fill_(self._count)
        self._kept = []
        means, squares = self.flat.parts(self._mean), self.flat.parts(self._square)
        for parameter, state, mean, square, count in zip(
            self.flat.parameters, states, means, squares, self._counts, strict=True
        ):
            mean.copy_(state.get("exp_avg", torch.zeros(())))
            square.copy_(state.get("exp_avg_sq", torch.zeros(())))
            mine = {"step": count, "exp_avg": mean, "exp_avg_sq": square}
            self.optimizer.state[parameter] = mine
            self._kept.append(mine)

    def step(self) -> None:
        """As Adam's own: the same operations in the same order, on all parameters at once."""
        optimizer = self.optimizer
        for hook in tuple(optimizer._optimizer_step_pre_hooks.values()):  # noqa: SLF001  # as torch would
            hook(optimizer, (), {})
        (group,) = optimizer.param_groups
        beta1, beta2 = group["betas"]
        self._count += 1
        self._counts.fill_(self._count)
        gradients, mean, square = self.flat.gradients, self._mean, self._square
        mean.lerp_(gradients, 1 - beta1)
        square.mul_(beta2).addcmul_(gradients, gradients, value=1 - beta2)
        rate = group["lr"] / (1 - beta1**self._count)
        torch.sqrt(square, out=self._size)
        self._size.div_((1 - beta2**self._count) ** 0.5).add_(group["eps"])
        self.flat.values.addcdiv_(mean, self._size, value=-rate)
        for hook in tuple(optimizer._optimizer_step_post_hooks.values()):  # noqa: SLF001  # likewise
            hook(optimizer, (), {})
