"""Verdicts: what a few seeds allow to be said about an expected outcome. Pure."""

from db.verdict.card import MARKS, card_lines, failures_line, seeds_line, worst_line
from db.verdict.judge import judge
from db.verdict.outcomes import (
    ClaimVerdict,
    Outcome,
    SeedLine,
    SeedOutcome,
    SeedState,
    Verdict,
)
from db.verdict.plan import Plan, check_feasible, run_alongside_advised, warnings
from db.verdict.power import detectable_difference, pooled_deviation, power_hint

__all__ = [
    "MARKS",
    "ClaimVerdict",
    "Outcome",
    "Plan",
    "SeedLine",
    "SeedOutcome",
    "SeedState",
    "Verdict",
    "card_lines",
    "check_feasible",
    "detectable_difference",
    "failures_line",
    "judge",
    "pooled_deviation",
    "power_hint",
    "run_alongside_advised",
    "seeds_line",
    "warnings",
    "worst_line",
]
