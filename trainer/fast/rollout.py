"""What a rollout asks of the networks: actions with their values, values alone, and advantages."""

import numpy as np

from trainer.fast.arrays import Floats, Integers, Numbers
from trainer.fast.compiled import kernel, part
from trainer.fast.heads import CHOICES, sample_choices, sample_gaussian
from trainer.fast.network import IN_AT, IN_ROW, OUT_AT, OUT_ROW, OUTPUTS, forward
from trainer.fast.update import ACTIVATION, BLOCK, KIND, LOG_STD_AT, POLICY_LAYERS


@kernel
def act(
    table: Integers, shape: Integers, sizes: Integers, parameters: Floats, work: Floats,
    observations: Numbers, noise: Floats, step: int, actions: Numbers, values: Floats, likelihoods: Floats,
) -> None:  # fmt: skip
    """Draw actions for `observations` [environments, width] and write all into row `step` of the buffers.

    `noise` is [steps, environments, actions]: uniform numbers for choices, normal ones otherwise.
    """
    last, std_at = shape[POLICY_LAYERS] - 1, shape[LOG_STD_AT]
    outputs, row_size, out_at = table[last, OUTPUTS], table[last, OUT_ROW], table[last, OUT_AT]
    chosen = np.zeros(len(sizes), np.int64)
    drawn = np.zeros(outputs, np.float32)
    for start in range(0, len(observations), BLOCK):
        rows = _load(table, observations, start, work)
        forward(table, 0, last + 1, shape[ACTIVATION], parameters, work, rows)
        _values(table, shape, parameters, work, rows, values[step, start:])
        for row in range(rows):
            env = start + row
            out = work[out_at + row * row_size : out_at + row * row_size + outputs]
            if shape[KIND] == CHOICES:
                likelihoods[step, env] = sample_choices(out, sizes, noise[step, env], chosen)
                for i in range(len(sizes)):
                    actions[step, env, i] = chosen[i]
            else:
                log_std = parameters[std_at : std_at + outputs]
                likelihoods[step, env] = sample_gaussian(out, log_std, noise[step, env], drawn)
                for i in range(outputs):
                    actions[step, env, i] = drawn[i]


@kernel
def evaluate(
    table: Integers, shape: Integers, parameters: Floats, work: Floats, observations: Numbers, values: Floats
) -> None:
    """Write the critic's values of `observations` [count, width] into `values` [count]."""
    for start in range(0, len(observations), BLOCK):
        rows = _load(table, observations, start, work)
        _values(table, shape, parameters, work, rows, values[start:])


@kernel
def advantages_and_returns(
    rewards: Floats, values: Floats, starts: Floats, last_values: Floats, last_dones: Numbers, gamma: float,
    gae_lambda: float, advantages: Floats, returns: Floats,
) -> None:  # fmt: skip
    """Generalized advantage estimation (arXiv 1506.02438), as SB3's rollout buffer computes it.

    All arrays are [steps, environments]; `starts` is 1 where an episode begins, `last_*` follow the
    last step.
    """
    steps, envs = rewards.shape
    discount, decay = np.float32(gamma), np.float32(gamma * gae_lambda)
    one = np.float32(1.0)
    for env in range(envs):
        following = last_values[env]
        goes_on = one - np.float32(last_dones[env])
        advantage = np.float32(0.0)
        for step in range(steps - 1, -1, -1):
            delta = rewards[step, env] + discount * following * goes_on - values[step, env]
            advantage = delta + decay * goes_on * advantage
            advantages[step, env] = advantage
            returns[step, env] = advantage + values[step, env]
            following = values[step, env]
            goes_on = one - starts[step, env]


@part
def _load(table: Integers, observations: Numbers, start: int, work: Floats) -> int:
    rows = min(BLOCK, len(observations) - start)
    at, width = table[0, IN_AT], table[0, IN_ROW]
    for row in range(rows):
        source, target = observations[start + row], work[at + row * width :]
        for i in range(len(source)):
            target[i] = source[i]
    return rows


@part
def _values(
    table: Integers, shape: Integers, parameters: Floats, work: Floats, rows: int, values: Floats
) -> None:
    last = len(table) - 1
    forward(table, shape[POLICY_LAYERS], last + 1, shape[ACTIVATION], parameters, work, rows)
    at, row_size = table[last, OUT_AT], table[last, OUT_ROW]
    for row in range(rows):
        values[row] = work[at + row * row_size]
