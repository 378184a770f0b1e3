"""Distributions over actions, and the slopes of PPO's loss with respect to the networks' outputs.

Discrete actions are one or more choices, each among some logits; continuous ones are Gaussian with a
standard deviation of its own per action that does not depend on the observation.
"""

import math

import numpy as np

from trainer.fast.arrays import Doubles, Floats, Integers
from trainer.fast.compiled import part

CHOICES, GAUSSIAN = 0, 1

# Positions in the numbers that an update returns: sums over its minibatches, unless said otherwise.
POLICY_LOSS, VALUE_LOSS, ENTROPY_LOSS, CLIP_FRACTION = 0, 1, 2, 3
# The estimate of the KL divergence, summed over the last epoch alone, and its count of minibatches.
KL, KL_COUNT = 4, 5
# The whole loss of the last minibatch; minibatches seen; epochs begun.
LOSS, MINIBATCHES, EPOCHS = 6, 7, 8
STATISTICS = 9

# Rows of a sample's numbers.
ADVANTAGE, RETURN, OLD_VALUE, OLD_LIKELIHOOD = 0, 1, 2, 3

# Positions in the numbers that say how to learn.
CLIP_RANGE, CLIP_RANGE_VALUE, ENTROPY_COEFFICIENT, VALUE_COEFFICIENT, TARGET_KL = 0, 1, 2, 3, 4
MAX_GRADIENT_NORM, LEARNING_RATE, BETA1, BETA2, EPSILON, NORMALIZE = 5, 6, 7, 8, 9, 10
SETTINGS = 11

_HALF_LOG_TWO_PI = np.float32(0.5 * math.log(2.0 * math.pi))
_HALF, _ONE, _TWO, _ZERO = np.float32(0.5), np.float32(1.0), np.float32(2.0), np.float32(0.0)


@part
def log_softmax(logits: Floats) -> None:
    """Turn logits into logarithms of probabilities, in place."""
    largest = logits[0]
    for i in range(1, len(logits)):
        largest = logits[i] if logits[i] > largest else largest
    total = _ZERO
    for i in range(len(logits)):
        total += math.exp(logits[i] - largest)
    shift = largest + math.log(total)
    for i in range(len(logits)):
        logits[i] -= shift


@part
def sample_choices(logits: Floats, sizes: Integers, uniforms: Floats, actions: Integers) -> np.float32:
    """Draw one action per choice by inverting its distribution; returns the logarithm of the probability."""
    at = 0
    likelihood = _ZERO
    for choice in range(len(sizes)):
        part_of = logits[at : at + sizes[choice]]
        log_softmax(part_of)
        action, passed = 0, math.exp(part_of[0])
        while passed <= uniforms[choice] and action < sizes[choice] - 1:
            action += 1
            passed += math.exp(part_of[action])
        actions[choice] = action
        likelihood += part_of[action]
        at += sizes[choice]
    return likelihood


@part
def sample_gaussian(means: Floats, log_std: Floats, normals: Floats, actions: Floats) -> np.float32:
    """Draw one number per action; returns the logarithm of the density."""
    likelihood = _ZERO
    for i in range(len(log_std)):
        actions[i] = means[i] + math.exp(log_std[i]) * normals[i]
        distance = (actions[i] - means[i]) * math.exp(-log_std[i])
        likelihood -= _HALF * distance * distance + log_std[i] + _HALF_LOG_TWO_PI
    return likelihood


@part
def choice_slopes(
    work: Floats, out_at: int, slope_at: int, row_size: int, sizes: Integers, actions: Floats,
    numbers: Floats, block: Integers, scale: tuple[np.float32, np.float32, np.float32], settings: Doubles,
    sums: Doubles,
) -> None:  # fmt: skip
    """Add a block of samples to `sums`, and set the slopes of the loss with respect to the logits.

    `work` holds the logits from `out_at` on and takes the slopes from `slope_at` on. `scale` is what to
    subtract from advantages, what to divide them by, and one over the size of the minibatch.
    """
    mean, spread, weight = scale
    bonus = np.float32(settings[ENTROPY_COEFFICIENT])
    entropies = np.zeros(len(sizes), np.float32)
    for row in range(len(block)):
        sample = block[row]
        first, slope_first = out_at + row * row_size, slope_at + row * row_size
        likelihood, at = _ZERO, 0
        for choice in range(len(sizes)):
            entropies[choice] = _probabilities(work, first + at, slope_first + at, sizes[choice])
            sums[ENTROPY_LOSS] -= entropies[choice]
            likelihood += work[first + at + int(actions[sample, choice])]
            at += sizes[choice]
        advantage = (numbers[ADVANTAGE, sample] - mean) / spread
        slope = _policy_slope(likelihood, numbers[OLD_LIKELIHOOD, sample], advantage, settings, sums)
        at = 0
        for choice in range(len(sizes)):
            for i in range(at, at + sizes[choice]):
                pull = bonus * (work[first + i] + entropies[choice]) - slope
                work[slope_first + i] *= weight * pull
            work[slope_first + at + int(actions[sample, choice])] += weight * slope
            at += sizes[choice]


