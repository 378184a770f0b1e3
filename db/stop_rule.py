"""Stop rules of a contract: `final reward < 50 after 50k steps`. Pure.

A rule ends a seed early; it never makes a verdict, and a seed that it ended is left out of one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from db.errors import ExpectationError
from db.expectation.claims import FINAL_REWARD, Bound, MetricInfo
from db.expectation.patterns import BOUNDS, THRESHOLD
from db.expectation.ranges import check_threshold
from db.expectation.reading import NUMBER, normalise, read_metric, read_number, shown
from trainer.contract import Progress

EXAMPLE = "write for example `final reward < 50 after 50k steps`"

_AFTER = re.compile(
    rf"^(?:stop (?:early )?if )?(?P<bound>.+?) after (?P<steps>{NUMBER})(?: (?:time)?steps?)?$"
)


@dataclass(frozen=True)
class StopRule:
    """Ends a seed whose interim `metric` is beyond `value` at the first look after `after_steps` steps.

    What was measured before that does not count.
    """

    metric: str
    bound: Bound
    value: float
    after_steps: int

    def applies(self, progress: Progress) -> bool:
        """Whether a seed with this progress is to be ended. Without a measurement it never is."""
        measured = progress.metrics.get(self.metric)
        if measured is None or progress.evaluated_at is None or progress.evaluated_at < self.after_steps:
            return False
        return self.bound.met(measured, self.value)


def parse_stop_rule(text: str, metrics: Mapping[str, MetricInfo]) -> StopRule | None:
    """The rule as typed, None where nothing was. Raises ExpectationError with a remedy."""
    plain = normalise(text)
    if not plain:
        return None
    parts = _AFTER.match(plain)
    found = THRESHOLD.match(parts["bound"]) if parts else None
    if parts is None or found is None or found["percent"]:
        raise ExpectationError(f"`{shown(text)}` is no stop rule: {EXAMPLE}")
    metric = read_metric(found["metric"] or FINAL_REWARD, metrics)
    value = read_number(found["amount"])
    bound = BOUNDS[found["op"]]
    check_threshold(metric, bound, value)
    return StopRule(metric.name, bound, value, int(read_number(parts["steps"])))
