"""The ways to bring what people typed onto one line of limited length. Pure."""

from bot.messages import budget
from bot.messages.escape import mrkdwn, one_line, with_code


def short(text: str, limit: int) -> str:
    """One line for mrkdwn, at most `limit` characters after escaping."""
    return budget.escaped_head(mrkdwn(plain_short(text, limit)), limit)


def short_sentence(text: str, limit: int) -> str:
    """The same for a sentence of ours, in which names may stand between backticks."""
    return budget.escaped_head(with_code(plain_short(text, limit)), limit)


def plain_short(text: str, limit: int) -> str:
    """One line for rich_text and plain_text, at most `limit` characters."""
    return budget.head(one_line(text), limit)
