"""The diagnostics sheet: what it shows of which seeds, and that it can always be drawn."""

from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from db.lifecycle import AttemptStatus, ExitCause, RunStatus
from db.records import Finding, FindingKind, Severity
from tests.unit.worker.builders import attempt, run
from tests.unit.worker.plot_cases import experiment
from tests.unit.worker.recorded import FOLDER
from worker.plots import CurveState, Series, SheetSpec, Trace, read_sheet, render_sheet, sheet_alt
from worker.plots.sheet import draw_sheet, extremes
from worker.plots.sheet_spec import panels_of, speed
from worker.tables import read_table

TOTAL = 100_000
STEPS = tuple(float(step) for step in range(1_000, TOTAL + 1, 1_000))


def trace(name: str, label: str = "s1", state: CurveState = CurveState.DONE, **found: int) -> Trace:
    seen = {FindingKind(kind): step for kind, step in found.items()}
    return Trace(label, state, read_table(FOLDER / name / "metrics.csv"), seen)


def sheet(*traces: Trace) -> SheetSpec:
    return SheetSpec("E-42 · Smoother turns", traces, TOTAL)


def texts(of: SheetSpec) -> list[str]:
    figure = draw_sheet(of, panels_of(of))
    return [text.get_text() for text in figure.findobj(mpl.text.Text) if text.get_text()]


def test_ppo_shows_what_ppo_says() -> None:
    names = [panel.name for panel in panels_of(sheet(trace("healthy_ppo_cartpole")))]
    assert names == [
        *("reward", "episode_length", "policy_gradient_loss", "value_loss", "entropy", "approx_kl"),
        *("clip_fraction", "explained_variance", "learning_rate", "steps_per_s"),
    ]


def test_dqn_shows_its_loss_and_its_exploration() -> None:
    names = {panel.name for panel in panels_of(sheet(trace("healthy_dqn_cartpole")))}
    assert {"loss", "exploration_rate", "steps_per_s"} <= names
    assert "value_loss" not in names


def test_all_seeds_are_in_each_panel_and_in_the_legend() -> None:
    both = sheet(trace("healthy_ppo_cartpole", "s1"), trace("collapse", "s2", CurveState.FAILED))
    assert {tuple(panel.series) for panel in panels_of(both)} == {("s1", "s2")}
    said = texts(both)
    for words in ("E-42 · Smoother turns", "s1", "s2 failed", "value loss (log)", "explained variance"):
        assert words in said
    assert "something was seen here" not in said


def test_findings_point_at_their_own_panel() -> None:
    seen = sheet(trace("collapse", entropy_collapse=26_952, nan=50_000))
    found = {panel.name: panel.found for panel in panels_of(seen)}
    assert found["entropy"] == (26_952,)
    assert found["value_loss"] == ()
    assert "something was seen here" in texts(seen)


def test_a_spike_of_one_row_survives() -> None:
    values = np.full(5_000, 0.01)
    values[3_333] = 9.0
    steps, kept = extremes(Series(tuple(range(5_000)), tuple(values.tolist())))
    assert len(kept) <= 300
    assert kept.max() == 9.0
    assert (np.diff(steps) > 0).all()


def test_speed_is_steps_by_seconds() -> None:
    halved = speed(
        Series(STEPS, tuple(step / 1000 if step < 50_000 else 2 * step / 1000 - 50 for step in STEPS))
    )
    assert halved.values[0] == pytest.approx(1000)
    assert halved.values[-1] == pytest.approx(500)
    assert speed(Series(STEPS, tuple(1.0 for _ in STEPS))) == Series()


def test_the_picture_is_a_card_for_a_phone(tmp_path: Path) -> None:
    assert render_sheet(sheet(trace("healthy_ppo_cartpole")), tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.width == 1200
        assert 1200 < image.height < 2400


def test_without_any_row_nothing_is_drawn(tmp_path: Path) -> None:
    empty = Trace("s1", CurveState.FAILED)
    assert not render_sheet(sheet(empty), tmp_path / "sheet.png")
    assert list(tmp_path.iterdir()) == []


def test_a_seed_without_rows_stands_beside_the_others(tmp_path: Path) -> None:
    both = sheet(trace("healthy_ppo_pendulum"), Trace("s2", CurveState.FAILED))
    assert render_sheet(both, tmp_path / "sheet.png")
    assert "s2 failed" in texts(both)


def test_many_seeds_share_one_colour_and_one_entry() -> None:
    one = trace("healthy_ppo_pendulum")
    many = sheet(*(replace(one, label=f"s{i}") for i in range(1, 13)))
    assert "each seed" in texts(many)
    assert "s12" not in texts(many)


def test_it_says_in_words_where_things_ended() -> None:
    said = sheet_alt(sheet(trace("healthy_ppo_cartpole")))
    assert said.startswith("E-42, diagnostics of 1 seed over the training: return of training episodes,")
    assert "Entropy ends at 0." in said
    assert "Steps per second at the end:" in said


def test_the_seeds_that_count_are_read_from_their_folders(tmp_path: Path) -> None:
    (tmp_path / "E-42-s1").mkdir()
    (tmp_path / "E-42-s1" / "a1").symlink_to(FOLDER / "collapse")
    alarm = Finding(FindingKind.COLLAPSE, "s1", 9, Severity.ALARMING)
    calm = Finding(FindingKind.PLATEAU, "s1", 9, Severity.NOTABLE)
    failed = run(
        status=RunStatus.FAILED,
        cause=ExitCause.NAN,
        attempt=attempt(AttemptStatus.EXITED, exit_code=11),
        findings=(alarm, calm),
    )
    unlaunched = run(id=4, label="s2", seed_index=2, status=RunStatus.FAILED, cause=ExitCause.START_FAILURE)

    first, second = read_sheet(tmp_path, replace(experiment(), runs=(failed, unlaunched))).traces

    assert (first.label, first.state, dict(first.found)) == (
        "s1",
        CurveState.FAILED,
        {FindingKind.COLLAPSE: 9},
    )
    assert len(first.columns["reward"]) > 100
    assert dict(second.columns) == {}


COLUMNS = ("reward", "time_s", "value_loss", "approx_kl", "explained_variance", "entropy_loss")


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(COLUMNS),
        st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=30),
        min_size=1,
        max_size=3,
    )
)
def test_any_values_can_be_drawn(tmp_path: Path, columns: dict[str, list[float]]) -> None:
    series = {
        name: Series(tuple(float(i + 1) for i in range(len(values))), tuple(values))
        for name, values in columns.items()
    }
    render_sheet(sheet(Trace("s1", CurveState.DONE, series)), tmp_path / "sheet.png")
