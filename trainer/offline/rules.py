"""What signatures of d3rlpy's configs do not tell: ranges, and which config learns which actions.

Each range is (minimum, maximum); those in `ABOVE` exclude their minimum.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class OfflineKind:
    """An algorithm's name for people, and the names of d3rlpy's configs by the class of the action space."""

    title: str
    configs: Mapping[str, str]


OFFLINE: Mapping[str, OfflineKind] = {
    "awac": OfflineKind("AWAC", {"Box": "AWACConfig"}),
    "cql": OfflineKind("CQL", {"Box": "CQLConfig", "Discrete": "DiscreteCQLConfig"}),
    "iql": OfflineKind("IQL", {"Box": "IQLConfig"}),
}

RANGES: Mapping[str, tuple[float, float]] = {
    "alpha": (0, 1_000_000),
    "alpha_threshold": (-1_000_000, 1_000_000),
    "batch_size": (1, 1_000_000),
    "conservative_weight": (0, 1_000_000),
    "expectile": (0, 1),
    "gamma": (0, 1),
    "initial_alpha": (0, 1_000_000),
    "initial_temperature": (0, 1_000_000),
    "lam": (0, 1_000_000),
    "max_weight": (0, 1_000_000),
    "n_action_samples": (1, 10_000),
    "n_critics": (1, 100),
    "target_update_interval": (1, 100_000_000),
    "tau": (0, 1),
    "weight_temp": (0, 1_000_000),
}
LEARNING_RATE = (0, 1)
ABOVE = frozenset({"initial_alpha", "initial_temperature", "lam", "tau"})

# Parts that need what the algorithms here do not take: pictures, and observations of several arrays.
LEFT_OUT = frozenset({"pixel", "tuple"})
NONE = "none"
# Scales actions to -1 to 1, so it has no meaning for discrete ones, although every config has it.
CONTINUOUS_ALONE = frozenset({"action_scaler"})
# In place of formulas.
DOCS: Mapping[str, str] = {
    "action_scaler": "Scales actions to -1 to 1; by default from their bounds, unless those are -1 and 1.",
    "alpha": "Weight of the conservative loss.",
    "alpha_learning_rate": "Learning rate for the weight of the conservative loss; 0 keeps it.",
    "alpha_optim_factory": "Optimizer factory for the weight of the conservative loss.",
    "alpha_threshold": "The gap of values at which the weight of the conservative loss is learnt.",
    "initial_alpha": "Initial weight of the conservative loss.",
    "lam": "Temperature of the weights by advantage; smaller is greedier.",
    "n_action_samples": "Number of actions that are sampled to estimate values.",
    "temp_learning_rate": "Learning rate for the temperature; 0 keeps it.",
    "weight_temp": "Inverse temperature of the weights by advantage; larger is greedier.",
}


def bounds_of(name: str) -> tuple[float, float] | None:
    """The range of an argument; None for what is no number of its own."""
    return LEARNING_RATE if name.endswith("learning_rate") else RANGES.get(name)
