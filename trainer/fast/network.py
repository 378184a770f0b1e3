"""Forward and backward passes of fully connected networks over flat arrays.

A network is a run of rows in a table of layers. All numbers live in flat float32 arrays: `parameters`
(and, of the same layout, their gradients), `copies` of transposed weights, and `work`, which holds the
inputs, each layer's outputs and the gradients of these for a block of samples.
"""

import numpy as np

from trainer.fast.arrays import Floats, Integers
from trainer.fast.compiled import part
from trainer.fast.matrix import product
from trainer.fast.tiles import stay_apart

# Columns of the table. Rows of matrices are padded: `IN_ROW` and `OUT_ROW` are their lengths.
INPUTS, OUTPUTS, IN_ROW, OUT_ROW = 0, 1, 2, 3
# Where in `work` the layer's inputs, outputs and the gradients of its outputs begin.
IN_AT, OUT_AT, SLOPE_AT = 4, 5, 6
# Where in `parameters` and `copies` its numbers begin.
WEIGHT_AT, BIAS_AT, COPY_AT = 7, 8, 9
# Whether an activation follows; whether weights lie as [outputs, inputs], else as [inputs, outputs].
HIDDEN, NARROW = 10, 11
COLUMNS = 12

TANH, RELU = 0, 1

_LIMIT = np.float32(7.90531110763549805)
_ONE, _ZERO = np.float32(1.0), np.float32(0.0)
# Eigen's rational approximation of tanh (ptanh_float), wrong by 3e-7 at most.
_A1, _A3, _A5, _A7 = (
    np.float32(c)
    for c in (4.89352455891786e-03, 6.37261928875436e-04, 1.48572235717979e-05, 5.12229709037114e-08)
)
_A9, _A11, _A13 = (
    np.float32(c) for c in (-8.60467152213735e-11, 2.00018790482477e-13, -2.76076847742355e-16)
)
_B0, _B2, _B4, _B6 = (
    np.float32(c)
    for c in (4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04, 1.19825839466702e-06)
)


@part
def forward(
    table: Integers, first: int, last: int, activation: int, parameters: Floats, work: Floats, rows: int
) -> None:
    """Fill `work` with the outputs of layers `first` to `last` (exclusive) for `rows` samples."""
    stay_apart()
    for layer in range(first, last):
        inputs, outputs = table[layer, INPUTS], table[layer, OUTPUTS]
        in_row, out_row = table[layer, IN_ROW], table[layer, OUT_ROW]
        in_at, out_at = table[layer, IN_AT], table[layer, OUT_AT]
        weight, bias = table[layer, WEIGHT_AT], table[layer, BIAS_AT]
        if table[layer, NARROW]:
            for row in range(rows):
                sample = work[in_at + row * in_row : in_at + row * in_row + inputs]
                for output in range(outputs):
                    weights = parameters[weight + output * in_row : weight + output * in_row + inputs]
                    work[out_at + row * out_row + output] = parameters[bias + output] + _dot(sample, weights)
        else:
            product(
                work, out_at, out_row, parameters, bias, 0, work, in_at, in_row, 1,
                parameters, weight, out_row, rows, inputs, out_row,
            )  # fmt: skip
        if table[layer, HIDDEN]:
            _activate(work[out_at : out_at + rows * out_row], activation)


@part
def backward(
    table: Integers, first: int, last: int, activation: int, parameters: Floats, copies: Floats,
    gradients: Floats, work: Floats, rows: int,
) -> None:  # fmt: skip
    """Add the gradients of a block to `gradients`; the last layer's slopes must be in `work`."""
    stay_apart()
    for layer in range(last - 1, first - 1, -1):
        inputs, outputs = table[layer, INPUTS], table[layer, OUTPUTS]
        in_row, out_row = table[layer, IN_ROW], table[layer, OUT_ROW]
        in_at, slope_at = table[layer, IN_AT], table[layer, SLOPE_AT]
        weight, bias = table[layer, WEIGHT_AT], table[layer, BIAS_AT]
        if table[layer, NARROW]:
            product(
                gradients, weight, in_row, gradients, weight, in_row, work, slope_at, 1, out_row,
                work, in_at, in_row, outputs, rows, in_row,
            )  # fmt: skip
        else:
            product(
                gradients, weight, out_row, gradients, weight, out_row, work, in_at, 1, in_row,
                work, slope_at, out_row, inputs, rows, out_row,
            )  # fmt: skip
        _add_rows(gradients[bias : bias + out_row], work[slope_at : slope_at + rows * out_row], rows)
        if layer > first:
            before = table[layer - 1, SLOPE_AT]
            own, at = (parameters, weight) if table[layer, NARROW] else (copies, table[layer, COPY_AT])
            product(
                work, before, in_row, work, 0, 0, work, slope_at, out_row, 1,
                own, at, in_row, rows, outputs, in_row,
            )  # fmt: skip
            count = rows * in_row
            _slope(work[before : before + count], work[in_at : in_at + count], activation)


@part
def transpose_weights(table: Integers, parameters: Floats, copies: Floats) -> None:
    """Write the weights that the backward pass needs as [outputs, inputs] into `copies`."""
    for layer in range(len(table)):
        if table[layer, COPY_AT] < 0:
            continue
        inputs, outputs = table[layer, INPUTS], table[layer, OUTPUTS]
        in_row, out_row = table[layer, IN_ROW], table[layer, OUT_ROW]
        source, target = table[layer, WEIGHT_AT], table[layer, COPY_AT]
        for output in range(outputs):
            column = copies[target + output * in_row : target + output * in_row + inputs]
            weights = parameters[source + output : source + inputs * out_row]
            for i in range(inputs):
                column[i] = weights[i * out_row]


@part
def _dot(a: Floats, b: Floats) -> np.float32:
    total = _ZERO
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@part
def _add_rows(total: Floats, matrix: Floats, rows: int) -> None:
    width = len(total)
    for row in range(rows):
        values = matrix[row * width : (row + 1) * width]
        for i in range(width):
            total[i] += values[i]


@part
def _activate(values: Floats, activation: int) -> None:
    if activation == RELU:
        for i in range(len(values)):
            values[i] = _ZERO if values[i] <= _ZERO else values[i]
        return
    for i in range(len(values)):
        values[i] = tanh(values[i])


@part
def tanh(x: np.float32) -> np.float32:
    """The hyperbolic tangent, within 3e-7; NaN stays NaN."""
    x = _LIMIT if x > _LIMIT else x
    x = -_LIMIT if x < -_LIMIT else x
    s = x * x
    above = x * (_A1 + s * (_A3 + s * (_A5 + s * (_A7 + s * (_A9 + s * (_A11 + s * _A13))))))
    return above / (_B0 + s * (_B2 + s * (_B4 + s * _B6)))


@part
def _slope(slopes: Floats, outputs: Floats, activation: int) -> None:
    """Multiply by the activation's derivative, which both activations tell from their outputs."""
    if activation == RELU:
        for i in range(len(slopes)):
            slopes[i] = slopes[i] if outputs[i] > _ZERO else _ZERO
        return
    for i in range(len(slopes)):
        slopes[i] *= _ONE - outputs[i] * outputs[i]
