"""reactions.add, remove, get."""

import re

from bot.playground import limits
from bot.playground.errors import SlackError
from bot.playground.records import Json, Message
from bot.playground.web_api.method import Call, Method, Methods


def react(call: Call, user: str, message: Message) -> None:
    """Add a reaction of `user`; also how a person reacts through the control API."""
    name = _name(call)
    users = message.reactions.get(name, [])
    if user in users:
        raise SlackError("already_reacted")
    if not users and len(message.reactions) >= limits.REACTIONS.number:
        raise SlackError(limits.REACTIONS.code)
    message.reactions[name] = [*users, user]
    call.workspace.messages.changed(message, "reaction")


def _name(call: Call) -> str:
    name = call.arguments.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    return name


def _message(call: Call) -> Message:
    channel = call.workspace.channel(call.arguments.text("channel"))
    if not call.arguments.text("timestamp"):
        raise SlackError("no_item_specified")
    return call.workspace.messages.get(channel.id, call.arguments.text("timestamp"))


def _add(call: Call) -> Json:
    react(call, call.app.bot_user, _message(call))
    return {}


def _remove(call: Call) -> Json:
    message, name = _message(call), _name(call)
    users = message.reactions.get(name, [])
    if call.app.bot_user not in users:
        raise SlackError("no_reaction")
    left = [user for user in users if user != call.app.bot_user]
    if left:
        message.reactions[name] = left
    else:
        del message.reactions[name]
    call.workspace.messages.changed(message, "reaction")
    return {}


def _get(call: Call) -> Json:
    message = _message(call)
    return {"type": "message", "channel": message.channel, "message": call.workspace.shown(message)}


_ITEM = ("channel", "timestamp")
METHODS: Methods = {
    "reactions.add": Method(_add, limits.TIER_3, (*_ITEM, "name"), ("name",), "reactions:write"),
    "reactions.remove": Method(_remove, limits.TIER_2, (*_ITEM, "name"), ("name",), "reactions:write"),
    "reactions.get": Method(_get, limits.TIER_3, (*_ITEM, "full", "file"), (), "reactions:read"),
}
