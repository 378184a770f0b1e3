"""What a Web API method is: a function of a call, with its rate, its scope and its arguments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.playground.errors import SlackError
from bot.playground.limits import Limit
from bot.playground.records import App, Json
from bot.playground.web_api.arguments import Arguments
from bot.playground.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """One call that has passed authentication and rates."""

    workspace: Workspace
    arguments: Arguments

    @property
    def app(self) -> App:
        return self.workspace.app


Handler: TypeAlias = Callable[[Call], Json]


@dataclass(frozen=True)
class Method:
    """`tier` is None for chat.postMessage (a rate of its own per channel) and for api.test (none)."""

    run: Handler
    tier: Limit | None = None
    arguments: Sequence[str] = ()
    required: Sequence[str] = ()
    scope: str | None = None
    token: str = "bot"  # noqa: S105 - the kind of token, "bot", "app" or "none"


Methods: TypeAlias = Mapping[str, Method]


def page(
    items: Sequence[Json], arguments: Arguments, *, default: int, at_most: int
) -> tuple[list[Json], Json]:
    """One page of `items` and its `response_metadata`; the cursor is the number of items before it."""
    cursor = arguments.text("cursor")
    if cursor and not cursor.isdigit():
        raise SlackError("invalid_cursor")
    start = int(cursor or 0)
    limit = arguments.integer("limit", default, at_most=at_most) or default
    following = start + limit
    return list(items[start:following]), {"next_cursor": str(following) if following < len(items) else ""}
