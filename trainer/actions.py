"""How much an action changes, on one scale for all action spaces."""

from dataclasses import dataclass

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

Actions = NDArray[np.generic]
Shares = NDArray[np.float64]


@dataclass(frozen=True)
class ActionScale:
    """Measures batches of actions, the first axis being the batch.

    Box: changes are shares of each dimension's range, averaged over dimensions (a dimension without
    bounds counts as it is). Others: the share of components that differ, so 1 for a flip.
    """

    low: Shares | None
    high: Shares | None

    @classmethod
    def of(cls, space: spaces.Space[object]) -> "ActionScale":
        if not isinstance(space, spaces.Box):
            return cls(None, None)
        low, high = space.low.astype(np.float64).ravel(), space.high.astype(np.float64).ravel()
        bounded = np.isfinite(low) & np.isfinite(high) & (high > low)
        return cls(np.where(bounded, low, 0.0), np.where(bounded, high, 1.0))

    def change(self, before: Actions, after: Actions) -> Shares:
        """How much each action of the batch changed, in [0, 1] where the space is bounded."""
        size = len(after)
        if self.low is None or self.high is None:
            if after.ndim == 1:
                return np.asarray(before != after, dtype=np.float64)
            return np.asarray((before != after).reshape(size, -1).mean(axis=1), dtype=np.float64)
        difference = np.abs(after.astype(np.float64) - before.astype(np.float64)).reshape(size, -1)
        return np.asarray((difference / (self.high - self.low)).mean(axis=1))

    def magnitude(self, actions: Actions) -> Shares:
        """How far each action is from zero, as a share of the largest; 0 where actions are not numbers."""
        size = len(actions)
        if self.low is None or self.high is None:
            return np.zeros(size)
        largest = np.maximum(np.abs(self.low), np.abs(self.high))
        return np.asarray((np.abs(actions.astype(np.float64)).reshape(size, -1) / largest).mean(axis=1))
