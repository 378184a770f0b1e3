"""chat.startStream, appendStream, stopStream: a message that grows while people read it."""

import copy

from bot.playground import changing, limits
from bot.playground.block_ids import with_ids
from bot.playground.checks.cards import SOURCES
from bot.playground.checks.messages import check_blocks, check_metadata
from bot.playground.checks.schema import Check, Problems, array, by_type, enum, record, string
from bot.playground.errors import SlackError
from bot.playground.records import Channel, Json, Message
from bot.playground.web_api.chat import posting_channel, thread_of
from bot.playground.web_api.method import Call, Method, Methods

_WORDS = string(at_most=limits.CHUNK_TEXT)
_CHUNKS: dict[str, Check] = {
    "markdown_text": record({"type": string(), "text": string(at_least=1)}, required=("text",)),
    "task_update": record(
        {
            "type": string(),
            "id": string(at_least=1),
            "title": _WORDS,
            "status": enum("pending", "in_progress", "complete", "error"),
            "details": _WORDS,
            "output": _WORDS,
            "sources": SOURCES,
        },
        required=("id", "title", "status"),
    ),
    "plan_update": record({"type": string(), "title": _WORDS}, required=("title",)),
}
_CHECK = array(by_type(_CHUNKS))


def _start(call: Call) -> Json:
    channel = posting_channel(call)
    thread_ts = thread_of(call, channel)
    if channel.im_user is None:
        for name in ("recipient_team_id", "recipient_user_id"):
            if not call.arguments.text(name):
                raise SlackError(f"missing_{name}")
        call.workspace.person(call.arguments.text("recipient_user_id"))
    mode = call.arguments.optional("task_display_mode") or "timeline"
    if mode not in ("timeline", "plan"):
        where = "[json-pointer:/task_display_mode]"
        raise SlackError("invalid_arguments", f"[ERROR] must be a valid enum value {where}")
    message = Message(
        channel=channel.id,
        ts=call.workspace.new_ts(),
        user=call.app.bot_user,
        bot_id=call.app.bot_id,
        app_id=call.app.id,
        thread_ts=thread_ts,
        streaming_until=call.workspace.clock() + limits.STREAM_S.number,
    )
    if mode == "plan":
        message.blocks = [{"type": "plan", "title": "Plan", "tasks": []}]
    _grow(message, _said(call))
    call.workspace.post(message)
    return {"channel": channel.id, "ts": message.ts}


def _append(call: Call) -> Json:
    message = _streaming(call)
    chunks = _said(call)
    if not chunks:
        raise SlackError("no_text")
    _change(call, message, chunks)
    return {"channel": message.channel, "ts": message.ts}


def _stop(call: Call) -> Json:
    message = _streaming(call)
    chunks = _said(call)
    blocks, metadata = call.arguments.objects("blocks") or [], call.arguments.mapping("metadata")
    check_blocks(blocks, call.workspace.facts)
    if metadata is not None:
        check_metadata(metadata)
    message.streaming_until = None
    message.metadata = metadata or None
    _change(call, message, chunks, blocks)
    shown = call.workspace.shown(message, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "message": shown}


def _streaming(call: Call) -> Message:
    """The app's own message, while it may still grow."""
    channel: Channel = call.workspace.channel(call.arguments.text("channel"))
    message = call.workspace.messages.get(channel.id, call.arguments.text("ts"))
    if message.user != call.app.bot_user:
        raise SlackError("message_not_owned_by_app")
    if message.streaming_until is None or message.streaming_until < call.workspace.clock():
        raise SlackError(limits.STREAM_S.code)
    return message


def _said(call: Call) -> list[Json]:
    """The chunks of a call, checked; markdown_text is one of them."""
    chunks = call.arguments.objects("chunks") or []
    problems = Problems(call.workspace.facts)
    _CHECK(chunks, "/chunks", problems)
    if problems.messages:
        raise SlackError("invalid_chunks", *problems.messages)
    text = call.arguments.text("markdown_text")
    said = [*([{"type": "markdown_text", "text": text}] if text else []), *chunks]
    if any(len(str(one.get("text", ""))) > limits.MARKDOWN_TEXT.number for one in said):
        raise SlackError(limits.MARKDOWN_TEXT.code)
    return said


def _change(call: Call, message: Message, chunks: list[Json], blocks: list[Json] | None = None) -> None:
    before = call.workspace.shown(message, metadata=True)
    message.blocks = copy.deepcopy(message.blocks)
    _grow(message, chunks)
    message.blocks = with_ids([*message.blocks, *(blocks or [])])
    changing.keep_change(call.workspace, message, before)


def _grow(message: Message, chunks: list[Json]) -> None:
    for chunk in chunks:
        if chunk["type"] == "markdown_text":
            _add_text(message, chunk["text"])
        elif chunk["type"] == "plan_update":
            _plan(message)["title"] = chunk["title"]
        else:
            _add_task(message, chunk)
    message.blocks = with_ids(message.blocks)


def _add_text(message: Message, text: str) -> None:
    message.text += text
    last = message.blocks[-1] if message.blocks else {}
    if last.get("type") == "markdown":
        last["text"] += text
    else:
        message.blocks.append({"type": "markdown", "text": text})


def _plan(message: Message) -> Json:
    for block in message.blocks:
        if block["type"] == "plan":
            return block
    message.blocks.append({"type": "plan", "title": "Plan", "tasks": []})
    return message.blocks[-1]


def _add_task(message: Message, chunk: Json) -> None:
    """A task's title and status are replaced, its details and output grow."""
    in_plan = any(block["type"] == "plan" for block in message.blocks)
    tasks: list[Json] = _plan(message)["tasks"] if in_plan else message.blocks
    task = next((one for one in tasks if one.get("task_id") == chunk["id"]), None)
    if task is None:
        task = {"type": "task_card", "task_id": chunk["id"]}
        tasks.append(task)
    task |= {"title": chunk["title"], "status": chunk["status"]}
    for name in ("details", "output"):
        if chunk.get(name):
            task[name] = _grown(task.get(name), chunk[name])
    if chunk.get("sources"):
        task["sources"] = chunk["sources"]


def _grown(before: Json | None, text: str) -> Json:
    elements = before["elements"][0]["elements"] if before else []
    section = {"type": "rich_text_section", "elements": [*elements, {"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


_TEXT = ("markdown_text", "chunks")
METHODS: Methods = {
    "chat.startStream": Method(
        _start,
        limits.TIER_2,
        (
            "channel",
            *_TEXT,
            "thread_ts",
            "recipient_team_id",
            "recipient_user_id",
            "task_display_mode",
            "username",
            "icon_emoji",
            "icon_url",
        ),
        ("channel",),
        "chat:write",
    ),
    "chat.appendStream": Method(
        _append, limits.TIER_4, ("channel", "ts", *_TEXT), ("channel", "ts"), "chat:write"
    ),
    "chat.stopStream": Method(
        _stop,
        limits.TIER_2,
        ("channel", "ts", *_TEXT, "blocks", "metadata", "session_status"),
        ("channel", "ts"),
        "chat:write",
    ),
}
