"""Draws the diagnostics sheet: small panels side by side, all seeds in each, over the same steps.

Made like the reward plot, for a phone. A line of a seed goes through the smallest and the largest
value of each stretch, so that a spike of one update is never smoothed away.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from worker.plots.band import Floats
from worker.plots.draw import DPI, save
from worker.plots.lettering import font, printable, steps_text, value_text
from worker.plots.marks import CARD, FAILED, GRID, INK, OURS, QUIET
from worker.plots.sheet_spec import SheetSpec, SmallPanel, panels_of
from worker.plots.spec import CurveState
from worker.series import Series

WIDTH_IN, TOP_IN, PANEL_IN, HEAD_IN, AXIS_IN = 8.0, 1.0, 1.35, 0.46, 0.32
LEFT_IN, GAP_IN, RIGHT_IN, EDGE_IN = 0.78, 0.85, 0.22, 0.3
LEGEND_IN, FOOT_IN = 0.3, 0.45
COLUMNS, LEGEND_COLUMNS = 2, 6
TITLE_PT, NOTE_PT, LABEL_PT, TICK_PT = 18, 13, 13, 11
MAX_TITLE = 50
STRETCHES = 150
LOG_FROM = 1_000.0
# Told apart by everyone (Okabe and Ito 2008), darkened where a thin line would be too faint.
COLORS = (OURS, "#C24E00", "#00795B", "#8A4FBE", "#A67C00", "#2E9BD6", "#5B5B5B", "#B8527F")


def render_sheet(sheet: SheetSpec, path: Path) -> bool:
    """Draws the sheet and puts its PNG at `path`; False where no seed left anything to draw."""
    panels = panels_of(sheet)
    if not panels:
        return False
    save(draw_sheet(sheet, panels), path)
    return True


def draw_sheet(sheet: SheetSpec, panels: Sequence[SmallPanel]) -> Figure:
    rows = math.ceil(len(panels) / COLUMNS)
    legend_rows = math.ceil(len(sheet.traces) / LEGEND_COLUMNS)
    each = HEAD_IN + PANEL_IN + AXIS_IN
    height = TOP_IN + rows * each + FOOT_IN + LEGEND_IN * legend_rows
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor=CARD, edgecolor=GRID, linewidth=4)
    width = (WIDTH_IN - LEFT_IN - GAP_IN - RIGHT_IN) / COLUMNS
    looks = _looks(sheet)
    for i, panel in enumerate(panels):
        left = LEFT_IN + (i % COLUMNS) * (width + GAP_IN)
        bottom = height - TOP_IN - (i // COLUMNS) * each - HEAD_IN - PANEL_IN
        box = (left / WIDTH_IN, bottom / height, width / WIDTH_IN, PANEL_IN / height)
        axes = figure.add_axes(box)
        _panel(axes, panel, looks, total=max(sheet.total_timesteps, 1))
    _title(figure, sheet, height)
    _legend(figure, sheet, looks)
    return figure


def _looks(sheet: SheetSpec) -> dict[str, tuple[str, object]]:
    """Colour and line style of each seed. What failed is dashed; with many seeds all have one colour."""
    few = len(sheet.traces) <= len(COLORS)
    return {
        trace.label: (
            COLORS[i] if few else OURS,
            (0, (3, 1.2)) if trace.state is CurveState.FAILED else "-",
        )
        for i, trace in enumerate(sheet.traces)
    }


def _panel(axes: Axes, panel: SmallPanel, looks: Mapping[str, tuple[str, object]], *, total: float) -> None:
    drawn = {label: extremes(series) for label, series in panel.series.items()}
    for label, (steps, values) in drawn.items():
        color, style = looks[label]
        axes.plot(steps, values, color=color, linestyle=style, linewidth=1.3, alpha=0.85, zorder=4)
    if panel.zero:
        axes.axhline(0, color=QUIET, linewidth=1, zorder=3)
    _scale(axes, np.concatenate([values for _, values in drawn.values()]))
    axes.set_xlim(0, max(total, *(steps[-1] for steps, _ in drawn.values())) * 1.02)
    for step in dict.fromkeys(panel.found):
        axes.annotate(
            "",
            (step, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 9),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-|>", "color": FAILED, "linewidth": 0, "mutation_scale": 13},
            annotation_clip=False,
            zorder=8,
        )
        axes.axvline(step, color=FAILED, linewidth=1, linestyle=(0, (1, 2)), alpha=0.8, zorder=3)
    _dress(axes, panel)


def extremes(series: Series) -> tuple[Floats, Floats]:
    """At most two points of each stretch: its smallest and its largest value, in their order."""
    steps, values = np.asarray(series.steps), np.asarray(series.values)
    if len(steps) <= 2 * STRETCHES:
        return steps, values
    edges = np.linspace(0, len(steps), STRETCHES + 1).astype(int)
    kept = np.unique(
        [
            first + place(values[first:last])
            for first, last in itertools.pairwise(edges)
            for place in (np.argmin, np.argmax)
        ]
    )
    return steps[kept], values[kept]


def _scale(axes: Axes, values: Floats) -> None:
    """A logarithmic axis for positive values of very different sizes; else what holds nearly all of them.

    A spike that is far outside leaves the picture rather than flattening everything else.
    """
    positive = values[values > 0]
    if len(positive) == len(values) and np.ptp(np.log10(values)) > math.log10(LOG_FROM):
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
        low = float(np.percentile(values, 2))
        axes.set_ylim(max(low / 3, float(values.min()) / 1.5), float(values.max()) * 2)
        return
    low, high = (float(edge) for edge in np.percentile(values, (1, 99)))
    reach = (high - low) or abs(high) or 1.0
    low, high = max(float(values.min()), low - reach), min(float(values.max()), high + reach)
    air = 0.08 * ((high - low) or abs(high) or 1.0)
    axes.set_ylim(low - air, high + air)


def _dress(axes: Axes, panel: SmallPanel) -> None:
    axes.set_facecolor(CARD)
    logarithmic = axes.get_yscale() == "log"
    if not logarithmic:
        axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, logarithmic=logarithmic)))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: steps_text(value)))
    axes.tick_params(which="both", length=0, colors=QUIET, pad=4)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font(TICK_PT))
    axes.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(QUIET)
    words = f"{panel.words} (log)" if logarithmic else panel.words
    axes.annotate(
        printable(words, 40),
        (0, 1),
        xycoords="axes fraction",
        xytext=(-34, 12),
        textcoords="offset points",
        color=INK,
        fontproperties=font(LABEL_PT),
        parse_math=False,
        annotation_clip=False,
    )


def _tick(value: float, *, logarithmic: bool) -> str:
    if not logarithmic or value <= 0:
        return value_text(value)
    exponent = round(math.log10(value))
    return value_text(value) if -2 <= exponent <= 3 else f"1e{exponent}".replace("-", "\N{MINUS SIGN}")  # noqa: PLR2004 - short enough to write out


def _title(figure: Figure, sheet: SheetSpec, height: float) -> None:
    for text, down_in, color, letters in (
        (printable(sheet.title, MAX_TITLE), 0.2, INK, font(TITLE_PT, bold=True)),
        ("Diagnostics of every seed over environment steps", 0.56, QUIET, font(NOTE_PT)),
    ):
        place = (EDGE_IN / WIDTH_IN, 1 - down_in / height)
        figure.text(*place, text, va="top", color=color, parse_math=False, fontproperties=letters)


def _legend(figure: Figure, sheet: SheetSpec, looks: Mapping[str, tuple[str, object]]) -> None:
    handles, labels = [], []
    for trace in sheet.traces if len(sheet.traces) <= len(COLORS) else sheet.traces[:1]:
        color, style = looks[trace.label]
        handles.append(Line2D([], [], color=color, linestyle=style, linewidth=2.5))  # type: ignore[arg-type]  # a dash pattern, too
        failed = " failed" if trace.state is CurveState.FAILED else ""
        labels.append(f"{trace.label}{failed}" if len(sheet.traces) <= len(COLORS) else "each seed")
    if any(trace.found for trace in sheet.traces):
        handles.append(Line2D([], [], color=FAILED, marker="v", markersize=8, linestyle=""))
        labels.append("something was seen here")
    legend = figure.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(EDGE_IN / WIDTH_IN, 0.0),
        ncols=LEGEND_COLUMNS,
        frameon=False,
        prop=font(NOTE_PT),
        labelcolor=INK,
        handlelength=1.4,
        columnspacing=1.2,
        borderaxespad=0.6,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
