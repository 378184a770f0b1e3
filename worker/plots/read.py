"""Reads the curves that a run left."""

from collections.abc import Mapping
from pathlib import Path

from trainer.contract import EVALUATIONS_FILE, METRICS_FILE
from worker.plots.spec import Curve, CurveKind, CurveState
from worker.series import Series
from worker.tables import read_table, usable


def read_curve(
    folder: Path, label: str, kind: CurveKind, state: CurveState, final: Mapping[str, float]
) -> Curve:
    """One run's curve from its folder; empty series where a file is missing, unsafe or damaged."""
    return Curve(
        label=label,
        kind=kind,
        state=state,
        evaluations=read_table(folder / EVALUATIONS_FILE),
        training=read_table(folder / METRICS_FILE, ("reward",)).get("reward", Series()),
        final={name: value for name, value in final.items() if usable(value)},
    )
