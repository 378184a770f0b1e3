"""What every click has in common: its target, one verb, one ack, and words when it is refused."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack
from slack_sdk.web import WebClient

from bot.listeners.answers import Body, tell
from bot.messages import actions, refusals
from bot.messages.actions import Target
from bot.messages.message import Message
from db.errors import Busy, Refused, SignoffError
from trainer.crashpoints import crash_at


def action_of(body: Body) -> dict[str, Any]:
    """The one element that was pressed."""
    action: dict[str, Any] = body["actions"][0]
    return action


def target_of(body: Body) -> Target:
    """What the pressed button is about. Raises Refused for a button that is not of this version."""
    try:
        return Target.from_value(str(action_of(body).get("value") or ""))
    except ValueError:
        raise Refused(refusals.OLD_BUTTON) from None


def menu_target_of(body: Body) -> tuple[str, Target]:
    """The action and target of the option picked in a [⋯] menu. Raises Refused as `target_of`."""
    picked = action_of(body).get("selected_option") or {}
    try:
        return actions.from_menu(str(picked.get("value") or ""))
    except ValueError:
        raise Refused(refusals.OLD_BUTTON) from None


def commit(ack: Ack, body: Body, client: WebClient, verb: Callable[[], Message | None]) -> None:
    """Run the verb, then ack; what it returns, or why it was refused, is told to the person alone."""
    try:
        said = verb()
    except Busy:
        said = refusals.sentence(refusals.BUSY)
    except SignoffError as refused:
        said = refusals.sentence(refusals.as_sentence(str(refused)))
    crash_at("click.committed")
    ack()
    if said is not None:
        tell(client, body, said)
