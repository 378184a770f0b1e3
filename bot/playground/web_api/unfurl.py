"""chat.unfurl: what an app shows for a link that somebody has shared."""

from bot.playground import changing, limits
from bot.playground.block_ids import with_ids
from bot.playground.checks.messages import check_attachments
from bot.playground.errors import SlackError
from bot.playground.events import SENT, domain_of
from bot.playground.records import Json, Message
from bot.playground.typed import links
from bot.playground.web_api.method import Call, Method, Methods

_SOURCES = frozenset({SENT, "composer"})


def _unfurl(call: Call) -> Json:
    message = _message(call)
    unfurls = call.arguments.mapping("unfurls")
    if unfurls is None:
        raise SlackError("missing_unfurls")
    if not all(isinstance(unfurl, dict) for unfurl in unfurls.values()):
        raise SlackError("invalid_unfurls_format", "[ERROR] each address needs an object")
    shared = links(message.blocks)
    for url in unfurls:
        if url not in shared:
            raise SlackError("cannot_unfurl_message", f"[ERROR] {url} is not in the message")
        if domain_of(url, call.app) is None:
            raise SlackError("cannot_unfurl_url", f"[ERROR] {url} is in none of the app's unfurl domains")
    check_attachments(list(unfurls.values()), call.workspace.facts)
    attachments = [_attachment(call, url, unfurl) for url, unfurl in unfurls.items() if unfurl]
    before = call.workspace.shown(message, metadata=True)
    others = [one for one in message.attachments if one.get("from_url") not in unfurls]
    message.attachments = [one | {"id": n} for n, one in enumerate([*others, *attachments], start=1)]
    changing.keep_change(call.workspace, message, before)
    return {}


def _message(call: Call) -> Message:
    """The message named by `channel` and `ts`, or by `unfurl_id` and `source`."""
    arguments = call.arguments
    if arguments.has("unfurl_id") or arguments.has("source"):
        for name in ("unfurl_id", "source"):
            if not arguments.text(name):
                raise SlackError(f"missing_{name}")
        if arguments.text("source") not in _SOURCES:
            raise SlackError("invalid_source")
        channel_id, _, ts = arguments.text("unfurl_id").partition(".")
        message = call.workspace.messages.find(channel_id, ts)
        if message is None:
            raise SlackError("invalid_unfurl_id")
        return message
    for name in ("channel", "ts"):
        if not arguments.text(name):
            raise SlackError(f"missing_{name}")
    if arguments.text("channel") not in call.workspace.channels:
        raise SlackError("cannot_find_channel")
    message = call.workspace.messages.find(arguments.text("channel"), arguments.text("ts"))
    if message is None:
        raise SlackError("cannot_find_message")
    return message


def _attachment(call: Call, url: str, unfurl: Json) -> Json:
    """The unfurl as an attachment; what the composer would preview is shown nowhere here."""
    content = {name: value for name, value in unfurl.items() if name != "preview"}
    if content.get("blocks"):
        content["blocks"] = with_ids(content["blocks"])
    return content | {
        "from_url": url,
        "original_url": url,
        "app_unfurl_url": url,
        "is_app_unfurl": True,
        "app_id": call.app.id,
        "bot_id": call.app.bot_id,
    }


METHODS: Methods = {
    "chat.unfurl": Method(
        _unfurl, limits.TIER_3, ("channel", "ts", "unfurl_id", "source", "unfurls"), (), "links:write"
    ),
}
