"""A whole update of PPO in one call: every epoch and minibatch, from the forward pass to Adam's step."""

import math

import numpy as np

from trainer.fast.arrays import Doubles, Floats, Integers
from trainer.fast.compiled import kernel, part
from trainer.fast.heads import (
    ADVANTAGE,
    BETA1,
    BETA2,
    CHOICES,
    CLIP_FRACTION,
    ENTROPY_COEFFICIENT,
    ENTROPY_LOSS,
    EPOCHS,
    EPSILON,
    KL,
    KL_COUNT,
    LEARNING_RATE,
    LOSS,
    MAX_GRADIENT_NORM,
    MINIBATCHES,
    NORMALIZE,
    POLICY_LOSS,
    STATISTICS,
    TARGET_KL,
    VALUE_COEFFICIENT,
    VALUE_LOSS,
    choice_slopes,
    gaussian_slopes,
    value_slopes,
)
from trainer.fast.network import (
    IN_AT,
    IN_ROW,
    OUT_AT,
    OUT_ROW,
    OUTPUTS,
    SLOPE_AT,
    backward,
    forward,
    transpose_weights,
)

# Samples that pass through the networks at a time, so that their numbers stay in the processor's cache.
BLOCK = 64

# Positions in the integers that describe an actor and its critic.
POLICY_LAYERS, KIND, ACTIVATION, LOG_STD_AT = 0, 1, 2, 3


@kernel
def update(
    table: Integers, shape: Integers, sizes: Integers, parameters: Floats, moments: Floats,
    copies: Floats, work: Floats, gradients: Floats, observations: Floats, actions: Floats,
    numbers: Floats, orders: Integers, batch: int, steps_before: int, settings: Doubles, result: Doubles,
    trace: Floats,
) -> int:  # fmt: skip
    """Learn from a rollout; returns the number of Adam's steps.

    `observations` is [samples, padded width], `actions` [samples, actions], `numbers` [4, samples];
    each row of `orders` is one epoch's order of the samples. `moments` holds Adam's two averages.
    Ends before a step whose KL estimate exceeds 1.5 times the target, as SB3 does. The first rows of
    `trace` [any count, parameters] receive the clipped gradients of the first steps.
    """
    steps = steps_before
    samples = len(observations)
    for epoch in range(len(orders)):
        result[EPOCHS] += 1.0
        result[KL], result[KL_COUNT] = 0.0, 0.0
        for start in range(0, samples, batch):
            chosen = orders[epoch, start : min(start + batch, samples)]
            divergence = _minibatch(
                table, shape, sizes, parameters, copies, work, gradients, observations, actions, numbers,
                chosen, settings, result,
            )  # fmt: skip
            if settings[TARGET_KL] > 0.0 and divergence > 1.5 * settings[TARGET_KL]:
                return steps - steps_before
            _clip(gradients, settings[MAX_GRADIENT_NORM])
            if steps - steps_before < len(trace):
                for i in range(len(gradients)):
                    trace[steps - steps_before, i] = gradients[i]
            steps += 1
            _adam(parameters, moments, gradients, steps, settings)
    return steps - steps_before


@part
def _minibatch(
    table: Integers, shape: Integers, sizes: Integers, parameters: Floats, copies: Floats, work: Floats,
    gradients: Floats, observations: Floats, actions: Floats, numbers: Floats, chosen: Integers,
    settings: Doubles, result: Doubles,
) -> float:  # fmt: skip
    """Compute the gradients of one minibatch and add what it says to `result`; returns its KL estimate."""
    middle, activation = shape[POLICY_LAYERS], shape[ACTIVATION]
    sums = np.zeros(STATISTICS)
    scale = (*_advantage_scale(numbers[ADVANTAGE], chosen, settings), np.float32(1.0 / len(chosen)))
    gradients[:] = np.float32(0.0)
    transpose_weights(table, parameters, copies)
    for start in range(0, len(chosen), BLOCK):
        block = chosen[start : min(start + BLOCK, len(chosen))]
        _gather(observations, block, work[table[0, IN_AT] :], table[0, IN_ROW])
        forward(table, 0, middle, activation, parameters, work, len(block))
        forward(table, middle, len(table), activation, parameters, work, len(block))
        _block_slopes(
            table, shape, sizes, parameters, work, gradients, actions, numbers, block, scale, settings, sums,
        )  # fmt: skip
        backward(table, 0, middle, activation, parameters, copies, gradients, work, len(block))
        backward(table, middle, len(table), activation, parameters, copies, gradients, work, len(block))
    return _note(sums, len(chosen), settings, result)


