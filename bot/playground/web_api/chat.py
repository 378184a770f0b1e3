"""chat.postMessage, update, delete, postEphemeral, getPermalink."""

from bot.playground import changing, limits
from bot.playground.block_ids import with_ids
from bot.playground.checks.messages import check_attachments, check_blocks, check_metadata, has_rich_text
from bot.playground.errors import SlackError
from bot.playground.records import Channel, Ephemeral, Json, Message
from bot.playground.web_api.arguments import Arguments
from bot.playground.web_api.method import Call, Method, Methods

_CONTENT = ("text", "blocks", "attachments", "markdown_text")
_STYLE = ("as_user", "link_names", "parse", "mrkdwn", "username", "icon_emoji", "icon_url")


def _post_message(call: Call) -> Json:
    channel = posting_channel(call)
    thread_ts = thread_of(call, channel)
    content = content_of(call)
    metadata = call.arguments.mapping("metadata")
    if metadata is not None:
        check_metadata(metadata)
    message = call.workspace.post(
        Message(
            channel=channel.id,
            ts=call.workspace.new_ts(),
            user=call.app.bot_user,
            bot_id=call.app.bot_id,
            app_id=call.app.id,
            text=content.text,
            blocks=content.blocks or [],
            attachments=content.attachments or [],
            metadata=metadata or None,
            thread_ts=thread_ts,
            reply_broadcast=thread_ts is not None and call.arguments.flag("reply_broadcast"),
        )
    )
    shown = call.workspace.shown(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown} | content.warning


