"""The Events API events that changes in a workspace cause, field for field. Pure."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from bot.playground.records import App, Channel, Json, Message
from bot.playground.typed import links

SENT = "conversations_history"
"""Where a shared link is: in a message that has been sent (not in the composer)."""


def posted(message: Message, shown: Json, channel: Channel, app: App) -> Iterator[Json]:
    """A new message, a mention of the app in it, and links in it that the app unfurls."""
    yield shown | {"channel": channel.id, "channel_type": channel_type(channel)}
    if message.user == app.bot_user:
        return
    if f"<@{app.bot_user}>" in message.text and not channel.is_direct:
        names = ("user", "text", "ts", "team", "blocks", "thread_ts", "files")
        yield {"type": "app_mention", "channel": channel.id} | {n: shown[n] for n in names if n in shown}
    found = [(domain, url) for url in links(message.blocks) if (domain := domain_of(url, app)) is not None]
    if found:
        yield {
            "type": "link_shared",
            "channel": channel.id,
            "is_bot_user_member": app.bot_user in channel.members,
            "user": message.user,
            "message_ts": message.ts,
            "unfurl_id": unfurl_id(message),
            "source": SENT,
            "links": [{"domain": domain, "url": url} for domain, url in found],
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        }


def changed(message: Message, shown: Json, before: Json, channel: Channel, event_ts: str) -> Json:
    return _hidden("message_changed", channel, event_ts) | {
        "message": shown,
        "previous_message": before | {"ts": message.ts},
    }


def deleted(message: Message, before: Json, channel: Channel, event_ts: str) -> Json:
    return _hidden("message_deleted", channel, event_ts) | {
        "deleted_ts": message.ts,
        "previous_message": before,
    }


def reaction(kind: str, message: Message, user: str, name: str, event_ts: str) -> Json:
    """`kind` is `reaction_added` or `reaction_removed`."""
    return {
        "type": kind,
        "user": user,
        "reaction": name,
        "item_user": message.user,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "event_ts": event_ts,
    }


def file_shared(file_id: str, user: str, channel_id: str) -> Json:
    return {
        "type": "file_shared",
        "file_id": file_id,
        "user_id": user,
        "file": {"id": file_id},
        "channel_id": channel_id,
    }


def is_wanted(inner: Json, app: App, channels: Mapping[str, Channel]) -> bool:
    """Whether the app subscribes to this event and is where it happens; links it hears of everywhere."""
    kind = inner["type"]
    if kind == "message":
        names = {"im": "message.im", "mpim": "message.mpim", "group": "message.groups"}
        kind = names.get(inner["channel_type"], "message.channels")
    where = inner.get("channel") or inner.get("channel_id") or inner.get("item", {}).get("channel")
    channel = channels.get(str(where))
    is_there = channel is None or app.bot_user in channel.members or kind == "link_shared"
    return kind in app.events and is_there


def domain_of(url: str, app: App) -> str | None:
    """The app's unfurl domain that an address belongs to; subdomains belong to it too."""
    parts = urlsplit(url)
    for domain in app.unfurl_domains:
        host = parts.netloc if ":" in domain else parts.hostname or ""
        if host == domain or host.endswith(f".{domain}"):
            return domain
    return None


def unfurl_id(message: Message) -> str:
    return f"{message.channel}.{message.ts}"


def channel_type(channel: Channel) -> str:
    if channel.im_user is not None or channel.is_im:
        return "im"
    return "mpim" if channel.is_mpim else "group" if channel.is_private else "channel"


def _hidden(subtype: str, channel: Channel, event_ts: str) -> Json:
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel_type(channel),
        "ts": event_ts,
    }
