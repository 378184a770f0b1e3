"""Each detector on a made-up series and on a real one; healthy trainings alarm nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.records import Finding, FindingKind, Severity
from tests.unit.worker.recorded import HEALTHY, recording
from worker.detectors import DETECTORS, Recording, detect
from worker.series import Series

TOTAL = 100_000
ROWS = 200
STEPS = np.linspace(TOTAL / ROWS, TOTAL, ROWS)
NOISE = np.random.default_rng(0).normal(size=ROWS)
RISING = np.minimum(STEPS / 20_000, 1.0) * 400
FLAT = np.zeros(ROWS)
Values = Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]]


def series(values: Values, every: int = 1) -> Series:
    return Series(tuple(STEPS.tolist())[::every], tuple(float(value) for value in values)[::every])


def made(
    *,
    training: Mapping[str, Values] | None = None,
    looks: Mapping[str, Values] | None = None,
    best: float | None = None,
    final: Mapping[str, float] | None = None,
    nan_at: int | None = None,
) -> Recording:
    """A run of 200 rows and 20 evaluations."""
    return Recording(
        seed="s3",
        total_timesteps=TOTAL,
        training={name: series(values) for name, values in (training or {}).items()},
        evaluations={name: series(values, 10) for name, values in (looks or {}).items()},
        final=final or {},
        best=best,
        nan_at=nan_at,
    )


def seen(recorded: Recording, kind: FindingKind) -> Finding | None:
    found = [finding for finding in detect(recorded) if finding.kind is kind]
    assert len(found) <= 1
    return found[0] if found else None


def where(values: Values, low: float, high: float, inside: Values | float) -> Values:
    """`inside` from step `low` to step `high`, `values` elsewhere."""
    steps = STEPS
    return np.where((steps > low) & (steps <= high), inside, values)


NOTHING_WRONG = made(
    training={
        "reward": RISING + 10 * NOISE,
        "time_s": STEPS / 1000,
        "entropy_loss": -0.69 + STEPS / TOTAL * 0.4,
        "approx_kl": 0.01 + 0.002 * np.abs(NOISE),
        "value_loss": 5 + np.abs(NOISE),
        "explained_variance": 0.9 + 0.01 * NOISE,
    },
    looks={"final_reward": RISING, "success_rate": RISING / 400, "oscillation": FLAT + 0.1},
    best=400,
    final={"final_reward": 400, "success_rate": 1.0},
)

COLLAPSED = where(RISING, 60_000, TOTAL, 100) + 10 * NOISE
RETURN_SWINGS = 200 + 150 * np.sign(np.sin(STEPS / 4000)) + 10 * NOISE

MADE: Mapping[FindingKind, tuple[Recording, int]] = {
    FindingKind.COLLAPSE: (made(training={"reward": COLLAPSED}), 60_000),
    FindingKind.PLATEAU: (made(training={"reward": np.minimum(RISING, 300) + NOISE}), 15_000),
    FindingKind.RETURN_OSCILLATION: (made(training={"reward": RETURN_SWINGS}), 10_000),
    FindingKind.ACTION_OSCILLATION: (
        made(looks={"oscillation": where(FLAT + 0.1, 50_000, TOTAL, 0.8)}),
        50_500,
    ),
    FindingKind.ENTROPY_COLLAPSE: (
        made(training={"entropy_loss": where(FLAT - 0.69, 48_000, TOTAL, -0.005)}),
        48_500,
    ),
    FindingKind.KL_SPIKES: (made(training={"approx_kl": where(FLAT + 0.01, 30_000, 32_000, 2.0)}), 30_500),
    FindingKind.VALUE_LOSS_EXPLOSION: (
        made(training={"reward": STEPS / 250, "value_loss": np.exp(STEPS / 5_000)}),
        50_000,
    ),
    FindingKind.NEGATIVE_EXPLAINED_VARIANCE: (
        made(training={"explained_variance": where(FLAT + 0.8, 40_000, 70_000, -0.5)}),
        40_000,
    ),
    FindingKind.NAN: (made(nan_at=4_096), 4_096),
    FindingKind.DEAD_EXPLORATION: (made(training={"reward": FLAT - 200}), 0),
    FindingKind.REWARD_HACKING: (
        made(
            training={"reward": RISING + 10 * NOISE},
            looks={"final_reward": FLAT + 20, "success_rate": FLAT},
        ),
        33_333,
    ),
    FindingKind.THROUGHPUT_DROP: (
        made(training={"time_s": np.where(STEPS <= 50_000, STEPS, 50_000 + 10 * (STEPS - 50_000)) / 1000}),
        50_000,
    ),
}

REAL: Mapping[FindingKind, tuple[str, Severity]] = {
    FindingKind.COLLAPSE: ("collapse", Severity.ALARMING),
    FindingKind.PLATEAU: ("healthy_ppo_pendulum", Severity.NOTABLE),
    FindingKind.RETURN_OSCILLATION: ("healthy_a2c_cartpole", Severity.NOTABLE),
    FindingKind.ACTION_OSCILLATION: ("healthy_ppo_cartpole", Severity.NOTABLE),
    FindingKind.ENTROPY_COLLAPSE: ("collapse", Severity.ALARMING),
    FindingKind.KL_SPIKES: ("collapse", Severity.ALARMING),
    FindingKind.VALUE_LOSS_EXPLOSION: ("value_loss", Severity.ALARMING),
    FindingKind.NEGATIVE_EXPLAINED_VARIANCE: ("behind", Severity.NOTABLE),
    FindingKind.NAN: ("nan", Severity.ALARMING),
    FindingKind.DEAD_EXPLORATION: ("never_found", Severity.ALARMING),
    FindingKind.REWARD_HACKING: ("wrong_way", Severity.ALARMING),
    FindingKind.THROUGHPUT_DROP: ("slow", Severity.NOTABLE),
}


def test_each_kind_has_its_rule_and_its_series() -> None:
    assert set(DETECTORS) == set(MADE) == set(REAL) == set(FindingKind)


@pytest.mark.parametrize("kind", FindingKind)
def test_a_made_up_series_shows_it(kind: FindingKind) -> None:
    recorded, since = MADE[kind]
    finding = seen(recorded, kind)
    assert finding is not None
    assert finding.seed == "s3"
    assert abs(finding.since_step - since) <= TOTAL / 20


@pytest.mark.parametrize("kind", FindingKind)
def test_a_real_series_shows_it(kind: FindingKind) -> None:
    name, severity = REAL[kind]
    finding = seen(recording(name), kind)
    assert finding is not None
    assert finding.severity is severity


@pytest.mark.parametrize("kind", FindingKind)
def test_the_other_made_up_series_do_not_show_it(kind: FindingKind) -> None:
    related = {
        FindingKind.PLATEAU: {FindingKind.REWARD_HACKING},  # its return stays where it has risen to
        FindingKind.COLLAPSE: {FindingKind.RETURN_OSCILLATION},
    }
    for other, (recorded, _) in MADE.items():
        if other is not kind and other not in related.get(kind, set()):
            assert seen(recorded, kind) is None, other


def test_where_nothing_is_wrong_nothing_is_found() -> None:
    assert detect(NOTHING_WRONG) == ()


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_baseline_alarms_nobody(name: str) -> None:
    alarming = [finding for finding in detect(recording(name)) if finding.severity is Severity.ALARMING]
    assert alarming == []


def test_the_alarming_come_first() -> None:
    severities = [finding.severity for finding in detect(recording("swinging"))]
    assert severities == sorted(severities)
    assert severities[0] is Severity.ALARMING
    assert severities[-1] is Severity.NOTABLE


def test_a_collapse_says_from_where_to_where() -> None:
    finding = seen(made(training={"reward": COLLAPSED}), FindingKind.COLLAPSE)
    assert finding is not None
    assert finding.until_step is None
    assert finding.numbers["peak"] == pytest.approx(400, abs=10)
    assert finding.numbers["low"] == pytest.approx(100, abs=10)
    assert finding.numbers["lost_share"] == pytest.approx(0.87, abs=0.05)


def test_a_collapse_that_was_made_good_is_notable() -> None:
    dip = where(RISING, 50_000, 70_000, 100) + 10 * NOISE
    finding = seen(made(training={"reward": dip}, final={"success_rate": 1.0}), FindingKind.COLLAPSE)
    assert finding is not None
    assert (finding.severity, finding.until_step) == (Severity.NOTABLE, 70_000)


def test_noise_is_no_collapse_and_no_swing() -> None:
    noisy = made(training={"reward": 200 + 100 * NOISE})
    assert seen(noisy, FindingKind.COLLAPSE) is None
    assert seen(noisy, FindingKind.RETURN_OSCILLATION) is None


def test_what_is_solved_is_no_plateau_and_may_be_certain() -> None:
    certain = made(
        training={"reward": FLAT + 500, "entropy_loss": where(FLAT - 0.69, 20_000, TOTAL, -0.001)},
        final={"success_rate": 1.0},
    )
    assert seen(certain, FindingKind.PLATEAU) is None
    entropy = seen(certain, FindingKind.ENTROPY_COLLAPSE)
    assert entropy is not None
    assert entropy.severity is Severity.NOTABLE


def test_a_flat_return_after_a_collapse_is_told_once() -> None:
    assert seen(recording("collapse"), FindingKind.PLATEAU) is None


def test_returns_that_are_always_the_same_need_no_explanation() -> None:
    behind, _ = MADE[FindingKind.NEGATIVE_EXPLAINED_VARIANCE]
    solved = replace(behind, final={"success_rate": 1.0})
    assert seen(solved, FindingKind.NEGATIVE_EXPLAINED_VARIANCE) is None


def test_losses_that_grow_with_the_square_of_the_return_do_not_explode() -> None:
    growing = np.linspace(1, 1000, ROWS)
    assert (
        seen(
            made(training={"reward": growing, "value_loss": 0.05 * growing**2}),
            FindingKind.VALUE_LOSS_EXPLOSION,
        )
        is None
    )


def test_in_the_yardsticks_own_environment_there_is_nothing_to_hack() -> None:
    hacked, _ = MADE[FindingKind.REWARD_HACKING]
    assert seen(replace(hacked, own_reward=False), FindingKind.REWARD_HACKING) is None


def test_an_evaluation_that_was_ahead_all_along_is_not_hacked() -> None:
    catching_up = made(training={"reward": RISING + 10 * NOISE}, looks={"final_reward": FLAT + 410})
    assert seen(catching_up, FindingKind.REWARD_HACKING) is None


def test_time_that_starts_anew_on_a_resume_is_no_drop() -> None:
    seconds = np.where(STEPS <= 50_000, STEPS, STEPS - 50_000) / 1000
    assert seen(made(training={"time_s": seconds}), FindingKind.THROUGHPUT_DROP) is None


COLUMNS = ("reward", "time_s", "entropy_loss", "approx_kl", "value_loss", "explained_variance", "std")
NUMBERS = st.floats(allow_nan=False, min_value=-1e100, max_value=1e100)


@st.composite
def any_series(draw: st.DrawFn) -> Series:
    gaps = draw(st.lists(st.floats(min_value=0.5, max_value=1e9), max_size=60))
    steps = tuple(float(step) for step in np.cumsum(gaps))
    return Series(steps, tuple(draw(NUMBERS) for _ in steps))


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(COLUMNS), any_series()),
    st.dictionaries(st.sampled_from(("final_reward", "success_rate", "oscillation")), any_series()),
    st.none() | NUMBERS,
)
def test_no_series_whatever_raises(
    training: dict[str, Series], looks: dict[str, Series], best: float | None
) -> None:
    for finding in detect(Recording("s1", TOTAL, training, looks, {}, best)):
        assert Finding.from_json(finding.to_json()) == finding
