"""Draws a plot as a PNG with matplotlib's objects alone: no pyplot, nothing global.

Made for a phone: an opaque light card that reads in Slack's light and dark themes, large type, few
elements. Colour is never the only sign: the mean is thick, the comparator dashed, a failed seed ends
in a cross with its name, the expected outcome is written on its line.
"""

import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, MaxNLocator

from worker.plots.lettering import font, printable, steps_text, value_text
from worker.plots.marks import ASKED, CARD, GRID, INK, QUIET, Painter
from worker.plots.profile import heading, paint
from worker.plots.spec import CurveKind, CurveState, Panel, PlotSpec, Profile

DPI = 150
WIDTH_IN, TOP_IN, HEAD_IN = 8.0, 0.85, 0.55
ONE_PANEL_IN, SHARED_PANEL_IN, PROFILE_IN = 3.4, 2.8, 2.0
AXIS_IN, LEGEND_ROW_IN = 0.95, 0.27
LEFT_IN, RIGHT_IN, EDGE_IN = 0.95, 0.15, 0.3
TITLE_PT, LABEL_PT, TICK_PT, NOTE_PT, LABEL_LINE_PT = 18, 16, 15, 14, 21
LEGEND_COLUMNS = 2
MAX_TITLE, MAX_LABEL, MAX_NOTE, MAX_ASKED = 50, 62, 70, 2
DASHES = "\N{EN DASH} \N{EN DASH}"
FILE_MODE = 0o644
# Of zlib: 6, the usual level, makes the file a tenth smaller and takes several milliseconds more.
COMPRESSION = 3


def render(plot: PlotSpec, path: Path) -> None:
    """Draws `plot` and puts the PNG at `path`."""
    save(draw(plot), path)


def save(figure: Figure, path: Path) -> None:
    """Puts the figure's PNG at `path` in one step: nobody ever sees half of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            FigureCanvasAgg(figure)
            figure.savefig(
                file,
                format="png",
                dpi=DPI,
                facecolor=CARD,
                metadata={"Software": None},
                pil_kwargs={"compress_level": COMPRESSION},
            )
            os.fchmod(file.fileno(), FILE_MODE)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def draw(plot: PlotSpec) -> Figure:
    """The picture, one panel below the other over the same steps, the legend below all."""
    figure = Figure(figsize=(WIDTH_IN, 1), dpi=DPI, facecolor=CARD, edgecolor=GRID, linewidth=4)
    panels = [Painter(figure.add_axes((0, 0, 1, 1)), plot, panel) for panel in plot.panels]
    for painter in panels:
        painter.paint()
    legend = [*panels[-1].legend, *panels[0].mark_legend] if panels else []
    legend_in = LEGEND_ROW_IN * math.ceil(len(legend) / LEGEND_COLUMNS)
    profile_in = HEAD_IN + PROFILE_IN + AXIS_IN if plot.profile else 0.0
    foot = AXIS_IN + profile_in + legend_in
    count = len(panels)
    heads = [HEAD_IN + LABEL_LINE_PT / 72 * len(asked_labels(panel)) for panel in plot.panels]
    width = 1 - (LEFT_IN + RIGHT_IN) / WIDTH_IN
    panel_in = ONE_PANEL_IN if count == 1 else SHARED_PANEL_IN
    height = TOP_IN + sum(heads) + count * panel_in + foot
    figure.set_size_inches(WIDTH_IN, height)
    for i, painter in enumerate(panels):
        bottom = height - TOP_IN - sum(heads[: i + 1]) - (i + 1) * panel_in
        painter.axes.set_position((LEFT_IN / WIDTH_IN, bottom / height, width, panel_in / height))
        _scales(painter, lowest=i == count - 1)
    if plot.profile is not None:
        box = (LEFT_IN / WIDTH_IN, (legend_in + AXIS_IN) / height, width, PROFILE_IN / height)
        _profile(figure, plot.profile, box)
    _title(figure, plot, height)
    _legend(figure, legend)
    return figure


def _profile(figure: Figure, profile: Profile, box: tuple[float, float, float, float]) -> None:
    """How the runs' final values are spread, below the curves."""
    axes = figure.add_axes(box)
    paint(axes, profile)
    _above(axes, [(heading(profile), INK, font(LABEL_PT))])


