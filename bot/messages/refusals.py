"""Sentences for the person who was refused, or was second, or met an accident. Pure.

They are sent as ephemeral messages or stand in a modal: plain, short, with the way out.
"""

import re

from bot.messages import blocks, budget, words
from bot.messages.escape import one_line, quoted, with_code
from bot.messages.message import Message
from bot.messages.people import plain_at
from db.records import Experiment

SENTENCE = 1_000
_CODE = re.compile(r"`([^`\n]+)`")

BUSY = "The ledger is busy just now, so nothing was saved. Please try again in a moment."
BUSY_OPEN = "The ledger is busy just now. Please close this and try again in a moment."
BUSY_READ = "The ledger is busy just now. Please ask again in a moment."
TOO_LATE = "That took longer than Slack allows, so that nothing could be opened. Please try again."
BUSY_FORM = "The ledger is busy: nothing was saved, submit again."
ACCIDENT = (
    "Something went wrong on Signoff's side. It was logged; please try again, or tell whoever runs Signoff."
)
ACCIDENT_FORM = (
    "Something went wrong on Signoff's side and was logged. Submit again: it is never saved twice."
)
NO_REASON = "Say what should change, and why."
NO_CONCLUSION = "Say what was learnt."
OLD_BUTTON = (
    "This button is from an older version of Signoff and no longer works. Use `/experiment show E-n`."
)


def as_sentence(text: str) -> str:
    """The ledger's message as a sentence: it begins with a capital letter and ends with a full stop."""
    text = text.strip()
    end = "" if text.endswith((".", "!", "?", "…")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}"


def at_field(text: str) -> str:
    """The same for the place below a field, which is plain text: what is code elsewhere stands in quotes."""
    return _CODE.sub(r"“\1”", as_sentence(text))


def nothing_to_stop(number: int) -> str:
    return f"Nothing of E-{number} is running or waiting any more."


def too_long_to_edit(experiment: Experiment) -> str:
    return (
        f"{experiment.key} was not written in this form, or is too long for Slack's text fields (3,000 "
        "characters each), so that it cannot be edited here. Withdraw it and propose it again."
    )


def sentence(text: str) -> Message:
    """Any sentence of ours or of the ledger's errors as an ephemeral message."""
    shown = budget.escaped_head(with_code(text).strip(), SENTENCE) or ACCIDENT
    return Message(text=shown, blocks=[blocks.section(shown)])


def not_approved_yet(experiment: Experiment) -> str:
    return (
        f"{experiment.key} may still change, because nobody has approved it yet. Fork it once it is approved."
    )


def decided_already(experiment: Experiment) -> str:
    state = words.STATUSES[experiment.status]
    return (
        f"{experiment.key} is {state}, so it can no longer be edited. You can propose a change to it instead."
    )


def only_author(experiment: Experiment) -> str:
    author = quoted(plain_at(experiment.revision.author))
    return f"Only {author}, who wrote {experiment.key}, can edit or withdraw it. You can fork it instead."


def unknown_command(text: str) -> str:
    return f"I don't know “{one_line(budget.head(text, 60))}”. Here is what I understand:"
