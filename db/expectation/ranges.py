"""Claims that no run, or every run, could meet are refused while they can still be corrected."""

from db.errors import ExpectationError
from db.expectation.claims import Bound, Comparison, MetricInfo
from db.expectation.numbers import plain_number


def check_threshold(metric: MetricInfo, bound: Bound, value: float) -> None:
    """Raises ExpectationError where the metric's known range leaves nothing to find out."""
    best, worst = (metric.high, metric.low) if bound.up else (metric.low, metric.high)
    asked = f"{metric.words} {bound} {plain_number(value)}"
    if best is not None and not bound.met(best, value):
        raise ExpectationError(f"`{asked}` can never be met: {_range(metric)}; {_hint(metric, bound, value)}")
    if worst is not None and bound.met(worst, value):
        raise ExpectationError(f"`{asked}` is always met: {_range(metric)}")


def _hint(metric: MetricInfo, bound: Bound, value: float) -> str:
    if metric.is_share and 1 < value <= 100:  # noqa: PLR2004 - a percentage
        return f"write {plain_number(value / 100)} or {plain_number(value)} %"
    end = metric.high if bound.up else metric.low
    most = f"{metric.words} {Bound.AT_LEAST if bound.up else Bound.AT_MOST} {plain_number(end or 0)}"
    return f"the most that can be asked is `{most}`"


def _range(metric: MetricInfo) -> str:
    unit = f" ({metric.unit})" if metric.unit else ""
    if metric.low is None and metric.high is not None:
        return f"{metric.words} is {plain_number(metric.high)} at most{unit}"
    if metric.high is None and metric.low is not None:
        return f"{metric.words} is {plain_number(metric.low)} at least{unit}"
    low, high = plain_number(metric.low or 0), plain_number(metric.high or 0)
    return f"{metric.words} lies between {low} and {high}{unit}"


def check_margin(claim: Comparison) -> None:
    """Raises ExpectationError where the margin is larger than what the metric can move."""
    if claim.relative:
        _check_relative(claim)
        return
    low, high = claim.metric.low, claim.metric.high
    if low is None or high is None or abs(claim.margin) < high - low:
        return
    word = "never" if claim.margin > 0 else "always"
    raise ExpectationError(
        f"a difference of {plain_number(abs(claim.margin))} is {word} met: {_range(claim.metric)}; "
        "write a smaller amount"
    )


def _check_relative(claim: Comparison) -> None:
    low, high = claim.metric.low, claim.metric.high
    never_negative = low is not None and low >= 0
    never_positive = high is not None and high <= 0
    shrinks = (never_negative and not claim.up) or (never_positive and claim.up)
    grows = (never_negative and claim.up) or (never_positive and not claim.up)
    percent = f"{plain_number(abs(claim.margin) * 100)} %"
    if shrinks and claim.margin >= 1:
        raise ExpectationError(
            f"by {percent} can never be met: {_range(claim.metric)}; write less than 100 %"
        )
    if grows and claim.margin <= -1:
        raise ExpectationError(
            f"within {percent} is always met: {_range(claim.metric)}; write less than 100 %"
        )