def asked_labels(panel: Panel) -> tuple[str, ...]:
    """What the panel's lines stand for, each once, two at most."""
    return tuple(dict.fromkeys(f"{DASHES} {line.label}" for line in panel.lines))[:MAX_ASKED]


def _title(figure: Figure, plot: PlotSpec, height: float) -> None:
    title, note = printable(plot.title, MAX_TITLE), printable(_note(plot), MAX_NOTE)
    for text, down_in, color, letters in (
        (title, 0.2, INK, font(TITLE_PT, bold=True)),
        (note, 0.56, QUIET, font(NOTE_PT)),
    ):
        place = (EDGE_IN / WIDTH_IN, 1 - down_in / height)
        figure.text(*place, text, va="top", color=color, parse_math=False, fontproperties=letters)


def _note(plot: PlotSpec) -> str:
    """What the curves are made of."""
    if plot.of(CurveKind.SEED, CurveState.RUNNING):
        return "Interim, no verdict yet"
    if any(plot.from_training(panel) for panel in plot.panels):
        return "Curves: training episodes"
    if plot.interim_episodes:
        return f"Curves: evaluations of {plot.interim_episodes} episodes"
    return ""


def _scales(painter: Painter, *, lowest: bool) -> None:
    axes = painter.axes
    axes.set_facecolor(CARD)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: value_text(value)))
    total = painter.total
    ticks = [tick for tick in MaxNLocator(4).tick_values(0, total) if 0 <= tick <= total * 1.001]
    axes.set_xticks(ticks, [steps_text(tick) for tick in ticks])
    axes.tick_params(length=0, colors=QUIET, pad=6, labelbottom=lowest)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font(TICK_PT))
    axes.grid(visible=True, color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(QUIET)
    _heading(painter)
    if lowest:
        axes.set_xlabel("environment steps", color=INK, fontproperties=font(LABEL_PT), labelpad=4)


def _heading(painter: Painter) -> None:
    """The vertical axis' label, and what was asked.

    They lie on top of the axis: upright text is hard to read on a phone, and there it covers no curve.
    """
    axes, panel = painter.axes, painter.panel
    unit = f" ({panel.unit})" if panel.unit else ""
    asked = asked_labels(panel)
    texts = [
        (panel.words + unit, INK, font(LABEL_PT)),
        *((text, ASKED, font(NOTE_PT, bold=True)) for text in asked),
    ]
    _above(axes, texts)


def _above(axes: Axes, texts: Sequence[tuple[str, str, FontProperties]]) -> None:
    """Lines of text on top of an axis, each with its colour and letters."""
    left = (EDGE_IN - LEFT_IN) / (WIDTH_IN - LEFT_IN - RIGHT_IN)
    for i, (text, color, letters) in enumerate(texts):
        axes.annotate(
            printable(text, MAX_LABEL),
            (left, 1),
            xycoords="axes fraction",
            xytext=(0, 10 + LABEL_LINE_PT * (len(texts) - 1 - i)),
            textcoords="offset points",
            va="bottom",
            color=color,
            fontproperties=letters,
            parse_math=False,
            annotation_clip=False,
        )


def _legend(figure: Figure, entries: Sequence[tuple[Artist, str]]) -> None:
    """Below everything, in the order in which the eye meets the lines."""
    if not entries:
        return
    legend = figure.legend(
        [handle for handle, _ in entries],
        [label for _, label in entries],
        loc="lower left",
        bbox_to_anchor=(EDGE_IN / WIDTH_IN, 0.0),
        ncols=LEGEND_COLUMNS,
        frameon=False,
        prop=font(NOTE_PT),
        labelcolor=INK,
        handlelength=1.6,
        columnspacing=1.6,
        labelspacing=0.35,
        borderaxespad=0.6,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
