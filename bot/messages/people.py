"""People as they are named in cards, without notifying them. Pure."""

from bot.messages import budget
from bot.messages.escape import mrkdwn, one_line
from db.records import Person

NAME = 40


def plain_at(person: Person) -> str:
    """@ana, for rich_text and plain_text."""
    return f"@{budget.head(one_line(person.name), NAME)}"


def at(person: Person) -> str:
    """@ana, for mrkdwn."""
    return mrkdwn(plain_at(person))
