"""reactions.add, remove, get."""

from bot.playground import changing, limits
from bot.playground.errors import SlackError
from bot.playground.records import Json, Message
from bot.playground.web_api.method import Call, Method, Methods


def _message(call: Call) -> Message:
    channel = call.workspace.channel(call.arguments.text("channel"))
    if not call.arguments.text("timestamp"):
        raise SlackError("no_item_specified")
    return call.workspace.messages.get(channel.id, call.arguments.text("timestamp"))


def _add(call: Call) -> Json:
    changing.react(call.workspace, call.app.bot_user, _message(call), call.arguments.text("name"))
    return {}


def _remove(call: Call) -> Json:
    changing.take_back(call.workspace, call.app.bot_user, _message(call), call.arguments.text("name"))
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
