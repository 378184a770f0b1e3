"""An experiment's reward plot and diagnostics sheet: read, say what to show, draw it, put it in words."""

from worker.plots.build import plot_spec, read_curves, read_sheet
from worker.plots.draw import render
from worker.plots.sheet import render_sheet
from worker.plots.sheet_spec import SheetSpec, Trace, sheet_alt
from worker.plots.spec import Curve, CurveKind, CurveState, ExpectedLine, Mark, Panel, PlotSpec, Profile
from worker.plots.takeaway import alt_text
from worker.series import Series

__all__ = [
    "Curve",
    "CurveKind",
    "CurveState",
    "ExpectedLine",
    "Mark",
    "Panel",
    "PlotSpec",
    "Profile",
    "Series",
    "SheetSpec",
    "Trace",
    "alt_text",
    "plot_spec",
    "read_curves",
    "read_sheet",
    "render",
    "render_sheet",
    "sheet_alt",
]
