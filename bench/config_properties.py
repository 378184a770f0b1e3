"""100,000 random deltas and configs through resolve and diff (Hypothesis).

    python -m bench.config_properties [EXAMPLES]

Prints one line per property, and fails on the first counterexample.
"""

import sys
import time
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings

from tests.unit.db.config import properties
from tests.unit.db.config.properties import CONFIGS

PROPERTIES: dict[str, tuple[Callable[..., None], int]] = {
    "apply(a, diff(a, b)) == b": (properties.diff_round_trip, 2),
    "resolve merges the lineage, provenance is exact": (properties.merging, 3),
    "merge(a, delta_between(a, b)) == b": (properties.delta_round_trip, 2),
    "canonical JSON is one spelling": (properties.one_spelling, 2),
}


def main() -> None:
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    at_length = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    for name, (check, n_configs) in PROPERTIES.items():
        started = time.perf_counter()
        at_length(given(*[CONFIGS] * n_configs)(check))()
        print(f"{name}: {examples:,} examples, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
