"""Overrides as they must not be: how fast 64 KB of hostile text is refused, and 100,000 random configs.

python -m bench.run config_text
"""

import math
import time
from itertools import product

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from bench.config_properties import PROPERTIES
from bench.figure import Figure, at_most, figure
from bench.hostile_text import BOUND_MS, HOSTILE
from db.config.resolve import Step, resolve
from db.config.text import OverrideProblems, parse_overrides
from tests.unit.db.config.properties import CONFIGS
from trainer.catalogue import load_catalogue, load_presets
from trainer.contract import JsonObject

EXAMPLES = 100_000
BATCHES = 20
ROUNDS = 3


def refusals_ms() -> dict[str, float]:
    """Milliseconds until each hostile text is refused, the best of a few rounds; all must be refused."""
    catalogue = load_catalogue()
    preset = next(preset for preset in load_presets() if preset.name == "ppo-cartpole")
    resolved = resolve([Step("E-1", preset.config)])
    best: dict[str, float] = {}
    for _, (name, text) in product(range(ROUNDS), HOSTILE.items()):
        started = time.perf_counter()
        try:
            parse_overrides(text, resolved, catalogue)
        except OverrideProblems:
            best[name] = min(best.get(name, math.inf), (time.perf_counter() - started) * 1000)
        else:
            raise SystemExit(f"hostile text was accepted: {name}")
    return best


def random_configs() -> Figure:
    """Every property of resolve and diff over random lineages of three; raises on a counterexample."""

    def check_all(lineage: tuple[JsonObject, JsonObject, JsonObject]) -> None:
        for check, n_configs in PROPERTIES.values():
            check(*lineage[:n_configs])

    batch = settings(
        max_examples=EXAMPLES // BATCHES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    for number in range(BATCHES):  # in batches, as Hypothesis remembers every example of a run
        seed(number)(batch(given(st.tuples(CONFIGS, CONFIGS, CONFIGS))(check_all)))()
    name = f"random lineages that break none of: {', '.join(PROPERTIES)}"
    return figure(name, EXAMPLES, "examples", goal="none breaks a property", holds=True)


def figures() -> list[Figure]:
    taken = refusals_ms()
    worst = max(taken, key=taken.__getitem__)
    refused = at_most(
        f"slowest refusal of {len(taken)} hostile texts ({worst})", taken[worst], BOUND_MS, "ms"
    )
    return [refused, random_configs()]


if __name__ == "__main__":
    print(*figures(), sep="\n")
