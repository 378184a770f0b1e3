"""What the thread says of a run that was lost and goes on by itself, or that gives no sign of life. Pure."""

from collections.abc import Mapping

from pydantic import JsonValue

from bot.messages import blocks
from bot.messages.escape import line, mrkdwn, one_line
from bot.messages.facts import Facts
from bot.messages.message import Message
from bot.messages.numbers import duration
from bot.messages.short import short
from db.lifecycle import MAX_RESUMES
from db.records import Run

REASON = 300


def resumed(run: Run, n: int, lost: Mapping[str, JsonValue]) -> Message:
    """The n-th time that a run was lost. `lost` is the event: its `reason` and its `checkpoint`, if any."""
    reason = mrkdwn(short(one_line(str(lost.get("reason") or "")), REASON))
    why = f": {reason}" if reason else ""
    text = f"♻️ *{line(run.key)} was interrupted*{why}. It goes on by itself, {_where(lost)}."
    how_often = f"Time {n} of {MAX_RESUMES}; after that it counts as failed."
    return Message(text=text.replace("*", ""), blocks=[blocks.section(text), blocks.context(how_often)])


def stalled(facts: Facts, run: Run) -> Message:
    """A run that has not written for long; whether to end it is for people to say."""
    heard_at = run.progress.updated_at if run.progress else 0.0
    since = run.attempt.started_at.timestamp() if run.attempt and run.attempt.started_at else 0.0
    silent = duration(max(0.0, facts.now.timestamp() - max(heard_at, since)))
    text = f"⚠️ *{line(run.key)} has given no sign of life for {silent}.*"
    what = "It still runs and keeps its slots; nothing was ended. Its log may say why. Stop ends it."
    return Message(text=text.replace("*", ""), blocks=[blocks.section(text), blocks.context(what)])


def _where(lost: Mapping[str, JsonValue]) -> str:
    """From which step: checkpoints are named by theirs."""
    step = str(lost.get("checkpoint") or "").rpartition("/")[2]
    return f"from its checkpoint at step {int(step):,}" if step.isdecimal() else "from the start"
