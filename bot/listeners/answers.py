"""How listeners answer one person: ephemeral where it was asked, directly where that is impossible."""

import http
from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

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

    Where the bot is no member, Slack's response_url does it; where there is no channel at all (a
    modal, the Home tab), it is sent as a direct message.
    """
    if _ephemeral(client, body, message) or _respond(client, body, message):
        return
    client.chat_postMessage(channel=person_of(body).id, text=message.text, blocks=message.blocks)


def _ephemeral(client: WebClient, body: Body, message: Message) -> bool:
    channel, container = channel_of(body), body.get("container") or {}
    if channel is None:
        return False
    try:
        client.chat_postEphemeral(
            channel=channel,
            user=person_of(body).id,
            text=message.text,
            blocks=message.blocks,
            thread_ts=container.get("thread_ts"),
        )
    except SlackApiError as error:
        log.info("answer.not_ephemeral", channel_id=channel, error=error.response.get("error"))
        return False
    return True


def _respond(client: WebClient, body: Body, message: Message) -> bool:
    url = body.get("response_url")
    if not url:
        return False
    webhook = WebhookClient(url, timeout=client.timeout, retry_handlers=[])
    webhook.proxy = client.proxy
    answer = webhook.send(
        text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=False
    )
    return bool(answer.status_code == http.HTTPStatus.OK)
