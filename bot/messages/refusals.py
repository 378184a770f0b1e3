"""Sentences for the person who was refused, or was second, or met an accident. Pure.

They are sent as ephemeral messages or stand in a modal: plain, short, with the way out.
"""

from bot.messages import blocks, budget
from bot.messages.escape import mrkdwn, one_line
from bot.messages.message import Block, Message
from bot.messages.people import plain_at
from bot.messages.short import short
from db.records import Decision, DecisionKind, Experiment

SENTENCE = 1_000

_DONE = {
    DecisionKind.APPROVE: "already approved",
    DecisionKind.REJECT: "already rejected",
    DecisionKind.REQUEST_CHANGES: "already sent back for changes",
}

BUSY = "The ledger is busy just now, so nothing was saved. Please try again in a moment."
BUSY_FORM = "The ledger is busy: nothing was saved, submit again."
ACCIDENT = (
    "Something went wrong on Signoff's side. It was logged; please try again, or tell whoever runs Signoff."
)
ACCIDENT_FORM = (
    "Something went wrong on Signoff's side and was logged. Submit again: it is never saved twice."
)
SLACK_SILENT = "Slack did not answer in time, so nothing was saved. Please submit again."
OLD_BUTTON = (
    "This button is from an older version of Signoff and no longer works. Use `/experiment show E-n`."
)


def sentence(text: str) -> Message:
    """Any sentence of ours or of the ledger's errors as an ephemeral message."""
    shown = budget.escaped_head(mrkdwn(text), SENTENCE)
    return Message(text=shown, blocks=[blocks.section(shown)])


def already_decided(key: str, decision: Decision) -> str:
    """For whoever was second: E-42 was already approved by @ana."""
    return f"{key} was {_DONE[decision.kind]} by {plain_at(decision.decider)}."


def superseded(experiment: Experiment, seen: int) -> str:
    """The click was on a revision that is no longer the newest one."""
    author = plain_at(experiment.revision.author)
    return (
        f"{experiment.key} has changed since: you looked at revision {seen}, and {author} has submitted "
        f"revision {experiment.revision.n}. Nothing was decided. Please read the card again."
    )


def only_author(experiment: Experiment) -> str:
    author = plain_at(experiment.revision.author)
    return f"Only {author}, who wrote {experiment.key}, can edit or withdraw it. You can fork it instead."


def unknown_command(text: str) -> str:
    return f"I don't know “{one_line(budget.head(text, 60))}”. Here is what I understand:"


def as_view_blocks(text: str) -> list[Block]:
    """The sentence in a modal."""
    return [blocks.section(short(text, SENTENCE))]
