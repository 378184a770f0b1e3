"""Seven distributions of final returns over seeds, with their true medians and means.

Each is a mixture of plain parts, so that median and mean can be checked by integration
(`python -m bench.verdict_distributions` prints them against 10 million draws).

| name | parameters | median | mean |
| --- | --- | --- | --- |
| normal | N(100, 15) | 100 | 100 |
| ceiling | 85 %: min(500, N(490, 15)); 15 %: failed runs N(150, 60) | 486.6549 | 437.0732 |
| lander-like | 80 %: N(245, 15); 15 %: N(160, 50); 5 %: N(-50, 60) | 240.6152 | 217.5 |
| two-mode | 60 %: N(100, 10); 40 %: N(300, 10) | 109.6742 | 180 |
| sparse | 60 %: exactly 0; 40 %: U(0, 1) | 0 | 0.2 |
| left-skewed | 500 - 40 LogN(0, 1) | 460 | 434.0511 |
| right-skewed | 40 LogN(0, 1) | 40 | 65.9489 |
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Draw: TypeAlias = Callable[[np.random.Generator, tuple[int, int]], Floats]


@dataclass(frozen=True)
class Distribution:
    """Final returns of independent seeds: `draw(rng, (replications, n))`."""

    name: str
    median: float
    mean: float
    draw: Draw


def _mixture(*parts: tuple[float, Draw]) -> Draw:
    """Each value comes from one part, with the part's share as its chance."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
        edges = np.cumsum([share for share, _ in parts])[:-1]
        chosen = np.digitize(rng.random(shape), edges)
        return np.choose(chosen, [part(rng, shape) for _, part in parts])

    return draw


def _normal(mean: float, deviation: float) -> Draw:
    return lambda rng, shape: rng.normal(mean, deviation, shape)


def _capped(cap: float, part: Draw) -> Draw:
    return lambda rng, shape: np.minimum(cap, part(rng, shape))


def _zero(_rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return np.zeros(shape)


def _lognormal(start: float, scale: float) -> Draw:
    return lambda rng, shape: start + scale * rng.lognormal(0, 1, shape)


DISTRIBUTIONS: tuple[Distribution, ...] = (
    Distribution("normal", 100, 100, _normal(100, 15)),
    Distribution(
        "ceiling",
        486.6548826,
        437.0732245,
        _mixture((0.85, _capped(500, _normal(490, 15))), (0.15, _normal(150, 60))),
    ),
    Distribution(
        "lander-like",
        240.6152207,
        217.5,
        _mixture((0.80, _normal(245, 15)), (0.15, _normal(160, 50)), (0.05, _normal(-50, 60))),
    ),
    Distribution("two-mode", 109.6742157, 180, _mixture((0.6, _normal(100, 10)), (0.4, _normal(300, 10)))),
    Distribution(
        "sparse", 0, 0.2, _mixture((0.6, _zero), (0.4, lambda rng, shape: rng.uniform(0, 1, shape)))
    ),
    Distribution("left-skewed", 460, 434.0511492, _lognormal(500, -40)),
    Distribution("right-skewed", 40, 65.9488508, _lognormal(0, 40)),
)


def main() -> None:
    rng = np.random.default_rng(0)
    for one in DISTRIBUTIONS:
        values = one.draw(rng, (10, 1_000_000))
        print(
            f"{one.name:13} median {one.median:10.4f} drawn {np.median(values):10.4f}"
            f"   mean {one.mean:10.4f} drawn {values.mean():10.4f}"
        )


if __name__ == "__main__":
    main()
