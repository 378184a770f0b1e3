"""Experiments as lines of a list, and the small words that all pages share. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.messages import words
from bot.messages.escape import one_line
from db.lifecycle import ExperimentStatus
from db.records import Summary

_OUTCOME_TONES: Mapping[str, str] = {"supported": "good", "refuted": "bad", "inconclusive": "open"}
_STATUS_TONES: Mapping[ExperimentStatus, str] = {
    ExperimentStatus.PROPOSED: "open",
    ExperimentStatus.CHANGES_REQUESTED: "open",
    ExperimentStatus.REJECTED: "bad",
}


@dataclass(frozen=True)
class Line:
    """One experiment in a list. `tone` is the CSS class of its state: good, bad, open or empty."""

    number: int
    key: str
    title: str
    state: str
    tone: str
    changes: str
    got: str
    snippet: str
    about: str


def line_of(summary: Summary) -> Line:
    """The line of a summary; Jinja escapes what people typed."""
    state, tone = (
        ("baseline", "") if summary.channel_id is None else state_of(summary.status, summary.outcome)
    )
    about = " · ".join((summary.author.name, f"{summary.algo} on {summary.env_id}", at(summary.created_at)))
    return Line(
        number=summary.number,
        key=summary.key,
        title=one_line(summary.title),
        state=state,
        tone=tone,
        changes=", ".join(summary.changes),
        got=summary.got,
        snippet=one_line(summary.snippet),
        about=about,
    )


def state_of(status: ExperimentStatus, outcome: str | None) -> tuple[str, str]:
    """The word for where an experiment stands, and its tone."""
    if outcome:
        return outcome, outcome_tone(outcome)
    return words.STATUSES[status], _STATUS_TONES.get(status, "")


def outcome_tone(outcome: str) -> str:
    return _OUTCOME_TONES.get(outcome, "")


def at(moment: datetime) -> str:
    """2026-03-01 14:31 UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
