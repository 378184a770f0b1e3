"""What a plot shows of an experiment, and what it says in words."""

from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from db.lifecycle import AttemptStatus, ExitCause, RunStatus
from db.records import Finding, FindingKind, Run, Severity
from db.verdict import SeedOutcome, judge
from tests.unit.worker.builders import attempt, result, run
from tests.unit.worker.plot_cases import TOTAL, curve, expectation_of, experiment, reward_plot, rising
from trainer.contract import RunKind
from worker.plots import (
    Curve,
    CurveKind,
    CurveState,
    ExpectedLine,
    Mark,
    Series,
    alt_text,
    plot_spec,
    read_curves,
)
from worker.plots.band import POINTS, band_of, thinned
from worker.plots.build import marks_of

THEIRS = [curve(f"c{i}", 400 + i, CurveKind.COMPARATOR) for i in (-2, -1, 0, 1, 2)]
SMOOTH = [curve(f"c{i}", 0.2, CurveKind.COMPARATOR, "oscillation") for i in range(1, 4)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("final reward > 450", [ExpectedLine(450, "asked: > 450")]),
        ("mean final reward >= 450", [ExpectedLine(450, "asked: >= 450")]),
        ("solves at 475 within 50k steps", [ExpectedLine(475, "asked: 475 within 50k steps", 50_000)]),
        ("in 4 of 5 seeds final reward > 450", [ExpectedLine(450, "asked: > 450, 4 of 5 seeds")]),
        ("> parent", [ExpectedLine(400, "asked: above E-12 (400)")]),
        ("> E-12 + 20", [ExpectedLine(420, "asked: 20 above E-12 (420)")]),
        ("improves by 10% over parent", [ExpectedLine(440, "asked: 10 % above E-12 (440)")]),
        ("no worse than parent by 15", [ExpectedLine(385, "asked: at most 15 below E-12 (385)")]),
        (
            "same as parent within 15",
            [
                ExpectedLine(385, "asked: within 15 of E-12 (385 to 415)"),
                ExpectedLine(415, "asked: within 15 of E-12 (385 to 415)"),
            ],
        ),
    ],
)
def test_the_expected_outcome_has_its_line(text: str, lines: list[ExpectedLine]) -> None:
    (panel,) = plot_spec(experiment(), expectation_of(text), THEIRS).panels

    assert [line.label for line in panel.lines] == [line.label for line in lines]
    assert [line.value for line in panel.lines] == pytest.approx([line.value for line in lines])
    assert [line.until for line in panel.lines] == [line.until for line in lines]


def test_a_claim_about_another_metric_adds_its_panel() -> None:
    plot = plot_spec(experiment(), expectation_of("oscillation falls by 20% vs E-12"), SMOOTH)

    assert [panel.metric for panel in plot.panels] == ["final_reward", "oscillation"]
    assert plot.panels[0].lines == ()
    assert plot.panels[1].lines[0].label == "asked: 20 % below E-12 (0.16)"
    assert not plot.panels[1].higher_is_better
    assert plot.comparator == "E-12"


def test_a_comparison_without_comparator_values_has_no_line() -> None:
    plot = plot_spec(experiment(), expectation_of("> parent"), [curve("s1", 450)])

    assert plot.panels[0].lines == ()
    assert plot.comparator is None


def test_a_plot_needs_no_expectation() -> None:
    plot = plot_spec(experiment(), None, [])

    assert plot.title == "E-42 · Smoother turns"
    assert (plot.total_timesteps, plot.n_eval_episodes, plot.interim_episodes) == (TOTAL, 100, 5)


@pytest.mark.parametrize(
    ("status", "cause", "state"),
    [
        (RunStatus.SUCCEEDED, ExitCause.FINISHED, CurveState.DONE),
        (RunStatus.FAILED, ExitCause.NAN, CurveState.FAILED),
        (RunStatus.FAILED, ExitCause.TIME_LIMIT, CurveState.FAILED),
        (RunStatus.FAILED, ExitCause.INFRASTRUCTURE, CurveState.STOPPED),
        (RunStatus.CANCELED, ExitCause.STOPPED, CurveState.STOPPED),
        (RunStatus.RUNNING, None, CurveState.RUNNING),
        (RunStatus.QUEUED, None, CurveState.RUNNING),
    ],
)
def test_curves_are_read_from_the_newest_attempts_folder(
    tmp_path: Path, status: RunStatus, cause: ExitCause | None, state: CurveState
) -> None:
    folder = tmp_path / "E-42-s1" / "a2"
    folder.mkdir(parents=True)
    (folder / "evaluations.csv").write_text("timesteps,final_reward\n100,20\n200,30\n")
    seed = run(
        status=status,
        cause=cause,
        attempt=attempt(AttemptStatus.EXITED, folder="E-42-s1/a2"),
        result=result(metrics={"final_reward": 31.0}) if status is RunStatus.SUCCEEDED else None,
    )

    (read,) = read_curves(tmp_path, [seed], [])

    assert (read.label, read.kind, read.state) == ("s1", CurveKind.SEED, state)
    assert read.evaluations["final_reward"] == Series((100, 200), (20, 30))
    assert read.final == ({"final_reward": 31.0} if state is CurveState.DONE else {})


def test_a_run_that_never_started_has_an_empty_curve(tmp_path: Path) -> None:
    (read,) = read_curves(tmp_path, [], [run(status=RunStatus.QUEUED)])

    assert (read.kind, read.evaluations, read.final) == (CurveKind.COMPARATOR, {}, {})


