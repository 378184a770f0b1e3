"""From what people type to claims. Every refusal says what to write instead."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from db.errors import ExpectationError
from db.expectation import patterns
from db.expectation.claims import (
    FINAL_REWARD,
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    Expectation,
    MeanThreshold,
    MetricInfo,
    Solves,
    Threshold,
)
from db.expectation.ranges import check_margin, check_threshold
from db.expectation.reading import find_metric, normalise, read_metric, read_number, shown, unknown_metric

MAX_PARTS = 8
EXAMPLES = "`final reward > 450`, `improves by 10 % over parent`, `solves at 475 within 50k steps`"

_MEAN = re.compile(
    r"^(?:the )?(?:mean|average)(?: over (?:all )?(?:runs|seeds))?(?: of)?(?: the)? (?P<rest>.+)$"
)


@dataclass(frozen=True)
class _Part:
    """One part of `A and B`. `may_omit`: a part without a metric is about the final reward."""

    text: str
    metrics: Mapping[str, MetricInfo]
    may_omit: bool

    def names_known_metric(self, found: re.Match[str]) -> bool:
        name = found.groupdict().get("metric")
        return not name or find_metric(name, self.metrics) is not None

    def metric(self, found: re.Match[str]) -> MetricInfo:
        name = found.groupdict().get("metric")
        if name:
            return read_metric(name, self.metrics)
        if not self.may_omit:
            raise ExpectationError(
                f"`{shown(self.text)}` names no metric: write `final reward …` or another one"
            )
        return read_metric(FINAL_REWARD, self.metrics)


def parse_expectation(
    text: str, metrics: Mapping[str, MetricInfo], *, parent_key: str = "parent"
) -> Expectation:
    """The claims in `text`, joined by "and". Raises ExpectationError with a remedy.

    `parent_key` is how the contract's comparator is shown, such as "E-12".
    """
    return Expectation(text.strip(), _claims(text, metrics, _parse_claim), parent_key)


def parse_guards(
    text: str, metrics: Mapping[str, MetricInfo], *, parent_key: str = "parent"
) -> Expectation | None:
    """What must not get worse: `final reward by 15`, or any claim of the grammar. None for a blank text."""
    if not text.strip():
        return None
    return Expectation(text.strip(), _claims(text, metrics, _parse_guard), parent_key)


def _claims(
    text: str, metrics: Mapping[str, MetricInfo], parse: Callable[[_Part], Claim]
) -> tuple[Claim, ...]:
    parts = [part.strip(" .!") for part in patterns.PARTS.split(normalise(text))]
    parts = [part for part in parts if part]
    if not parts:
        raise ExpectationError(f"no claim was given: write for example {EXAMPLES}")
    if len(parts) > MAX_PARTS:
        raise ExpectationError(
            f"{len(parts)} claims in one contract: {MAX_PARTS} at most, each more is harder to judge"
        )
    read = (parse(_Part(part, metrics, may_omit=i == 0)) for i, part in enumerate(parts))
    return tuple(dict.fromkeys(read))


def _parse_claim(part: _Part) -> Claim:
    count = patterns.COUNT_FIRST.match(part.text) or patterns.COUNT_LAST.match(part.text)
    return _count(part, count) if count else _plain_claim(part)


def _count(part: _Part, found: re.Match[str]) -> CountOfSeeds:
    of = int(found["all"] or found["of"])
    needed = int(found["all"] or found["needed"])
    if not 1 <= needed <= of:
        raise ExpectationError(
            f"{needed} of {of} seeds cannot be counted: write for example `in 4 of 5 seeds …`"
        )
    inner = _plain_claim(_Part(found["claim"].strip(" ,:"), part.metrics, part.may_omit))
    if not isinstance(inner, Threshold | Solves):
        raise ExpectationError(
            f"`{shown(found['claim'])}` cannot be counted seed by seed: only a threshold such as "
            "`final reward > 450`, or `solves at …`, can"
        )
    return CountOfSeeds(needed, of, inner)


def _plain_claim(part: _Part) -> Claim:
    found = [(match, build) for pattern, build in _BUILDERS if (match := pattern.match(part.text))]
    for match, build in found:
        if part.names_known_metric(match):
            return build(part, match)
    mean = _MEAN.match(part.text)
    if mean:
        return _mean(_Part(mean["rest"], part.metrics, part.may_omit))
    raise _unreadable(part, [match.groupdict().get("metric") or "" for match, _ in found])


def _unreadable(part: _Part, names: list[str]) -> ExpectationError:
    """What to say where no phrase fits, or where `names` would have to be a metric for one to fit."""
    if patterns.EQUALS.match(part.text):
        return ExpectationError(
            f"`{shown(part.text)}`: an exact value cannot be judged; "
            "write >= or <=, or `same as parent within 15`"
        )
    names = [name for name in names if name]
    if names:
        return unknown_metric(min(names, key=len), part.metrics)
    return ExpectationError(f"cannot read `{shown(part.text)}`: write for example {EXAMPLES}")


def _mean(part: _Part) -> MeanThreshold | Comparison | Equivalence:
    claim = _plain_claim(part)
    if isinstance(claim, Threshold):
        return MeanThreshold(claim.metric, claim.bound, claim.value)
    if isinstance(claim, Comparison | Equivalence):
        return claim  # comparisons are of means already
    raise ExpectationError(
        f"`mean {shown(part.text)}` cannot be read: write for example `mean final reward > 450`"
    )


def _other(found: re.Match[str]) -> int | None:
    other = found.groupdict().get("other")
    return int(other) if other else None


def _threshold(part: _Part, found: re.Match[str]) -> Threshold:
    metric = part.metric(found)
    bound, value = patterns.BOUNDS[found["op"]], read_number(found["amount"])
    if found["percent"]:
        if not metric.is_share:
            raise ExpectationError(
                f"`{shown(part.text)}`: {metric.words} is no share, so write the value without %, "
                "or compare: `improves by 10 % over parent`"
            )
        value = round(value / 100, 15)
    check_threshold(metric, bound, value)
    return Threshold(metric, bound, value)


def _margin(part: _Part, found: re.Match[str]) -> tuple[float, bool]:
    """The amount as typed, never negative, and whether it is a share of the comparator."""
    amount = found.groupdict().get("amount")
    if not amount:
        return 0.0, False
    value, relative = read_number(amount), bool(found["percent"])
    if value < 0:
        raise ExpectationError(
            f"`{shown(part.text)}`: write the amount without a minus, the words say the direction"
        )
    return (round(value / 100, 15) if relative else value), relative


def _comparison(part: _Part, found: re.Match[str], *, up: bool, sign: int = 1) -> Comparison:
    size, relative = _margin(part, found)
    claim = Comparison(part.metric(found), up, sign * size + 0.0, relative and size != 0, _other(found))
    check_margin(claim)
    return claim


def _inequality(part: _Part, found: re.Match[str]) -> Comparison:
    up = patterns.BOUNDS[found["op"]].up
    toward_claim = {"+": up, "-": not up}.get(found["sign"] or "by", True)
    return _comparison(part, found, up=up, sign=1 if toward_claim else -1)


def _moves(part: _Part, found: re.Match[str]) -> Comparison:
    better = part.metric(found).higher_is_better
    return _comparison(part, found, up=patterns.movement(found["verb"], higher_is_better=better))


def _beats(part: _Part, found: re.Match[str]) -> Comparison:
    return _comparison(part, found, up=part.metric(found).higher_is_better)


def _not_worse(part: _Part, found: re.Match[str]) -> Comparison:
    metric = part.metric(found)
    if not found.groupdict().get("amount"):
        raise ExpectationError(
            f"`{shown(part.text)}`: say by how much, such as `no worse than parent by {_some(metric)}`"
        )
    return _comparison(part, found, up=metric.higher_is_better, sign=-1)


def _same(part: _Part, found: re.Match[str]) -> Equivalence:
    metric = part.metric(found)
    size, relative = _margin(part, found)
    if size == 0:
        raise ExpectationError(
            f"`{shown(part.text)}`: say how near, such as `same as parent within {_some(metric)}`"
        )
    claim = Equivalence(metric, size, relative, _other(found))
    check_margin(claim.directions[0])
    return claim


def _some(metric: MetricInfo) -> str:
    return "0.05" if metric.is_share else "15"


def _solves(part: _Part, found: re.Match[str]) -> Solves:
    metric = read_metric(found.groupdict().get("metric") or FINAL_REWARD, part.metrics)
    if metric.name != FINAL_REWARD or found["percent"]:
        raise ExpectationError(
            f"`{shown(part.text)}`: solving is about the final reward, as in `solves at 475 within 50k steps`"
        )
    if not found["steps"]:
        raise ExpectationError(f"`{shown(part.text)}`: say within how many steps, such as `within 50k steps`")
    threshold, steps = read_number(found["amount"]), read_number(found["steps"])
    if steps < 1 or steps != int(steps):
        raise ExpectationError(
            f"within `{shown(found['steps'])}` steps: write a whole number of steps, such as 50k"
        )
    check_threshold(metric, patterns.BOUNDS[">="], threshold)
    return Solves(threshold, int(steps))


def _parse_guard(part: _Part) -> Claim:
    found = patterns.MARGIN_ONLY.match(part.text)
    if found and find_metric(found["metric"], part.metrics):
        return _not_worse(part, found)
    alone = find_metric(part.text, part.metrics)
    if alone:
        raise ExpectationError(
            f"`{shown(part.text)}`: say how much worse is still fine, "
            f"such as `{alone.words} by {_some(alone)}`"
        )
    return _parse_claim(part)


_BUILDERS: tuple[tuple[re.Pattern[str], Callable[[_Part, re.Match[str]], Claim]], ...] = (
    (patterns.SOLVES, _solves),
    (patterns.REACHES, _solves),
    (patterns.SAME, _same),
    (patterns.NOT_WORSE, _not_worse),
    (patterns.AT_MOST_WORSE, _not_worse),
    (patterns.INEQUALITY, _inequality),
    (patterns.AMOUNT_BETTER, _moves),
    (patterns.BEATS, _beats),
    *((pattern, _moves) for pattern in patterns.MOVES),
    (patterns.THRESHOLD, _threshold),
)
