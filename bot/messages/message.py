"""What the sender posts: a fallback text and raw Block Kit. Pure."""

from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import JsonValue

from bot.messages.escape import unlinked

Block: TypeAlias = dict[str, JsonValue]
"""A Block Kit object as Slack's JSON has it; slack_sdk's classes would drop newer fields."""


@dataclass(frozen=True)
class Message:
    """One Slack message. `text` is what notifications and screen readers get; Slack shows `blocks`.

    No web address in `text` becomes a link.
    """

    text: str
    blocks: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", unlinked(self.text))


@dataclass(frozen=True)
class TextFile:
    """A text file for the thread. `name` ends in the extension; `title` is what people see."""

    name: str
    title: str
    content: str