def test_without_evaluations_the_reward_falls_back_on_training_episodes() -> None:
    plot = reward_plot([Curve("s1", CurveKind.SEED, CurveState.DONE, {}, rising(300))])

    assert plot.from_training(plot.panels[0])
    assert plot.series(plot.curves[0], plot.panels[0]) == rising(300)


def test_below_five_seeds_the_band_is_min_to_max() -> None:
    band = band_of([rising(100), rising(200), rising(400)])

    assert band is not None
    assert band.words == "min to max of 3 seeds"
    assert (band.low[-1], band.high[-1]) == (100, 400)
    assert band.mean[-1] == pytest.approx(700 / 3)


def test_from_five_seeds_on_the_band_is_the_t_interval_of_the_mean() -> None:
    ends = [100, 200, 400, 250, 300]
    band = band_of([rising(end) for end in ends])
    expected = scipy.stats.t.interval(0.95, 4, loc=np.mean(ends), scale=scipy.stats.sem(ends))

    assert band is not None
    assert band.words == "95 % interval of the mean"
    assert (band.low[-1], band.high[-1]) == pytest.approx(expected)


def test_the_mean_covers_only_the_steps_that_all_seeds_have() -> None:
    band = band_of([rising(100), rising(100, share=0.5)])

    assert band is not None
    assert band.steps[-1] == TOTAL / 2
    assert band_of([Series((1, 2), (1, 1)), Series((3, 4), (1, 1))]) is None
    assert band_of([rising(100)]) is None
    assert band_of([rising(100), Series()]) is None
    assert band_of([Series((1,), (1,)), Series((1,), (3,))]) is None


def test_long_curves_are_binned_and_keep_their_mean() -> None:
    steps, values = thinned(rising(500, points=8 * POINTS))

    assert len(steps) == POINTS
    assert values.mean() == pytest.approx(np.mean(rising(500, points=8 * POINTS).values))


def _seeds(values: list[float]) -> list[SeedOutcome]:
    return [SeedOutcome(f"s{i}", i, "done", {"final_reward": v}) for i, v in enumerate(values, start=1)]


def test_the_alt_text_is_the_takeaway_in_words() -> None:
    values = [470.0, 480, 490, 500, 485]
    curves = [*(curve(f"s{i}", v) for i, v in enumerate(values, start=1)), *THEIRS]
    expectation = expectation_of("> E-12 + 20")
    verdict = judge(expectation, None, _seeds(values), {12: _seeds([398, 399, 400, 401, 402])})

    assert alt_text(plot_spec(experiment(), expectation, curves), verdict) == (
        "E-42 supported: asked final reward > E-12 + 20, got 485 vs 400 (+21 %). "
        "Final reward ends at 470 to 500 (mean 485) in 5 seeds, E-12 at 398 to 402 (mean 400)."
    )


def test_the_alt_text_of_an_unfinished_experiment() -> None:
    curves = [
        Curve("s1", CurveKind.SEED, CurveState.RUNNING, {"final_reward": rising(200, share=0.5)}),
        Curve("s2", CurveKind.SEED, CurveState.FAILED, {"final_reward": rising(20, share=0.2)}),
    ]

    assert alt_text(reward_plot(curves), None) == (
        "E-42, interim, no verdict yet. Final reward ends at 200 in 1 seed. s2 failed."
    )
    assert alt_text(reward_plot([]), None) == (
        "E-42, interim, no verdict yet. No seed has a value of final reward."
    )


def test_the_alarming_findings_of_the_seeds_are_marked_where_they_began_first() -> None:
    def seed(n: int, *findings: Finding, kind: RunKind = RunKind.SEED) -> Run:
        label = f"{'s' if kind is RunKind.SEED else 'c'}{n}"
        return run(id=n, label=label, seed_index=n, kind=kind, findings=findings)

    def alarm(kind: FindingKind, step: int) -> Finding:
        return Finding(kind, "s1", step, Severity.ALARMING)

    calm = Finding(FindingKind.PLATEAU, "s1", 1, Severity.NOTABLE)
    runs = [
        seed(1, alarm(FindingKind.KL_SPIKES, 900), calm),
        seed(2, alarm(FindingKind.COLLAPSE, 500), alarm(FindingKind.KL_SPIKES, 700)),
        seed(3, alarm(FindingKind.NAN, 1), kind=RunKind.COMPARATOR),
    ]

    assert marks_of(runs) == (Mark(500, "collapse in 1 of 2"), Mark(700, "KL spikes in 2 of 2"))
    assert marks_of(runs[:1]) == (Mark(900, "KL spikes"),)


def test_from_ten_seeds_on_the_plot_has_a_performance_profile() -> None:
    curves = [curve(f"s{i}", 400 + i) for i in range(1, 10)]
    failed = Curve("s10", CurveKind.SEED, CurveState.FAILED)
    claim = expectation_of("final reward > 400")
    assert plot_spec(experiment(), claim, curves).profile is None
    found = plot_spec(experiment(), claim, [*curves, failed]).profile
    assert found is not None
    assert (found.words, found.child[0], found.child[-1]) == ("final reward (return)", (401, 0.9), (409, 0.1))
    running = Curve("s11", CurveKind.SEED, CurveState.RUNNING)
    assert plot_spec(experiment(), claim, [*curves, failed, running]).profile is None
