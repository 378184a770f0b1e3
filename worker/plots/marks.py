"""What stands in a panel: seeds, their mean and band, the comparator, the expected outcome, final values."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from db.verdict import words
from worker.plots.band import Band, Floats, band_of, thinned
from worker.plots.lettering import font, printable
from worker.plots.spec import Curve, CurveKind, CurveState, ExpectedLine, Panel, PlotSpec

CARD = "#FBFBFA"
INK = "#1D1C1D"
QUIET = "#5E5D60"
GRID = "#E2E1DF"
OURS = "#0B5FA5"
THEIRS = "#77767A"
ASKED = "#C24E00"
FAILED = "#B3123B"

NOTE_PT = 14
MARK_PT = 10
_PLAQUE = {"facecolor": CARD, "alpha": 0.8, "edgecolor": "none", "pad": 1.0}
_DASHES, _LONG_DASHES, _DOTS = (0, (3, 1.5)), (0, (6, 2)), (0, (1, 2))
_LETTERS = "abcdef"
_OURS_AT, _THEIRS_AT, _LINE_END, _NAME_AT, _RIGHT_END = 1.045, 1.105, 1.13, 1.145, 1.22
_SPREAD = 0.012
_AIR = 0.06
_NEAR_START, _NEAR_END = 0.1, 0.9


class Painter:
    """Paints one panel. `legend` and `mark_legend` gather what the legend shall explain."""

    def __init__(self, axes: Axes, plot: PlotSpec, panel: Panel) -> None:
        self.axes, self.plot, self.panel = axes, plot, panel
        self.total = max(plot.total_timesteps, 1)
        self.legend: list[tuple[Artist, str]] = []
        self.mark_legend: list[tuple[Artist, str]] = []

    def paint(self) -> None:
        """Everything but the scales."""
        self._seeds()
        self._comparator()
        self._finals()
        self._fit()
        for line in self.panel.lines:
            self._asked(line)
        if self.panel is self.plot.panels[0]:
            self._marks()
        if not self._points():
            self._empty()

    def _comparator(self) -> None:
        """The comparator's mean, dashed and grey; its only curve where it has one."""
        curves = self.plot.of(CurveKind.COMPARATOR, CurveState.DONE)
        series = [one for one in (self.plot.series(curve, self.panel) for curve in curves) if len(one) > 0]
        if not series:
            return
        band = band_of(series)
        steps, heights = (band.steps, band.mean) if band else thinned(series[0])
        (drawn,) = self.axes.plot(steps, heights, color=THEIRS, linewidth=3, linestyle=_DASHES, zorder=3)
        label = f"{self.plot.comparator}, {f'mean of {words.seeds(band.n)}' if band else words.seeds(1)}"
        self.legend.append((_sample(drawn), label))

    def _seeds(self) -> None:
        """Each seed thin; the finished ones' mean thick, with its band; a cross where a seed failed."""
        drawn = [self._seed(curve) for curve in self.plot.of(CurveKind.SEED)]
        done = self.plot.of(CurveKind.SEED, CurveState.DONE)
        series = [self.plot.series(curve, self.panel) for curve in done]
        band = band_of(series)
        if band is not None:
            self._band(band)
        if any(drawn):
            self.legend.append((Line2D([], [], color=OURS, linewidth=1.2, alpha=0.6), "each seed"))

    def _seed(self, curve: Curve) -> bool:
        """Whether there was anything to draw; a single point is a dot, for a line of one is nothing."""
        steps, heights = thinned(self.plot.series(curve, self.panel))
        if len(steps) == 0:
            return False
        failed = curve.state is CurveState.FAILED
        color, width, alpha = (FAILED, 2.0, 0.9) if failed else (OURS, 1.2, 0.5)
        marker = "." if len(steps) == 1 else None
        self.axes.plot(steps, heights, color=color, linewidth=width, alpha=alpha, marker=marker, zorder=4)
        if failed:
            self._cross(f"{curve.label} failed", float(steps[-1]), float(heights[-1]))
        return True

    def _cross(self, text: str, steps: float, height: float) -> None:
        self.axes.plot([steps], [height], "x", color=FAILED, markersize=13, markeredgewidth=3.5, zorder=7)
        ha = (
            "right"
            if steps > self.total * _NEAR_END
            else "left"
            if steps < self.total * _NEAR_START
            else "center"
        )
        self._write(text, (steps, height), FAILED, shift=(0, 14), ha=ha, va="bottom")

    def _band(self, band: Band) -> None:
        ends = (
            -np.inf if self.panel.low is None else self.panel.low,
            np.inf if self.panel.high is None else self.panel.high,
        )
        low, high = (np.clip(edge, *ends) for edge in (band.low, band.high))
        self.axes.fill_between(band.steps, low, high, color=OURS, alpha=0.18, linewidth=0, zorder=2)
        (drawn,) = self.axes.plot(
            band.steps, band.mean, color=OURS, linewidth=4, solid_capstyle="round", zorder=5
        )
        self.legend.append((_sample(drawn), f"mean of {words.seeds(band.n)}"))
        self.legend.append((Patch(facecolor=OURS, alpha=0.25), band.words))

    def _finals(self) -> None:
        """The final values that the verdict uses, as dots to the right of the curves.

        The worst is named, unless a seed failed: then that one is the worst, and named at its cross.
        """
        ours = self._dots(CurveKind.SEED, _OURS_AT, OURS)
        self._dots(CurveKind.COMPARATOR, _THEIRS_AT, THEIRS)
        if not ours:
            return
        episodes = self.plot.n_eval_episodes
        label = f"final, {episodes} episodes" if episodes else "final"
        if len({value for value, _ in ours}) > 1 and not self.plot.of(CurveKind.SEED, CurveState.FAILED):
            value, name = (min if self.panel.higher_is_better else max)(ours)
            self._write(name, (self.total * _NAME_AT, value), INK)
            label += "; worst named"
        self.legend.append((Line2D([], [], color=OURS, marker="o", markersize=9, linestyle=""), label))

    def _dots(self, kind: CurveKind, at: float, color: str) -> list[tuple[float, str]]:
        curves = self.plot.of(kind, CurveState.DONE)
        finals = [(c.final[self.panel.metric], c.label) for c in curves if self.panel.metric in c.final]
        places = at + np.linspace(-_SPREAD, _SPREAD, len(finals)) if len(finals) > 1 else np.array([at])
        heights = [value for value, _ in finals]
        self.axes.plot(
            self.total * places[: len(finals)],
            heights,
            "o",
            color=color,
            markersize=9,
            alpha=0.85,
            markeredgecolor=CARD,
            zorder=6,
        )
        return finals

    def _points(self) -> list[tuple[Floats, Floats]]:
        """What has been drawn as curves."""
        series = (self.plot.series(curve, self.panel) for curve in self.plot.curves)
        return [thinned(one) for one in series if len(one) > 0]

    def _fit(self) -> None:
        """Limits that show every curve, every final value and what was asked, with some air."""
        self.axes.set_xlim(0, self.total * _RIGHT_END)
        heights = [float(y) for line in self.axes.get_lines() for y in np.asarray(line.get_ydata())]
        heights += [line.value for line in self.panel.lines]
        if not self._points():
            heights += [end for end in (self.panel.low, self.panel.high) if end is not None]
        low, high = (min(heights), max(heights)) if heights else (0.0, 1.0)
        air = _AIR * ((high - low) or abs(high) or 1.0)
        self.axes.set_ylim(low - air, high + air)

    def _asked(self, line: ExpectedLine) -> None:
        until = min(line.until or self.total * _LINE_END, self.total * _LINE_END)
        self.axes.plot(
            [0, until], [line.value] * 2, color=ASKED, linewidth=2.5, linestyle=_LONG_DASHES, zorder=6
        )
        if line.until is not None:
            self.axes.plot([until], [line.value], marker="v", color=ASKED, markersize=12, zorder=6)

    def _marks(self) -> None:
        """Where something was seen: a hairline with a letter at its foot, which the legend explains."""
        for letter, mark in zip(_LETTERS, self.plot.marks, strict=False):
            at = min(mark.steps, self.total)
            drawn = self.axes.axvline(at, color=FAILED, linewidth=1.2, linestyle=_DOTS, alpha=0.8, zorder=3)
            self.axes.annotate(
                letter,
                (at, 0),
                xycoords=("data", "axes fraction"),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=FAILED,
                fontproperties=font(MARK_PT, bold=True),
                bbox={**_PLAQUE, "boxstyle": "circle,pad=0.18", "edgecolor": FAILED, "alpha": 1.0},
                zorder=8,
            )
            self.mark_legend.append((_sample(drawn), f"{letter}: {printable(mark.label, 34)}"))

    def _empty(self) -> None:
        running = self.plot.of(CurveKind.SEED, CurveState.RUNNING)
        self.axes.text(
            0.5,
            0.5,
            "no curve yet" if running else "no curve",
            transform=self.axes.transAxes,
            ha="center",
            va="center",
            color=QUIET,
            fontproperties=font(NOTE_PT + 4),
        )

    def _write(
        self,
        text: str,
        at: tuple[float, float],
        color: str,
        *,
        shift: tuple[float, float] = (0, 0),
        ha: str = "left",
        va: str = "center",
    ) -> None:
        self.axes.annotate(
            printable(text, 60),
            at,
            xytext=shift,
            textcoords="offset points",
            ha=ha,
            va=va,
            color=color,
            fontproperties=font(NOTE_PT, bold=True),
            parse_math=False,
            bbox=_PLAQUE,
            zorder=8,
        )


def _sample(line: Line2D) -> Line2D:
    """A line of the same look for the legend."""
    sample = Line2D([], [])
    sample.update_from(line)
    return sample