class Content:
    """What a message says. `blocks` and `attachments` are None when the call does not mention them."""

    def __init__(
        self, text: str, blocks: list[Json] | None, attachments: list[Json] | None, *, cut: bool
    ) -> None:
        self.text = text
        self.blocks = blocks
        self.attachments = attachments
        self.warning: Json = (
            {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
            if cut
            else {}
        )


def content_of(call: Call, *, empty_is_error: bool = True) -> Content:
    """The checked content of a message; SlackError when Slack would refuse it."""
    arguments = call.arguments
    blocks, attachments = arguments.objects("blocks"), arguments.objects("attachments")
    if arguments.has("markdown_text"):
        return Content("", [_markdown(arguments)], attachments, cut=False)
    text = arguments.text("text")
    if empty_is_error and not text and not blocks and not attachments:
        raise SlackError("no_text")
    check_blocks(blocks or [], call.workspace.facts)
    check_attachments(attachments or [], call.workspace.facts)
    cut = len(text) > limits.MESSAGE_TEXT.number
    return Content(text[: limits.MESSAGE_TEXT.number], blocks, attachments, cut=cut)


def _markdown(arguments: Arguments) -> Json:
    if arguments.has("text") or arguments.has("blocks"):
        raise SlackError("markdown_text_conflict")
    if len(arguments.text("markdown_text")) > limits.MARKDOWN_TEXT.number:
        raise SlackError(limits.MARKDOWN_TEXT.code)
    return {"type": "markdown", "text": arguments.text("markdown_text")}


def posting_channel(call: Call, name: str = "channel") -> Channel:
    """The channel the app wants to write in; it must exist, not be archived, and have the app as a member."""
    channel_id = call.arguments.text(name)
    if channel_id.startswith(("U", "W")) and channel_id in call.workspace.people:
        return call.workspace.direct_message(channel_id)
    channel = call.workspace.channel(channel_id)
    if channel.is_archived:
        raise SlackError("is_archived")
    may_write = "chat:write.public" in call.app.scopes and name == "channel" and not channel.is_private
    if call.app.bot_user not in channel.members and not may_write:
        raise SlackError("not_in_channel")
    return channel


def thread_of(call: Call, channel: Channel) -> str | None:
    """The parent's ts. Slack wants a parent's, never a reply's."""
    thread_ts = call.arguments.optional("thread_ts")
    if not thread_ts:
        return None
    parent = call.workspace.messages.find(channel.id, thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.thread_ts is not None:
        raise SlackError("cannot_reply_to_message")
    return thread_ts


def _update(call: Call) -> Json:
    arguments = call.arguments
    channel = call.workspace.channel(arguments.text("channel"))
    message = call.workspace.messages.get(channel.id, arguments.text("ts"))
    if message.user != call.app.bot_user:
        raise SlackError("cant_update_message")
    if len(arguments.text("text")) > limits.UPDATE_TEXT.number:
        raise SlackError(limits.UPDATE_TEXT.code)
    content = content_of(call)
    metadata = arguments.mapping("metadata")
    if metadata is not None:
        check_metadata(metadata)
    blocks = _updated_blocks(message, content, arguments)
    before = call.workspace.shown(message, metadata=True)
    if metadata is not None:
        message.metadata = metadata or None
    if arguments.has("text"):
        message.text = content.text
    call.workspace.messages.remember_blocks(message)
    message.blocks = blocks
    if content.attachments is not None:
        message.attachments = content.attachments
    message.edits += 1
    message.edited = {"user": call.app.bot_user, "ts": call.workspace.new_ts()}
    changing.keep_change(call.workspace, message, before)
    shown = call.workspace.shown(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def _updated_blocks(message: Message, content: Content, arguments: Arguments) -> list[Json]:
    """The blocks after an update: without `blocks`, a new text removes the old ones."""
    if content.blocks is None:
        return [] if arguments.has("text") else message.blocks
    if has_rich_text(message.blocks) and content.blocks and not has_rich_text(content.blocks):
        raise SlackError("block_mismatch")
    return with_ids(content.blocks)


def _delete(call: Call) -> Json:
    channel = call.workspace.channel(call.arguments.text("channel"))
    message = call.workspace.messages.get(channel.id, call.arguments.text("ts"))
    if message.user != call.app.bot_user:
        raise SlackError("cant_delete_message")
    changing.remove(call.workspace, message)
    return {"channel": channel.id, "ts": message.ts}


def _post_ephemeral(call: Call) -> Json:
    channel = posting_channel(call)
    user = call.workspace.person(call.arguments.text("user"))
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = content_of(call)
    ephemeral = Ephemeral(
        channel=channel.id,
        ts=call.workspace.new_ts(),
        user=user.id,
        text=content.text,
        blocks=with_ids(content.blocks or []),
        attachments=content.attachments or [],
        thread_ts=call.arguments.optional("thread_ts"),
    )
    call.workspace.messages.add_ephemeral(ephemeral)
    return {"message_ts": ephemeral.ts}


def _get_permalink(call: Call) -> Json:
    channel = call.workspace.channel(call.arguments.text("channel"))
    message = call.workspace.messages.get(channel.id, call.arguments.text("message_ts"))
    link = f"{call.workspace.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


METHODS: Methods = {
    "chat.postMessage": Method(
        _post_message,
        None,
        (
            "channel",
            *_CONTENT,
            *_STYLE,
            "thread_ts",
            "reply_broadcast",
            "metadata",
            "unfurl_links",
            "unfurl_media",
        ),
        ("channel",),
        "chat:write",
    ),
    "chat.update": Method(
        _update,
        limits.TIER_3,
        (
            "channel",
            "ts",
            *_CONTENT,
            "as_user",
            "link_names",
            "parse",
            "metadata",
            "reply_broadcast",
            "file_ids",
        ),
        ("channel", "ts"),
        "chat:write",
    ),
    "chat.delete": Method(
        _delete, limits.TIER_3, ("channel", "ts", "as_user"), ("channel", "ts"), "chat:write"
    ),
    "chat.postEphemeral": Method(
        _post_ephemeral,
        limits.TIER_4,
        ("channel", "user", *_CONTENT, *_STYLE, "thread_ts"),
        ("channel", "user"),
        "chat:write",
    ),
    "chat.getPermalink": Method(
        _get_permalink, limits.TIER_4, ("channel", "message_ts"), ("channel", "message_ts")
    ),
}
