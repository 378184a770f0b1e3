"""Metrics and seeds that the tests of expectations and verdicts share."""

from collections.abc import Mapping, Sequence

from db.expectation import MetricInfo, metrics_of, parse_expectation, parse_guards
from db.verdict import SeedOutcome, Verdict, judge

METRICS: Mapping[str, MetricInfo] = metrics_of(
    {
        "eval": {
            "metrics": {
                "final_reward": {"direction": "higher", "unit": "return", "range": [0, 500]},
                "success_rate": {"direction": "higher", "unit": "share of episodes", "range": [0, 1]},
                "episode_length": {"direction": "higher", "unit": "steps", "range": [1, 500]},
                "oscillation": {"direction": "lower", "unit": "share of steps", "range": [0, 1]},
                "energy": {"direction": "lower", "unit": "J", "range": [None, None], "info_key": "energy"},
                "lateness": {"direction": "higher", "unit": "return", "range": [None, 0]},
            }
        }
    }
)


def seeds_of(
    values: Sequence[float | None], metric: str = "final_reward", prefix: str = "s"
) -> list[SeedOutcome]:
    """Seeds s1, s2, ... with these final values; None stands for a seed that failed."""
    return [
        SeedOutcome(f"{prefix}{i}", i, "failed", n_episodes=0)
        if value is None
        else SeedOutcome(f"{prefix}{i}", i, "done", {metric: value}, n_episodes=100)
        for i, value in enumerate(values, start=1)
    ]


def solving(steps: Sequence[int | None], threshold: float = 475, within: int = 50_000) -> list[SeedOutcome]:
    """Seeds with these confirmed crossings."""
    return [
        SeedOutcome(f"s{i}", i, "done", {"final_reward": 480.0}, {(threshold, within): crossing}, 100)
        for i, crossing in enumerate(steps, start=1)
    ]


def verdict_on(
    text: str,
    child: Sequence[SeedOutcome],
    parent: Sequence[SeedOutcome] = (),
    *,
    guards: str = "",
    arms: int = 1,
    approved_seeds: int | None = None,
    incomparable: str | None = None,
    stopped_by: str | None = None,
) -> Verdict:
    """The verdict on `text`, where the parent, shown as E-12, and E-12 are the same experiment."""
    return judge(
        parse_expectation(text, METRICS, parent_key="E-12"),
        parse_guards(guards, METRICS, parent_key="E-12"),
        child,
        {None: parent, 12: parent},
        arms=arms,
        approved_seeds=approved_seeds,
        incomparable=incomparable,
        stopped_by=stopped_by,
    )
