"""conversations.info, list, members, open, join, history, replies."""

from bot.playground import limits
from bot.playground.directs import MOST, open_direct
from bot.playground.errors import SlackError
from bot.playground.events import channel_type
from bot.playground.records import Channel, Json, Message
from bot.playground.web_api.method import Call, Method, Methods, page

_PAGE, _LARGEST_PAGE = 100, 999


def _channel(call: Call) -> Channel:
    return call.workspace.channel(call.arguments.text("channel"))


def _shown(call: Call, channel: Channel) -> Json:
    base: Json = {"id": channel.id, "created": channel.created, "is_archived": channel.is_archived}
    if channel.im_user is not None:
        return base | {"is_im": True, "user": channel.im_user, "is_user_deleted": False, "is_open": True}
    return base | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private,
        "is_general": False,
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "is_member": call.app.bot_user in channel.members,
        "creator": "UZOE",
        "context_team_id": call.workspace.team.id,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "previous_names": [],
    }


def _info(call: Call) -> Json:
    channel = _channel(call)
    body = _shown(call, channel)
    if call.arguments.flag("include_num_members"):
        body["num_members"] = len(channel.members)
    return {"channel": body}


def _list(call: Call) -> Json:
    types = call.arguments.names("types") or ["public_channel"]
    unknown = set(types) - {"public_channel", "private_channel", "im", "mpim"}
    if unknown:
        raise SlackError("invalid_types")

    def wanted(channel: Channel) -> bool:
        kind = {"channel": "public_channel", "group": "private_channel"}.get(
            channel_type(channel), channel_type(channel)
        )
        hidden = channel.is_private and call.app.bot_user not in channel.members
        archived = channel.is_archived and call.arguments.flag("exclude_archived")
        return kind in types and not hidden and not archived

    channels = [_shown(call, channel) for channel in call.workspace.channels.values() if wanted(channel)]
    found, following = page(channels, call.arguments, default=_PAGE, at_most=_LARGEST_PAGE)
    return {"channels": found, "response_metadata": following}


def _members(call: Call) -> Json:
    members = [{"id": member} for member in _channel(call).members]
    found, following = page(members, call.arguments, default=_PAGE, at_most=_LARGEST_PAGE)
    return {"members": [member["id"] for member in found], "response_metadata": following}


def _open(call: Call) -> Json:
    if call.arguments.has("channel"):
        return {"channel": {"id": _channel(call).id}}
    users = call.arguments.names("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(set(users)) >= MOST:
        raise SlackError("too_many_users")
    if len(set(users)) > 1 and "mpim:write" not in call.app.scopes:
        provided = ",".join(call.app.scopes)
        raise SlackError("missing_scope", extra={"needed": "mpim:write", "provided": provided})
    channel = open_direct(call.workspace, [*users, call.app.bot_user])
    body = _shown(call, channel) if call.arguments.flag("return_im") else {"id": channel.id}
    return {"channel": body}


def _join(call: Call) -> Json:
    channel = _channel(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_private or channel.is_direct:
        raise SlackError("method_not_supported_for_channel_type")
    warned = call.app.bot_user in channel.members
    call.workspace.join(channel, call.app.bot_user)
    warning: Json = {
        "warning": "already_in_channel",
        "response_metadata": {"warnings": ["already_in_channel"]},
    }
    return {"channel": _shown(call, channel)} | (warning if warned else {})


def _readable(call: Call) -> Channel:
    channel = _channel(call)
    if call.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _in_range(call: Call, message: Message) -> bool:
    oldest, latest = call.arguments.text("oldest") or "0", call.arguments.text("latest") or "inf"
    ts, low, high = float(message.ts), float(oldest), float(latest)
    return low <= ts <= high if call.arguments.flag("inclusive") else low < ts < high


def _history(call: Call) -> Json:
    channel = _readable(call)
    found = [message for message in call.workspace.messages.top_level(channel.id) if _in_range(call, message)]
    newest_first: list[Json] = [_message(call, message) for message in reversed(found)]
    shown, following = page(newest_first, call.arguments, default=_PAGE, at_most=_LARGEST_PAGE)
    more = bool(following["next_cursor"])
    return {"messages": shown, "has_more": more, "pin_count": 0, "response_metadata": following}


def _replies(call: Call) -> Json:
    """The parent first, always, then the replies in range, oldest first."""
    channel = _readable(call)
    asked = call.workspace.messages.find(channel.id, call.arguments.text("ts"))
    if asked is None:
        raise SlackError("thread_not_found")
    parent = asked
    if asked.thread_ts is not None:
        parent = call.workspace.messages.get(channel.id, asked.thread_ts)
    replies = call.workspace.messages.replies(channel.id, parent.ts)
    thread = [parent, *(reply for reply in replies if _in_range(call, reply))]
    shown, following = page(
        [_message(call, message) for message in thread], call.arguments, default=1000, at_most=1000
    )
    return {"messages": shown, "has_more": bool(following["next_cursor"]), "response_metadata": following}


def _message(call: Call, message: Message) -> Json:
    return call.workspace.shown(message, metadata=call.arguments.flag("include_all_metadata"))


_RANGE = ("channel", "oldest", "latest", "inclusive", "limit", "cursor", "include_all_metadata")
METHODS: Methods = {
    "conversations.info": Method(
        _info,
        limits.TIER_3,
        ("channel", "include_locale", "include_num_members"),
        ("channel",),
        "channels:read",
    ),
    "conversations.list": Method(
        _list,
        limits.TIER_2,
        ("types", "exclude_archived", "limit", "cursor", "team_id"),
        (),
        "channels:read",
    ),
    "conversations.members": Method(
        _members, limits.TIER_4, ("channel", "limit", "cursor"), ("channel",), "channels:read"
    ),
    "conversations.open": Method(
        _open, limits.TIER_3, ("channel", "users", "return_im", "prevent_creation"), (), "im:write"
    ),
    "conversations.join": Method(_join, limits.TIER_3, ("channel",), ("channel",), "channels:join"),
    "conversations.history": Method(_history, limits.TIER_3, _RANGE, ("channel",), "channels:history"),
    "conversations.replies": Method(
        _replies, limits.TIER_3, (*_RANGE, "ts"), ("channel", "ts"), "channels:history"
    ),
}