@part
def _probabilities(work: Floats, at: int, to: int, size: int) -> np.float32:
    """Turn logits into logarithms of probabilities, put these from `to` on; returns the entropy."""
    largest = work[at]
    for i in range(1, size):
        largest = work[at + i] if work[at + i] > largest else largest
    total = _ZERO
    for i in range(size):
        work[to + i] = math.exp(work[at + i] - largest)
        total += work[to + i]
    shift, factor = largest + math.log(total), _ONE / total
    entropy = _ZERO
    for i in range(size):
        work[at + i] -= shift
        work[to + i] *= factor
        entropy -= work[at + i] * work[to + i]
    return entropy


@part
def gaussian_slopes(
    work: Floats, out_at: int, slope_at: int, row_size: int, log_std: Floats, std_slopes: Floats,
    actions: Floats, numbers: Floats, block: Integers, scale: tuple[np.float32, np.float32, np.float32],
    settings: Doubles, sums: Doubles,
) -> None:  # fmt: skip
    """As `choice_slopes`, for means in place of logits. Slopes of `log_std` are added to `std_slopes`."""
    mean, spread, weight = scale
    bonus = weight * np.float32(settings[ENTROPY_COEFFICIENT])
    count = len(log_std)
    precision = np.zeros(count, np.float32)
    entropy = constant = _ZERO
    for i in range(count):
        precision[i] = math.exp(-log_std[i])
        entropy += _HALF + _HALF_LOG_TWO_PI + log_std[i]
        constant += _HALF_LOG_TWO_PI + log_std[i]
    for row in range(len(block)):
        sample = block[row]
        first, slope_first = out_at + row * row_size, slope_at + row * row_size
        squares = _ZERO
        for i in range(count):
            distance = (actions[sample, i] - work[first + i]) * precision[i]
            work[slope_first + i] = distance
            squares += distance * distance
        advantage = (numbers[ADVANTAGE, sample] - mean) / spread
        likelihood = -_HALF * squares - constant
        slope = weight * _policy_slope(likelihood, numbers[OLD_LIKELIHOOD, sample], advantage, settings, sums)
        for i in range(count):
            distance = work[slope_first + i]
            std_slopes[i] += slope * (distance * distance - _ONE) - bonus
            work[slope_first + i] = slope * distance * precision[i]
        sums[ENTROPY_LOSS] -= entropy


@part
def value_slopes(
    work: Floats, out_at: int, slope_at: int, row_size: int, numbers: Floats, block: Integers,
    weight: np.float32, settings: Doubles, sums: Doubles,
) -> None:  # fmt: skip
    """The same for the value loss; values may be kept near the old ones."""
    kept = np.float32(settings[CLIP_RANGE_VALUE])
    factor = np.float32(settings[VALUE_COEFFICIENT]) * _TWO * weight
    for row in range(len(block)):
        sample = block[row]
        value, old = work[out_at + row * row_size], numbers[OLD_VALUE, sample]
        change = value - old
        outside = kept >= _ZERO and abs(change) > kept
        if outside:
            value = old + (kept if change > _ZERO else -kept)
        error = value - numbers[RETURN, sample]
        sums[VALUE_LOSS] += error * error
        work[slope_at + row * row_size] = _ZERO if outside else factor * error


@part
def _policy_slope(
    likelihood: np.float32, old: np.float32, advantage: np.float32, settings: Doubles, sums: Doubles
) -> np.float32:
    """The slope of one sample's clipped loss with respect to its log-likelihood (before averaging)."""
    clip = np.float32(settings[CLIP_RANGE])
    difference = likelihood - old
    ratio = np.float32(math.exp(difference))
    inside = _ONE - clip <= ratio <= _ONE + clip
    clipped = ratio
    clipped = _ONE - clip if ratio < _ONE - clip else clipped
    clipped = _ONE + clip if ratio > _ONE + clip else clipped
    free, held = advantage * ratio, advantage * clipped
    sums[POLICY_LOSS] -= held if held < free else free
    sums[CLIP_FRACTION] += 1.0 if abs(ratio - _ONE) > clip else 0.0
    sums[KL] += (ratio - _ONE) - difference
    return -advantage * ratio if inside or free < held else _ZERO
