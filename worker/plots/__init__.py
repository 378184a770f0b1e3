"""The reward plot of an experiment: read its curves, say what to show, draw it, put it in words."""

from worker.plots.build import plot_spec, read_curves
from worker.plots.draw import render
from worker.plots.spec import Curve, CurveKind, CurveState, ExpectedLine, Panel, PlotSpec
from worker.plots.takeaway import alt_text
from worker.series import Series

__all__ = [
    "Curve",
    "CurveKind",
    "CurveState",
    "ExpectedLine",
    "Panel",
    "PlotSpec",
    "Series",
    "alt_text",
    "plot_spec",
    "read_curves",
    "render",
]
