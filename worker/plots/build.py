"""From an experiment's records and curves to what its plot shows. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from db.expectation import (
    FINAL_REWARD,
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    Expectation,
    MetricInfo,
    Solves,
    metric_name,
    metrics_of,
)
from db.expectation.numbers import exact_number, percent_number, plain_number, steps_number
from db.lifecycle import TERMINAL_RUNS
from db.records import Experiment, FindingKind, Run, Severity
from db.seeds import counting, of_kind, outcome
from db.verdict.difference import percentage_base, target_values
from db.verdict.samples import PROFILE_FROM, mean, profile
from trainer.contract import METRICS_FILE, JsonObject, RunKind
from worker.plots.read import read_curve
from worker.plots.sheet_spec import SheetSpec, Trace
from worker.plots.spec import Curve, CurveKind, CurveState, ExpectedLine, Mark, Panel, PlotSpec, Profile
from worker.tables import read_table

MAX_PANELS = 2
MAX_MARKS = 3


def read_curves(artifacts: Path, seeds: Sequence[Run], comparators: Sequence[Run]) -> tuple[Curve, ...]:
    """The curves of the runs that count, from their newest attempts' folders under `artifacts`."""
    sides = [(run, CurveKind.SEED) for run in seeds] + [(run, CurveKind.COMPARATOR) for run in comparators]
    return tuple(_read(artifacts, run, kind) for run, kind in sides if run.kind is not RunKind.SMOKE)


def _read(artifacts: Path, run: Run, kind: CurveKind) -> Curve:
    final = outcome(run).metrics
    if run.attempt is None:
        return Curve(run.label, kind, _state(run), final=final)
    return read_curve(artifacts / run.attempt.folder, run.label, kind, _state(run), final)


def _state(run: Run) -> CurveState:
    if run.status not in TERMINAL_RUNS:
        return CurveState.RUNNING
    state = outcome(run).state
    return CurveState.STOPPED if state == "missing" else CurveState(state)


def read_sheet(artifacts: Path, experiment: Experiment) -> SheetSpec:
    """The training tables of the seeds that count, failed ones too, for the diagnostics sheet."""
    runs = counting(of_kind(experiment.runs, RunKind.SEED))
    return SheetSpec(
        title=f"{experiment.key} · {experiment.title}",
        traces=tuple(_trace(artifacts, run) for run in runs),
        total_timesteps=_whole(experiment.revision.config, "total_timesteps"),
    )


def _trace(artifacts: Path, run: Run) -> Trace:
    folder = artifacts / run.attempt.folder if run.attempt else None
    columns = read_table(folder / METRICS_FILE) if folder else {}
    alarming = [finding for finding in run.findings if finding.severity is Severity.ALARMING]
    return Trace(run.label, _state(run), columns, {finding.kind: finding.since_step for finding in alarming})


def plot_spec(experiment: Experiment, expectation: Expectation | None, curves: Sequence[Curve]) -> PlotSpec:
    """What to show of an experiment: the reward, and the claim's own metric where that is another.

    The comparator's curves are those of kind COMPARATOR; `expectation.parent_key` names it.
    """
    config = experiment.revision.config
    metrics = metrics_of(config)
    claims = expectation.claims if expectation else ()
    names = dict.fromkeys([FINAL_REWARD, *(metric_name(claim) for claim in claims)])
    panels = [
        _panel(metrics[name], claims, expectation, curves)
        for name in list(names)[:MAX_PANELS]
        if name in metrics
    ]
    compared = any(curve.kind is CurveKind.COMPARATOR for curve in curves)
    return PlotSpec(
        title=f"{experiment.key} · {experiment.title}",
        curves=tuple(curves),
        panels=tuple(panels),
        total_timesteps=_whole(config, "total_timesteps"),
        n_eval_episodes=_whole(config, "eval", "n_eval_episodes"),
        interim_episodes=_whole(config, "eval", "interim", "episodes"),
        comparator=_comparator_name(claims, expectation) if compared else None,
        marks=marks_of(experiment.runs),
        profile=profile_of(panels[-1], curves) if panels else None,
    )


def profile_of(panel: Panel, curves: Sequence[Curve]) -> Profile | None:
    """How the final values of the claim's metric are spread, once ten seeds have ended."""
    up = panel.higher_is_better
    child, failed = _final_values(panel, curves, CurveKind.SEED)
    running = any(curve.state is CurveState.RUNNING for curve in curves)
    if running or not child or len(child) + failed < PROFILE_FROM:
        return None
    theirs, theirs_failed = _final_values(panel, curves, CurveKind.COMPARATOR)
    return Profile(
        words=panel.words + (f" ({panel.unit})" if panel.unit else ""),
        higher_is_better=up,
        child=profile(child, higher_is_better=up, failed=failed),
        comparator=profile(theirs, higher_is_better=up, failed=theirs_failed) if theirs else (),
    )