@part
def _block_slopes(
    table: Integers, shape: Integers, sizes: Integers, parameters: Floats, work: Floats, gradients: Floats,
    actions: Floats, numbers: Floats, block: Integers, scale: tuple[np.float32, np.float32, np.float32],
    settings: Doubles, sums: Doubles,
) -> None:  # fmt: skip
    """Set the slopes of both networks' outputs for a block of samples."""
    last, value = shape[POLICY_LAYERS] - 1, len(table) - 1
    outputs, row_size = table[last, OUTPUTS], table[last, OUT_ROW]
    at, slope_at = table[last, OUT_AT], table[last, SLOPE_AT]
    if shape[KIND] == CHOICES:
        choice_slopes(work, at, slope_at, row_size, sizes, actions, numbers, block, scale, settings, sums)
    else:
        std_at = shape[LOG_STD_AT]
        gaussian_slopes(
            work, at, slope_at, row_size, parameters[std_at : std_at + outputs],
            gradients[std_at : std_at + outputs], actions, numbers, block, scale, settings, sums,
        )  # fmt: skip
    value_slopes(
        work, table[value, OUT_AT], table[value, SLOPE_AT], table[value, OUT_ROW], numbers, block, scale[2],
        settings, sums,
    )  # fmt: skip


@part
def _gather(observations: Floats, chosen: Integers, inputs: Floats, width: int) -> None:
    for row in range(len(chosen)):
        source, target = observations[chosen[row]], inputs[row * width : (row + 1) * width]
        for i in range(width):
            target[i] = source[i]


@part
def _advantage_scale(
    advantages: Floats, chosen: Integers, settings: Doubles
) -> tuple[np.float32, np.float32]:
    """What to subtract from advantages and divide them by: their mean and deviation, or 0 and 1."""
    count = len(chosen)
    if settings[NORMALIZE] == 0.0 or count < 2:  # noqa: PLR2004  # one number has no deviation
        return np.float32(0.0), np.float32(1.0)
    mean = 0.0
    for i in range(count):
        mean += advantages[chosen[i]]
    mean /= count
    squares = 0.0
    for i in range(count):
        squares += (advantages[chosen[i]] - mean) ** 2
    return np.float32(mean), np.float32(math.sqrt(squares / (count - 1)) + 1e-8)


@part
def _note(sums: Doubles, count: int, settings: Doubles, result: Doubles) -> float:
    """Add a minibatch's means to `result`; returns its KL estimate."""
    for i in (POLICY_LOSS, VALUE_LOSS, ENTROPY_LOSS, CLIP_FRACTION, KL):
        sums[i] /= count
        result[i] += sums[i]
    result[KL_COUNT] += 1.0
    result[MINIBATCHES] += 1.0
    result[LOSS] = (
        sums[POLICY_LOSS]
        + settings[ENTROPY_COEFFICIENT] * sums[ENTROPY_LOSS]
        + settings[VALUE_COEFFICIENT] * sums[VALUE_LOSS]
    )
    return float(sums[KL])


@part
def _clip(gradients: Floats, limit: float) -> None:
    """Scale the gradients down to a norm of `limit`, as `torch.nn.utils.clip_grad_norm_` does."""
    squares = np.float32(0.0)
    for i in range(len(gradients)):
        squares += gradients[i] * gradients[i]
    factor = limit / (math.sqrt(squares) + 1e-6)
    scale = np.float32(1.0) if factor > 1.0 else np.float32(factor)
    for i in range(len(gradients)):
        gradients[i] *= scale


@part
def _adam(parameters: Floats, moments: Floats, gradients: Floats, step: int, settings: Doubles) -> None:
    """The step that `torch.optim.Adam` would take; `step` counts from 1."""
    keep1, keep2 = settings[BETA1], settings[BETA2]
    size = np.float32(settings[LEARNING_RATE] / (1.0 - keep1**step))
    scale = np.float32(1.0 / math.sqrt(1.0 - keep2**step))
    epsilon, decay = np.float32(settings[EPSILON]), np.float32(keep2)
    fresh1, fresh2 = np.float32(1.0 - keep1), np.float32(1.0 - keep2)
    means, squares = moments[0], moments[1]
    for i in range(len(gradients)):
        slope = gradients[i]
        means[i] += (slope - means[i]) * fresh1
        squares[i] = squares[i] * decay + slope * slope * fresh2
        parameters[i] -= size * means[i] / (math.sqrt(squares[i]) * scale + epsilon)
