"""Reward terms. Each returns a number that is added to the reward of one step.

`step` has the attributes observation, action, previous_action (None at the first step), next_observation,
reward, terminated, truncated and info. A term whose weight is 0 is not called.
"""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le

Weight = Annotated[float, Ge(0.0), Le(100.0)]


def action_penalty(
    step: Any,
    *,
    weight: Weight = 0.0,
    power: Annotated[float, Ge(1.0), Le(4.0), "2 punishes one large swing more than many small ones."] = 2.0,
) -> float:
    """Takes from the reward for each movement of the rudder."""
    if step.previous_action is None:
        return 0.0
    change = np.abs(np.asarray(step.action) - np.asarray(step.previous_action))
    return -weight * float(np.sum(change**power))


def heading_bonus(
    step: Any,
    *,
    weight: Weight = 0.0,
    within: Annotated[float, Ge(0.001), Le(3.2), "Largest heading error that is paid, in rad."] = 0.1,
) -> float:
    """Pays for each step in which the heading points at the target."""
    return weight if step.info["heading_error"] < within else 0.0
