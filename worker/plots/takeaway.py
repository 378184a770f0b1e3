"""What a plot says, in one sentence, for people who do not see it."""

from collections.abc import Sequence

from db.verdict import Verdict, words
from db.verdict.samples import mean
from worker.plots.spec import CurveKind, CurveState, Panel, PlotSpec

_MAX_LENGTH = 500


def alt_text(plot: PlotSpec, verdict: Verdict | None) -> str:
    """The takeaway: the verdict with its numbers, or how far the seeds have come while there is none."""
    key = plot.title.split(" · ", 1)[0]
    if verdict is not None:
        headline = verdict.claims[0]
        said = f"{key} {verdict.outcome}: asked {headline.asked}, got {headline.got}"
    else:
        said = f"{key}, interim, no verdict yet"
    ends = "; ".join(text for text in (_ends(plot, panel) for panel in plot.panels) if text)
    sentences = [part[0].upper() + part[1:] for part in (said, ends) if part]
    return ". ".join([*sentences, *_lost(plot)])[:_MAX_LENGTH] + "."


def _ends(plot: PlotSpec, panel: Panel) -> str:
    """Where the curves of one panel end: "final reward ends at 470 to 500 in 5 seeds, E-12 at 400 to 420"."""
    ours = _values(plot, panel, CurveKind.SEED)
    if not ours:
        return f"no seed has a value of {panel.words}"
    said = f"{panel.words} ends at {_span(ours)} in {words.seeds(len(ours))}"
    theirs = _values(plot, panel, CurveKind.COMPARATOR)
    return f"{said}, {plot.comparator} at {_span(theirs)}" if theirs else said


def _values(plot: PlotSpec, panel: Panel, kind: CurveKind) -> list[float]:
    """The final values; while there are none, the newest points of the curves."""
    curves = plot.of(kind, CurveState.DONE, CurveState.RUNNING)
    finals = [curve.final[panel.metric] for curve in curves if panel.metric in curve.final]
    if finals:
        return finals
    series = (plot.series(curve, panel) for curve in curves)
    return [one.values[-1] for one in series if len(one) > 0]


def _span(values: Sequence[float]) -> str:
    places = words.decimals(values)
    low, high = words.number(min(values), places), words.number(max(values), places)
    return low if low == high else f"{low} to {high} (mean {words.number(mean(values), places)})"


def _lost(plot: PlotSpec) -> tuple[str, ...]:
    """A sentence that begins with the seeds' own labels, which stay as they are."""
    failed = plot.of(CurveKind.SEED, CurveState.FAILED)
    return (f"{words.some_of([curve.label for curve in failed])} failed",) if failed else ()
