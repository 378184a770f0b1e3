"""What a result says of curricula that were not gone through. Pure."""

from collections.abc import Iterable

from bot.messages import numbers
from bot.messages.escape import line
from db.records import Run

MOST = 6


def unfinished(runs: Iterable[Run]) -> str:
    """The runs that ended before the last stage (mrkdwn); "" where all came there, or there is none."""
    behind = []
    for run in runs:
        end = run.result.curriculum if run.result else None
        if end is not None and end.stage < end.stages:
            behind.append(f"{line(run.label)} in stage {end.stage} of {end.stages}")
    if not behind:
        return ""
    more = f" and {numbers.counted(len(behind) - MOST, 'more run')}" if len(behind) > MOST else ""
    return f"The curriculum was not finished: {', '.join(behind[:MOST])}{more}"
