"""How listeners answer one person: ephemeral where it was asked, directly where that is impossible."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.messages.message import Message
from db.records import Person

log = structlog.get_logger(__name__)

Body = Mapping[str, Any]
"""A payload as Slack sent it; only this module and the listeners look into it."""


def person_of(body: Body) -> Person:
    """Who acted: commands name the person at the top, everything else under `user`."""
    user = body.get("user")
    if isinstance(user, Mapping):
        user_id = str(user["id"])
        return Person(user_id, str(user.get("name") or user.get("username") or user_id))
    user_id = str(body.get("user_id") or user or "")
    return Person(user_id, str(body.get("user_name") or user_id))


def channel_of(body: Body) -> str | None:
    """Where the person acted; None in modals, in the Home tab and for global shortcuts."""
    channel = body.get("channel")
    if isinstance(channel, Mapping):
        return str(channel["id"])
    return body.get("channel_id")


def tell(client: WebClient, body: Body, message: Message) -> None:
    """Show the message to the person who acted, and to nobody else.

    Where an ephemeral message is not possible (a modal, a channel without the bot), it is sent
    as a direct message.
    """
    person, channel = person_of(body), channel_of(body)
    container = body.get("container") or {}
    if channel is not None:
        try:
            client.chat_postEphemeral(
                channel=channel,
                user=person.id,
                text=message.text,
                blocks=message.blocks,
                thread_ts=container.get("thread_ts"),
            )
        except SlackApiError as error:
            log.info("answer.not_ephemeral", channel_id=channel, error=error.response.get("error"))
        else:
            return
    client.chat_postMessage(channel=person.id, text=message.text, blocks=message.blocks)
