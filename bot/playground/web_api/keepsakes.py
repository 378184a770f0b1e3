"""What stays at the top of a channel: pins.add, remove, list; bookmarks.add, edit, remove, list."""

from bot.playground import limits
from bot.playground.errors import SlackError
from bot.playground.records import Channel, Json
from bot.playground.web_api.method import Call, Method, Methods


def _channel(call: Call, name: str) -> Channel:
    channel = call.workspace.channel(call.arguments.text(name))
    if call.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _pinned(call: Call) -> tuple[Channel, str]:
    channel = _channel(call, "channel")
    ts = call.arguments.text("timestamp")
    if not ts:
        raise SlackError("no_item_specified")
    return channel, call.workspace.messages.get(channel.id, ts).ts


def _pin(call: Call) -> Json:
    channel, ts = _pinned(call)
    if ts in channel.pins:
        raise SlackError("already_pinned")
    if len(channel.pins) >= limits.PINS.number:
        raise SlackError(limits.PINS.code)
    channel.pins.append(ts)
    call.workspace.keep_channel(channel)
    return {}


def _unpin(call: Call) -> Json:
    channel, ts = _pinned(call)
    if ts not in channel.pins:
        raise SlackError("no_pin")
    channel.pins.remove(ts)
    call.workspace.keep_channel(channel)
    return {}


def _pins(call: Call) -> Json:
    channel = _channel(call, "channel")
    found = (call.workspace.messages.find(channel.id, ts) for ts in channel.pins)
    items = [
        {"type": "message", "channel": channel.id, "message": call.workspace.shown(message)}
        for message in found
        if message is not None
    ]
    return {"items": items}


def _bookmark(call: Call) -> Json:
    channel = _channel(call, "channel_id")
    if call.arguments.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if len(channel.bookmarks) >= limits.BOOKMARKS.number:
        raise SlackError(limits.BOOKMARKS.code)
    made: Json = {
        "id": call.workspace.new_id("Bk"),
        "channel_id": channel.id,
        "title": call.arguments.text("title"),
        "link": _link(call),
        "emoji": call.arguments.text("emoji"),
        "type": "link",
        "date_created": int(call.workspace.clock()),
    }
    channel.bookmarks.append(made)
    call.workspace.keep_channel(channel)
    return {"bookmark": made}


def _edit_bookmark(call: Call) -> Json:
    channel, bookmark = _known(call)
    for name in ("title", "emoji"):
        if call.arguments.has(name):
            bookmark[name] = call.arguments.text(name)
    if call.arguments.has("link"):
        bookmark["link"] = _link(call)
    call.workspace.keep_channel(channel)
    return {"bookmark": bookmark}


def _remove_bookmark(call: Call) -> Json:
    channel, bookmark = _known(call)
    channel.bookmarks.remove(bookmark)
    call.workspace.keep_channel(channel)
    return {}


def _bookmarks(call: Call) -> Json:
    return {"bookmarks": _channel(call, "channel_id").bookmarks}


def _known(call: Call) -> tuple[Channel, Json]:
    channel = _channel(call, "channel_id")
    for bookmark in channel.bookmarks:
        if bookmark["id"] == call.arguments.text("bookmark_id"):
            return channel, bookmark
    raise SlackError("not_found")


def _link(call: Call) -> str:
    link = call.arguments.text("link")
    if not link.startswith(("http://", "https://", "slack://")):
        raise SlackError("invalid_link")
    return link


_PIN, _MARK = ("channel", "timestamp"), ("channel_id", "bookmark_id")
METHODS: Methods = {
    "pins.add": Method(_pin, limits.TIER_2, _PIN, ("channel",), "pins:write"),
    "pins.remove": Method(_unpin, limits.TIER_2, _PIN, ("channel",), "pins:write"),
    "pins.list": Method(_pins, limits.TIER_2, ("channel",), ("channel",), "pins:read"),
    "bookmarks.add": Method(
        _bookmark,
        limits.TIER_2,
        ("channel_id", "title", "type", "link", "emoji", "entity_id", "parent_id"),
        ("channel_id", "title", "type"),
        "bookmarks:write",
    ),
    "bookmarks.edit": Method(
        _edit_bookmark, limits.TIER_2, (*_MARK, "title", "link", "emoji"), _MARK, "bookmarks:write"
    ),
    "bookmarks.remove": Method(_remove_bookmark, limits.TIER_2, _MARK, _MARK, "bookmarks:write"),
    "bookmarks.list": Method(_bookmarks, limits.TIER_2, ("channel_id",), ("channel_id",), "bookmarks:read"),
}
