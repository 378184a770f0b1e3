"""Curves and records for the tests of plots."""

from collections.abc import Sequence

from db.expectation import Expectation, metrics_of, parse_expectation
from db.lifecycle import ExperimentStatus
from db.records import Budget, Experiment, Intent, Revision
from tests.unit.worker.builders import ANA, NOW
from trainer.contract import JsonObject
from worker.plots import Curve, CurveKind, CurveState, ExpectedLine, Panel, PlotSpec, Series

TOTAL = 100_000
CONFIG: JsonObject = {
    "algo": "ppo",
    "total_timesteps": TOTAL,
    "eval": {
        "n_eval_episodes": 100,
        "interim": {"points": 20, "episodes": 5},
        "metrics": {
            "final_reward": {"direction": "higher", "unit": "return", "range": [0, 500]},
            "oscillation": {"direction": "lower", "unit": "share of steps", "range": [0, 1]},
        },
    },
}


def expectation_of(text: str) -> Expectation:
    return parse_expectation(text, metrics_of(CONFIG), parent_key="E-12")


def experiment(title: str = "Smoother turns") -> Experiment:
    intent = Intent(title=title, objective="", hypothesis="", expected="")
    revision = Revision(
        experiment=42,
        n=1,
        author=ANA,
        intent=intent,
        delta={},
        config=CONFIG,
        budget=Budget(),
        config_hash="c",
        spec_hash="s",
        approval_hash="a",
        created_at=NOW,
    )
    return Experiment(
        number=42,
        status=ExperimentStatus.APPROVED,
        version=1,
        origin="slack",
        author=ANA,
        parent=12,
        revision=revision,
        channel_id=None,
        thread_ts=None,
        created_at=NOW,
    )


def rising(to: float, *, points: int = 20, share: float = 1.0) -> Series:
    """A curve from 0 to `to` over `share` of the training."""
    steps = tuple(TOTAL * share * i / points for i in range(1, points + 1))
    return Series(steps, tuple(to * i / points for i in range(1, points + 1)))


def curve(label: str, final: float, kind: CurveKind = CurveKind.SEED, metric: str = "final_reward") -> Curve:
    """A finished run whose curve ends at `final`."""
    return Curve(label, kind, CurveState.DONE, {metric: rising(final)}, Series(), {metric: final})


def reward_plot(
    curves: Sequence[Curve], *lines: ExpectedLine, title: str = "E-42 · Smoother turns"
) -> PlotSpec:
    """A plot of the final reward alone."""
    compared = any(one.kind is CurveKind.COMPARATOR for one in curves)
    return PlotSpec(
        title=title,
        curves=tuple(curves),
        panels=(Panel("final_reward", "final reward", "return", 0, 500, True, lines),),
        total_timesteps=TOTAL,
        n_eval_episodes=100,
        interim_episodes=5,
        comparator="E-12" if compared else None,
    )
