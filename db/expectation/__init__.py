"""Expected outcomes: the grammar of `final reward > 450`, its claims and how they are echoed. Pure."""

from db.expectation.claims import (
    FINAL_REWARD,
    Bound,
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    Expectation,
    MeanThreshold,
    MetricInfo,
    Solves,
    Threshold,
    metric_name,
    metrics_of,
)
from db.expectation.echo import describe, echo, explain
from db.expectation.grammar import parse_expectation, parse_guards

__all__ = [
    "FINAL_REWARD",
    "Bound",
    "Claim",
    "Comparison",
    "CountOfSeeds",
    "Equivalence",
    "Expectation",
    "MeanThreshold",
    "MetricInfo",
    "Solves",
    "Threshold",
    "describe",
    "echo",
    "explain",
    "metric_name",
    "metrics_of",
    "parse_expectation",
    "parse_guards",
]
