"""A perceptron of SB3's, forwards and backwards, without torch's recording of what was done."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn

from trainer.by_hand.flat import Flat

# What one pass saw: the inputs, then each layer's outputs. [samples, numbers] each.
Seen: TypeAlias = list[Tensor]


@dataclass(frozen=True)
class _Layer:
    """`outputs = activation(inputs @ weight.T + bias)`, with room for the gradients."""

    weight: Tensor
    bias: Tensor
    weight_gradient: Tensor
    bias_gradient: Tensor
    activation: type[nn.Module] | None

    def forwards(self, inputs: Tensor) -> Tensor:
        outputs = torch.addmm(self.bias, inputs, self.weight.t())
        if self.activation is nn.ReLU:
            return outputs.relu_()
        return outputs.tanh_() if self.activation is nn.Tanh else outputs

    def before_activation(self, slopes: Tensor, outputs: Tensor) -> Tensor:
        """What the loss's slopes after the activation are before it."""
        if self.activation is nn.ReLU:
            return torch.ops.aten.threshold_backward(slopes, outputs, 0)  # type: ignore[no-any-return]  # a tensor
        if self.activation is nn.Tanh:
            return torch.ops.aten.tanh_backward(slopes, outputs)  # type: ignore[no-any-return]  # likewise
        return slopes

    def note_gradients(self, slopes: Tensor, inputs: Tensor) -> None:
        rows, columns = self.weight.shape
        if columns < rows:  # the product is twice as fast this way round where inputs are few
            self.weight_gradient.copy_(torch.mm(inputs.t(), slopes).t())
        else:
            torch.mm(slopes.t(), inputs, out=self.weight_gradient)
        torch.sum(slopes, 0, out=self.bias_gradient)


class Network:
    """The layers of a module whose parameters lie in `flat`."""

    def __init__(self, module: nn.Module, flat: Flat) -> None:
        gradients = {
            id(parameter): part
            for parameter, part in zip(flat.parameters, flat.parts(flat.gradients), strict=True)
        }
        self._layers = [
            _Layer(
                linear.weight.detach(),
                linear.bias.detach(),
                gradients[id(linear.weight)],
                gradients[id(linear.bias)],
                activation,
            )
            for linear, activation in layers(module)
        ]

    def forwards(self, inputs: Tensor) -> Seen:
        seen = [inputs]
        for layer in self._layers:
            seen.append(layer.forwards(seen[-1]))
        return seen

    def outputs(self, inputs: Tensor) -> Tensor:
        return self.forwards(inputs)[-1]

    def backwards(self, seen: Seen, slopes: Tensor) -> None:
        """Note the gradients of the weights, from the loss's slopes at the outputs."""
        for number in range(len(self._layers) - 1, -1, -1):
            layer = self._layers[number]
            slopes = layer.before_activation(slopes, seen[number + 1])
            layer.note_gradients(slopes, seen[number])
            if number:
                slopes = torch.mm(slopes, layer.weight)

    def slopes_of_inputs(self, seen: Seen, slopes: Tensor, first: int) -> Tensor:
        """The loss's slopes at the inputs from number `first` on; the weights' gradients stay as they are."""
        for number in range(len(self._layers) - 1, -1, -1):
            layer = self._layers[number]
            slopes = layer.before_activation(slopes, seen[number + 1])
            slopes = torch.mm(slopes, layer.weight if number else layer.weight[:, first:])
        return slopes


def layers(module: nn.Module) -> list[tuple[nn.Linear, type[nn.Module] | None]]:
    """Each multiplication of a module, with the activation after it.

    :raises TypeError: where it holds anything else.
    """
    found: list[tuple[nn.Linear, type[nn.Module] | None]] = []
    for part in _parts(module):
        if isinstance(part, nn.Linear) and part.bias is not None:
            found.append((part, None))
        elif type(part) in {nn.ReLU, nn.Tanh} and found and found[-1][1] is None:
            found[-1] = (found[-1][0], type(part))
        else:
            raise TypeError(type(part).__name__)
    return found


def _parts(module: nn.Module) -> Iterable[nn.Module]:
    return module if isinstance(module, nn.Sequential) else (module,)