def _final_values(panel: Panel, curves: Sequence[Curve], kind: CurveKind) -> tuple[list[float], int]:
    """The final values of one side's finished runs, and how many of its runs failed."""
    ours = [curve for curve in curves if curve.kind is kind]
    done = [curve for curve in ours if curve.state is CurveState.DONE and panel.metric in curve.final]
    failed = sum(curve.state is CurveState.FAILED for curve in ours)
    return [curve.final[panel.metric] for curve in done], failed


def marks_of(runs: Sequence[Run]) -> tuple[Mark, ...]:
    """Where the alarming findings of the seeds that count began, each kind where it began first."""
    counted = counting(of_kind(runs, RunKind.SEED))
    begun: dict[FindingKind, list[int]] = {}
    for run in counted:
        for finding in run.findings:
            if finding.severity is Severity.ALARMING:
                begun.setdefault(finding.kind, []).append(finding.since_step)
    first = sorted((min(steps), kind, len(steps)) for kind, steps in begun.items())
    return tuple(Mark(step, _mark_label(kind, n, len(counted))) for step, kind, n in first[:MAX_MARKS])


def _mark_label(kind: FindingKind, n: int, of: int) -> str:
    return f"{kind.words} in {n} of {of}" if of > 1 else kind.words


def _whole(config: JsonObject, *path: str) -> int:
    """A whole number of the config; 0 where there is none."""
    value: object = config
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _comparator_name(claims: Sequence[Claim], expectation: Expectation | None) -> str:
    others = [claim.other for claim in claims if isinstance(claim, Comparison | Equivalence)]
    return expectation.name_of(others[0] if others else None) if expectation else "comparator"


def _panel(
    metric: MetricInfo, claims: Sequence[Claim], expectation: Expectation | None, curves: Sequence[Curve]
) -> Panel:
    lines: list[ExpectedLine] = []
    if expectation:
        for claim in claims:
            if metric_name(claim) == metric.name:
                lines += _lines(claim, expectation, _finals(curves, metric.name))
    return Panel(
        metric=metric.name,
        words=metric.words,
        unit=metric.unit,
        low=metric.low,
        high=metric.high,
        higher_is_better=metric.higher_is_better,
        lines=tuple(dict.fromkeys(lines)),
    )


def _finals(curves: Sequence[Curve], metric: str) -> list[float]:
    """The comparator's final values."""
    compared = (curve for curve in curves if curve.kind is CurveKind.COMPARATOR)
    return [curve.final[metric] for curve in compared if metric in curve.final]


def _lines(claim: Claim, expectation: Expectation, comparator: Sequence[float]) -> Iterator[ExpectedLine]:
    """Where a claim would be met; nothing for a comparison while the comparator has no value."""
    if isinstance(claim, CountOfSeeds):
        for line in _lines(claim.claim, expectation, comparator):
            yield ExpectedLine(line.value, f"{line.label}, {claim.needed} of {claim.of} seeds", line.until)
    elif isinstance(claim, Solves):
        label = f"asked: {exact_number(claim.threshold)} within {steps_number(claim.within_steps)} steps"
        yield ExpectedLine(claim.threshold, label, claim.within_steps)
    elif isinstance(claim, Comparison | Equivalence):
        yield from _difference_lines(claim, expectation, comparator)
    else:
        yield ExpectedLine(claim.value, f"asked: {claim.bound} {exact_number(claim.value)}")


def _difference_lines(
    claim: Comparison | Equivalence, expectation: Expectation, comparator: Sequence[float]
) -> Iterator[ExpectedLine]:
    if not comparator:
        return
    base = (percentage_base(comparator) or mean(comparator)) if claim.relative else 0.0
    directions = claim.directions if isinstance(claim, Equivalence) else (claim,)
    targets = [mean(target_values(one, comparator, base)) for one in directions]
    where = " to ".join(plain_number(float(f"{target:.3g}")) for target in targets)
    for target in targets:
        yield ExpectedLine(target, f"asked: {_beyond(claim, expectation)} ({where})")


def _beyond(claim: Comparison | Equivalence, expectation: Expectation) -> str:
    """Such as "20 % below E-12"; a margin that allows to be worse says "at most"."""
    name = expectation.name_of(claim.other)
    size = percent_number(abs(claim.margin)) if claim.relative else exact_number(abs(claim.margin))
    if isinstance(claim, Equivalence):
        return f"within {size} of {name}"
    if claim.margin == 0:
        return f"{'above' if claim.up else 'below'} {name}"
    above = claim.up == (claim.margin > 0)
    return f"{'' if claim.margin > 0 else 'at most '}{size} {'above' if above else 'below'} {name}"
