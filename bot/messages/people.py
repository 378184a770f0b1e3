"""People as they are named in cards, without notifying them. Pure."""

import re

from bot.messages import budget
from bot.messages.escape import mrkdwn, one_line
from db.records import Person

NAME = 40
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,}")


def plain_at(person: Person) -> str:
    """@ana, for rich_text and plain_text."""
    return f"@{budget.head(one_line(person.name), NAME)}"


def is_slack_user(user_id: str) -> bool:
    """Whether the id can be mentioned; baselines and imports have authors that are no Slack users."""
    return _SLACK_USER.fullmatch(user_id) is not None


def at(person: Person) -> str:
    """@ana, for mrkdwn."""
    return mrkdwn(plain_at(person))
