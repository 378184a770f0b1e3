"""What a diagnostics sheet shows: each column of the seeds' tables as a small panel. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from db.records import FindingKind
from worker.plots.spec import CurveState
from worker.series import Series

SPEED_WINDOWS = 40
MAX_PANELS = 12
_THOUSAND = 1_000


@dataclass(frozen=True)
class Trace:
    """One seed: the columns of its training table, and where its findings began."""

    label: str
    state: CurveState
    columns: Mapping[str, Series] = field(default_factory=dict)
    found: Mapping[FindingKind, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetSpec:
    title: str
    traces: tuple[Trace, ...]
    total_timesteps: int


@dataclass(frozen=True)
class SmallPanel:
    """One column over all seeds: `series` by the seed's label, `found` the steps to point at."""

    name: str
    words: str
    series: Mapping[str, Series]
    found: tuple[int, ...] = ()
    zero: bool = False


@dataclass(frozen=True)
class _Kind:
    """`zero`: a line at zero tells good from bad."""

    words: str
    points_at: frozenset[FindingKind] = frozenset()
    zero: bool = False


_VALUE = frozenset({FindingKind.VALUE_LOSS_EXPLOSION})
_ENTROPY = frozenset({FindingKind.ENTROPY_COLLAPSE})
_KL = frozenset({FindingKind.KL_SPIKES})
_KINDS: Mapping[str, _Kind] = {
    "reward": _Kind(
        "return of training episodes",
        frozenset(
            {
                FindingKind.COLLAPSE,
                FindingKind.DEAD_EXPLORATION,
                FindingKind.REWARD_HACKING,
                FindingKind.RETURN_OSCILLATION,
            }
        ),
    ),
    "episode_length": _Kind("episode length (steps)"),
    "policy_gradient_loss": _Kind("policy loss"),
    "policy_loss": _Kind("policy loss"),
    "policy_objective": _Kind("policy objective"),
    "actor_loss": _Kind("actor loss"),
    "value_loss": _Kind("value loss", _VALUE),
    "critic_loss": _Kind("critic loss", _VALUE),
    "loss": _Kind("loss", _VALUE),
    "entropy": _Kind("entropy of the policy", _ENTROPY),
    "std": _Kind("standard deviation of actions", _ENTROPY),
    "ent_coef": _Kind("entropy coefficient"),
    "exploration_rate": _Kind("exploration rate"),
    "approx_kl": _Kind("KL divergence of an update", _KL),
    "kl_divergence_loss": _Kind("KL divergence of an update", _KL),
    "clip_fraction": _Kind("clipped share"),
    "explained_variance": _Kind(
        "explained variance", frozenset({FindingKind.NEGATIVE_EXPLAINED_VARIANCE}), zero=True
    ),
    "learning_rate": _Kind("learning rate"),
    "steps_per_s": _Kind("steps per second", frozenset({FindingKind.THROUGHPUT_DROP})),
}
# PPO's total loss says nothing beside its parts.
_INSTEAD_OF: Mapping[str, str] = {"loss": "value_loss"}


def panels_of(sheet: SheetSpec) -> tuple[SmallPanel, ...]:
    """The panels that have something to show, the first `MAX_PANELS` of them."""
    columns = {trace.label: with_derived(trace.columns) for trace in sheet.traces}
    known = {name for seed in columns.values() for name, series in seed.items() if len(series) > 1}
    made = []
    for name, kind in _KINDS.items():
        if name not in known or _INSTEAD_OF.get(name) in known:
            continue
        series = {label: seed[name] for label, seed in columns.items() if len(seed.get(name, ())) > 0}
        found = sorted(
            step for trace in sheet.traces for what, step in trace.found.items() if what in kind.points_at
        )
        made.append(SmallPanel(name, kind.words, series, tuple(found), kind.zero))
    return tuple(made[:MAX_PANELS])


def with_derived(columns: Mapping[str, Series]) -> dict[str, Series]:
    """The columns, with the entropy from its loss and the speed from the time."""
    found = dict(columns)
    loss, time_s = columns.get("entropy_loss"), columns.get("time_s")
    if loss is not None:
        found["entropy"] = Series(loss.steps, tuple(-value for value in loss.values))
    if time_s is not None:
        found["steps_per_s"] = speed(time_s)
    return found


def speed(time_s: Series) -> Series:
    """Steps per second in windows of equal numbers of steps, but for one in which time starts anew."""
    if len(time_s) <= SPEED_WINDOWS // 4:
        return Series()
    edges = np.linspace(time_s.steps[0], time_s.steps[-1], min(SPEED_WINDOWS, len(time_s) // 2) + 1)
    seconds = np.diff(np.interp(edges, np.asarray(time_s.steps), np.asarray(time_s.values)))
    usable = seconds > 0
    speeds = np.diff(edges)[usable] / seconds[usable]
    return Series(tuple(edges[1:][usable].tolist()), tuple(speeds.tolist()))


def sheet_alt(sheet: SheetSpec) -> str:
    """What the sheet says, in a sentence or two, for people who do not see it."""
    panels = panels_of(sheet)
    seeds = f"{len(sheet.traces)} seed{'' if len(sheet.traces) == 1 else 's'}"
    key = sheet.title.split(" · ", 1)[0]
    names = ", ".join(panel.words for panel in panels)
    ends = [text for panel in panels if panel.name in _SAID for text in [_ends(panel)] if text]
    return f"{key}, diagnostics of {seeds} over the training: {names}." + "".join(f" {end}." for end in ends)


_SAID: Mapping[str, str] = {
    "entropy": "Entropy ends at",
    "explained_variance": "Explained variance ends at",
    "steps_per_s": "Steps per second at the end:",
}


def _ends(panel: SmallPanel) -> str:
    lasts: Sequence[float] = [series.values[-1] for series in panel.series.values()]
    low, high = (_short(value) for value in (min(lasts), max(lasts)))
    return f"{_SAID[panel.name]} {low if low == high else f'{low} to {high}'}"


def _short(value: float) -> str:
    """Three digits that matter, or all before the point."""
    return f"{value:,.3g}" if abs(value) < _THOUSAND else f"{value:,.0f}"
