"""What administrators are told when messages cannot be delivered. Pure."""

from collections.abc import Sequence

from bot.messages import blocks
from bot.messages.escape import mrkdwn
from bot.messages.message import Message
from bot.messages.numbers import counted
from db.records import Undelivered

PREFIX = "alert/"
MOST_LINES = 5
_HOW = (
    "Experiments go on, and nothing is lost: what waits is sent once this is mended. "
    "`signoff doctor` shows what is wrong; `signoff outbox retry` sends at once, and also what was given up."
)


def render(undelivered: Sequence[Undelivered]) -> Message:
    """The messages that are held up, with what to do."""
    head = f"Signoff cannot deliver {counted(len(undelivered), 'message')}."
    lines = [
        f"• {_place(each)}`{mrkdwn(each.key)}`: {mrkdwn(each.words)}" for each in undelivered[:MOST_LINES]
    ]
    left = len(undelivered) - len(lines)
    if left:
        lines.append(f"… and {left} more")
    text = "\n".join([head, *lines])
    return Message(text=text, blocks=[blocks.section(text), blocks.context(_HOW)])


def _place(each: Undelivered) -> str:
    return f"<#{each.channel_id}> " if each.channel_id.startswith(("C", "G")) else ""
