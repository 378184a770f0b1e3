"""The PNG: whole or not there, opaque, and showing what it should."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from db.verdict.samples import profile
from tests.unit.worker.plot_cases import TOTAL, curve, reward_plot, rising
from worker.plots import (
    Curve,
    CurveKind,
    CurveState,
    ExpectedLine,
    Mark,
    Panel,
    PlotSpec,
    Profile,
    Series,
    render,
)
from worker.plots.draw import draw
from worker.plots.lettering import printable, steps_text, value_text
from worker.plots.marks import ASKED, CARD, FAILED, OURS, THEIRS

SEEDS = [curve("s1", 480), curve("s2", 470), curve("s3", 490)]
COMPARATORS = [curve("c1", 300, CurveKind.COMPARATOR), curve("c2", 310, CurveKind.COMPARATOR)]
BROKEN = Curve("s4", CurveKind.SEED, CurveState.FAILED, {"final_reward": rising(100, share=0.4)})
ASKED_450 = ExpectedLine(450, "asked: > 450")


def pixels(plot: PlotSpec, folder: Path) -> np.ndarray:
    render(plot, folder / "plot.png")
    with Image.open(folder / "plot.png") as image:
        return np.asarray(image.convert("RGBA"))


def count(picture: np.ndarray, color: str) -> int:
    """How many pixels have exactly this colour."""
    wanted = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
    return int((picture[:, :, :3] == wanted).all(axis=2).sum())


def texts(plot: PlotSpec) -> str:
    """Everything that is written on the picture."""
    figure = draw(plot)
    found = [text.get_text() for text in figure.findobj(mpl.text.Text)]
    return "\n".join(text for text in found if text)


def test_each_part_is_in_the_picture(tmp_path: Path) -> None:
    picture = pixels(reward_plot([*SEEDS, *COMPARATORS, BROKEN], ASKED_450), tmp_path)

    for color in (OURS, THEIRS, ASKED, FAILED):
        assert count(picture, color) > 100


def test_what_is_not_there_is_not_drawn(tmp_path: Path) -> None:
    picture = pixels(reward_plot(SEEDS), tmp_path)

    for color in (THEIRS, ASKED, FAILED):
        assert count(picture, color) == 0


def test_the_card_is_opaque_and_light_and_wide_enough(tmp_path: Path) -> None:
    picture = pixels(reward_plot(SEEDS, ASKED_450), tmp_path)

    assert picture[:, :, 3].min() == 255
    assert picture.shape[1] == 1200
    assert count(picture, CARD) > 0.6 * picture.shape[0] * picture.shape[1]


def test_colour_is_never_the_only_sign() -> None:
    said = texts(reward_plot([*SEEDS, *COMPARATORS, BROKEN], ASKED_450))

    for words in (
        "E-42 · Smoother turns",
        "final reward (return)",
        "environment steps",
        "asked: > 450",
        "mean of 3 seeds",
        "min to max of 3 seeds",
        "each seed",
        "E-12, mean of 2 seeds",
        "final, 100 episodes",
        "s4 failed",
        "Curves: evaluations of 5 episodes",
    ):
        assert words in said


def test_the_legend_explains_only_what_is_drawn() -> None:
    looks = Series((TOTAL / 2, TOTAL), (100.0, 200.0)), Series((TOTAL / 2,), (300.0,))
    seeds = [
        Curve(f"s{i}", CurveKind.SEED, CurveState.DONE, {"final_reward": s}) for i, s in enumerate(looks)
    ]
    said = texts(reward_plot(seeds))

    assert "each seed" in said
    assert "mean of" not in said
    assert "min to max" not in said
    assert "each seed" not in texts(reward_plot(COMPARATORS))


def test_a_curve_of_one_point_is_a_dot() -> None:
    once = Curve("s4", CurveKind.SEED, CurveState.FAILED, {"final_reward": Series((TOTAL / 2,), (300.0,))})
    last = draw(reward_plot([*SEEDS, once])).axes[0].get_lines()[len(SEEDS)]

    assert (last.get_marker(), np.asarray(last.get_xdata()).tolist()) == (".", [TOTAL / 2])


def test_the_worst_seed_is_named() -> None:
    assert "s2" in texts(reward_plot(SEEDS)).split("\n")


def test_an_interim_picture_says_so() -> None:
    running = Curve("s1", CurveKind.SEED, CurveState.RUNNING, {"final_reward": rising(200, share=0.5)})

    assert "Interim, no verdict yet" in texts(reward_plot([running]))
    assert "no curve yet" in texts(reward_plot([Curve("s1", CurveKind.SEED, CurveState.RUNNING)]))
    assert "no curve" in texts(reward_plot([]))


def test_training_episodes_are_not_passed_off_as_evaluations() -> None:
    trained = Curve("s1", CurveKind.SEED, CurveState.DONE, {}, rising(300))

    assert "Curves: training episodes" in texts(reward_plot([trained]))


def test_two_panels_share_their_steps(tmp_path: Path) -> None:
    plot = reward_plot(SEEDS, ASKED_450)
    both = PlotSpec(
        title=plot.title,
        curves=plot.curves,
        panels=(*plot.panels, Panel("oscillation", "oscillation", "share", 0, 1, False)),
        total_timesteps=TOTAL,
        n_eval_episodes=100,
        interim_episodes=5,
    )

    assert pixels(both, tmp_path).shape[0] > pixels(plot, tmp_path).shape[0]
    assert "oscillation (share)" in texts(both)


def test_the_same_plot_gives_the_same_bytes(tmp_path: Path) -> None:
    plot = reward_plot(SEEDS, ASKED_450)
    render(plot, tmp_path / "a.png")
    render(plot, tmp_path / "b.png")

    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_picture_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "plot.png"
    path.write_bytes(b"old")

    render(reward_plot(SEEDS), path)

    assert [entry.name for entry in tmp_path.iterdir()] == ["plot.png"]
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_mode & 0o777 == 0o644


def test_where_it_cannot_be_put_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "plot.png").mkdir()

    with pytest.raises(OSError, match=r"plot\.png"):
        render(reward_plot(SEEDS), tmp_path / "plot.png")
    assert [entry.name for entry in tmp_path.iterdir()] == ["plot.png"]


@pytest.mark.parametrize(
    "title",
    [
        "E-42 · $x_{2$ \\frac{} broken mathtext",
        "E-42 · 日本語のタイトル 🚀",
        "E-42 · bell\x07 and escape\x1b[31m",
        "E-42 · \u202edetrevni",
        "E-42 · " + "long " * 200,
        "",
    ],
)
def test_any_title_can_be_drawn_without_a_warning(tmp_path: Path, title: str) -> None:
    assert pixels(reward_plot(SEEDS, title=title), tmp_path).shape[1] == 1200


@pytest.mark.parametrize("value", [0.0, -1e100, 1e100, 1e-300])
def test_any_values_can_be_drawn(tmp_path: Path, value: float) -> None:
    one = Curve(
        "s1", CurveKind.SEED, CurveState.DONE, {"m": Series((1, 2), (value, value))}, Series(), {"m": value}
    )
    plot = PlotSpec("E-1", (one,), (Panel("m", "m"),), 0, 0, 0)

    assert pixels(plot, tmp_path).shape[1] == 1200


def test_nothing_global_is_touched(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)

    render(reward_plot(SEEDS), tmp_path / "plot.png")

    assert dict(mpl.rcParams) == before


def test_pyplot_is_never_imported() -> None:
    code = "import sys, worker.plots; assert 'matplotlib.pyplot' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@given(st.text(max_size=60))
def test_only_what_the_font_has_is_written(text: str) -> None:
    shown = printable(text, 30)

    assert len(shown) <= 30
    assert shown == printable(shown, 30)
    assert "\n" not in shown


def test_numbers_on_the_axes_are_short() -> None:
    assert [steps_text(s) for s in (0, 500, 50_000, 1_500_000)] == ["0", "500", "50k", "1.5M"]
    assert [value_text(v) for v in (0.15, -200, 12_000)] == ["0.15", "\N{MINUS SIGN}200", "12k"]


def test_what_detectors_saw_is_marked_with_letters() -> None:
    plot = replace(reward_plot(SEEDS), marks=(Mark(30_000, "collapse in 2 of 3"), Mark(10**9, "NaN")))
    both = replace(plot, panels=(*plot.panels, Panel("oscillation", "oscillation", "share", 0, 1, False)))

    for drawn in (plot, both):
        said = texts(drawn).split("\n")
        assert said.count("a") == said.count("b") == 1
        assert "a: collapse in 2 of 3" in said
        assert "b: NaN" in said


def test_ten_seeds_are_drawn_with_their_performance_profile(tmp_path: Path) -> None:
    ours = Profile("final reward (return)", True, ((440, 0.9), (460, 0.5)), ((300, 1.0), (310, 0.5)))
    plot = reward_plot([*SEEDS, *COMPARATORS])
    with_profile = replace(plot, profile=ours)
    assert "share of runs with at least this" in texts(with_profile)
    assert "share of runs" not in texts(plot)
    assert pixels(with_profile, tmp_path).shape[0] > pixels(plot, tmp_path).shape[0]
    lower = replace(ours, higher_is_better=False, child=((0.1, 0.4), (0.2, 1.0)), comparator=())
    assert "share of runs with at most this" in texts(replace(plot, profile=lower))


@pytest.mark.parametrize("up", [True, False])
def test_a_share_holds_where_the_runs_are_at_least_as_good(up: bool) -> None:
    steps = profile([1.0, 2.0, 2.0, 4.0], higher_is_better=up, failed=1)
    axes = draw(replace(reward_plot(SEEDS), profile=Profile("w", up, steps))).axes[-1]
    values, shares = (np.asarray(data) for data in axes.lines[0].get_data())
    where = axes.lines[0].get_drawstyle()
    for tau, share in ((1.5, 0.6 if up else 0.2), (3.0, 0.2 if up else 0.6), (5.0, 0.0 if up else 0.8)):
        after = int(np.searchsorted(values, tau))
        at = shares[min(after, len(shares) - 1)] if where == "steps-pre" else shares[after - 1]
        assert at == pytest.approx(share), tau
