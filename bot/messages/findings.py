"""What detectors saw, in plain words, grouped over the seeds. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.messages import numbers
from db import seeds
from db.records import Finding, FindingKind, Run, Severity
from trainer.contract import RunKind

ALARM = "⚠"
_SMALL, _NOTHING, _LARGE = 0.01, 1e-4, 1e6


@dataclass(frozen=True)
class Group:
    """One kind in some of the seeds; `first` is where it began earliest among its gravest."""

    first: Finding
    labels: tuple[str, ...]
    of: int

    @property
    def severity(self) -> Severity:
        return self.first.severity


def grouped(runs: Iterable[Run]) -> tuple[Group, ...]:
    """The findings of the seeds that count: alarming before notable, many seeds before few."""
    counted = seeds.counting(seeds.of_kind(runs, RunKind.SEED))
    by_kind: dict[FindingKind, list[Finding]] = {}
    for run in counted:
        for finding in run.findings:
            by_kind.setdefault(finding.kind, []).append(finding)
    groups = [_group(found, len(counted)) for found in by_kind.values()]
    return tuple(
        sorted(groups, key=lambda group: (group.severity is not Severity.ALARMING, -len(group.labels)))
    )


def _group(found: Sequence[Finding], of: int) -> Group:
    first = min(found, key=lambda one: (one.severity is not Severity.ALARMING, one.since_step))
    return Group(first, tuple(one.seed for one in found), of)


def of_group(group: Group) -> str:
    """3 of 5 seeds: the return fell from 400 to 100 after 60k steps (s2)."""
    said = sentence(group.first)
    if group.of == 1:
        return said
    if len(group.labels) == 1:
        return f"{group.first.seed}: {said}"
    return f"{len(group.labels)} of {group.of} seeds: {said} ({group.first.seed})"


def marked(group: Group) -> str:
    """The same, with a sign in front of what is alarming."""
    return f"{ALARM} {of_group(group)}" if group.severity is Severity.ALARMING else of_group(group)


def sentence(finding: Finding) -> str:
    """One finding: "entropy reached 0.01 at 48k steps". Numbers that it lacks are left out."""
    return _SENTENCES[finding.kind](finding)


def _collapse(finding: Finding) -> str:
    fell = _between("the return fell{} after {} steps", finding, "peak", "low")
    return f"{fell}, and came back at {_step(finding.until_step)}" if finding.until_step is not None else fell


def _plateau(finding: Finding) -> str:
    level = f" at {_value(finding, 'level')}" if "level" in finding.numbers else ""
    return f"the return stood still{level} from {_step(finding.since_step)} steps on"


def _entropy(finding: Finding) -> str:
    name = "std" if "std" in finding.numbers else "entropy"
    words = "the policy's standard deviation" if name == "std" else "entropy"
    return f"{words} reached {_value(finding, name)} at {_step(finding.since_step)} steps"


def _kl(finding: Finding) -> str:
    count = int(finding.numbers.get("count", 1))
    if count == 1:
        return f"a KL spike of {_value(finding, 'worst')} at {_step(finding.since_step)} steps"
    return f"{count:,} KL spikes {_span(finding)}, the worst {_value(finding, 'worst')}"


def _value_loss(finding: Finding) -> str:
    return _between("the value loss exploded{} after {} steps", finding, "before", "largest")


def _variance(finding: Finding) -> str:
    return f"explained variance was below zero {_span(finding)} (median {_value(finding, 'median')})"


def _dead(finding: Finding) -> str:
    return f"exploration found no reward: the return stayed at {_value(finding, 'level')}"


def _hacking(finding: Finding) -> str:
    rise, change = _value(finding, "rise"), _value(finding, "evaluation_change")
    return (
        f"suspected reward hacking: the training return rose by {rise}, the evaluation's changed by {change}"
    )


def _return_swings(finding: Finding) -> str:
    turns = int(finding.numbers.get("turns", 0))
    return f"the return turned round {turns} times by about {_value(finding, 'swing')} {_span(finding)}"


def _action_swings(finding: Finding) -> str:
    return f"actions oscillated from one step to the next ({_value(finding, 'oscillation')})"


def _slow(finding: Finding) -> str:
    speed, usual = _value(finding, "steps_per_s"), _value(finding, "usual")
    return f"training slowed to {speed} from {usual} steps/s {_span(finding)}"


_SENTENCES: Mapping[FindingKind, Callable[[Finding], str]] = {
    FindingKind.RETURN_OSCILLATION: _return_swings,
    FindingKind.ACTION_OSCILLATION: _action_swings,
    FindingKind.COLLAPSE: _collapse,
    FindingKind.PLATEAU: _plateau,
    FindingKind.ENTROPY_COLLAPSE: _entropy,
    FindingKind.KL_SPIKES: _kl,
    FindingKind.VALUE_LOSS_EXPLOSION: _value_loss,
    FindingKind.NEGATIVE_EXPLAINED_VARIANCE: _variance,
    FindingKind.NAN: lambda finding: f"a value became NaN or infinite at {_step(finding.since_step)} steps",
    FindingKind.DEAD_EXPLORATION: _dead,
    FindingKind.REWARD_HACKING: _hacking,
    FindingKind.THROUGHPUT_DROP: _slow,
}


def _between(said: str, finding: Finding, before: str, after: str) -> str:
    known = before in finding.numbers and after in finding.numbers
    change = f" from {_value(finding, before)} to {_value(finding, after)}" if known else ""
    return said.format(change, _step(finding.since_step))


def _span(finding: Finding) -> str:
    if finding.until_step is None:
        return f"from {_step(finding.since_step)} steps on"
    return f"between {_step(finding.since_step)} and {_step(finding.until_step)} steps"


def _step(step: int | None) -> str:
    """26952 -> 27k: two digits say where to look."""
    return numbers.steps(int(float(f"{step or 0:.2g}")))


def _value(finding: Finding, name: str) -> str:
    value = finding.numbers.get(name)
    if value is None:
        return "?"
    size = abs(value)
    if size >= _LARGE:
        return numbers.minus(f"{value:.1e}".replace("e+0", "e").replace("e+", "e"))
    if size < _NOTHING:
        return "0"
    return numbers.metric(value) if size >= _SMALL else numbers.minus(f"{value:.1g}")
