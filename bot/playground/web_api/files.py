"""files.getUploadURLExternal, completeUploadExternal, info, delete."""

import secrets

from bot.playground import limits
from bot.playground.checks.messages import check_blocks
from bot.playground.errors import SlackError
from bot.playground.records import Json, StoredFile
from bot.playground.web_api.chat import posting_channel, thread_of
from bot.playground.web_api.method import Call, Method, Methods

READY_AFTER_S = 0.3
"""How long after completion a file can be shown and appears in its channel; Slack takes seconds."""


def _get_upload_url(call: Call) -> Json:
    arguments = call.arguments
    length = arguments.integer("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", "[ERROR] must be greater than 0 [json-pointer:/length]")
    if length > limits.FILE_BYTES.number:
        raise SlackError(limits.FILE_BYTES.code)
    alt_txt = arguments.optional("alt_txt") or ""
    if len(alt_txt) > limits.FILE_ALT.number:
        most = limits.FILE_ALT.number + 1
        raise SlackError(
            limits.FILE_ALT.code, f"[ERROR] must be less than {most} characters [json-pointer:/alt_txt]"
        )
    snippet_type = arguments.optional("snippet_type")
    if snippet_type and length > limits.SNIPPET_BYTES.number:
        raise SlackError(limits.SNIPPET_BYTES.code)
    record = StoredFile(
        id=call.workspace.new_id("F"),
        name=arguments.text("filename"),
        length=length,
        user=call.app.bot_user,
        created=call.workspace.clock(),
        alt_txt=alt_txt,
        snippet_type=snippet_type,
    )
    call.workspace.files.add(record)
    return {"upload_url": f"{call.workspace.base_url}/upload/v1/{record.id}", "file_id": record.id}


def _complete(call: Call) -> Json:
    entries = call.arguments.objects("files") or []
    records = [_uploaded(call, entry) for entry in entries]
    if not records:
        raise SlackError("invalid_arguments", "[ERROR] must provide at least 1 items [json-pointer:/files]")
    blocks = call.arguments.objects("blocks")
    check_blocks(blocks or [], call.workspace.facts)
    if blocks and call.arguments.has("initial_comment"):
        raise SlackError("invalid_arguments", "[ERROR] give initial_comment or blocks, not both")
    share_to = _target(call, blocks)
    group = secrets.token_hex(8)
    for record, entry in zip(records, entries, strict=True):
        record.title = str(entry.get("title") or record.name)
        record.ready_at = call.workspace.clock() + READY_AFTER_S
        record.share_to, record.group = share_to, group
        call.workspace.files.changed(record)
    return {"files": [call.workspace.shown_file(record) for record in records]}


def _uploaded(call: Call, entry: Json) -> StoredFile:
    unknown = sorted(set(entry) - {"id", "title", "highlight_type"})
    if unknown:
        raise SlackError(
            "invalid_arguments", f"[ERROR] invalid additional property: {unknown[0]} [json-pointer:/files/0]"
        )
    if not isinstance(entry.get("id"), str):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: id [json-pointer:/files/0]")
    record = call.workspace.files.get(entry["id"])
    if not record.uploaded:
        raise SlackError("file_not_found")
    if record.ready_at is not None:
        raise SlackError("file_update_failed")
    return record


def _target(call: Call, blocks: list[Json] | None) -> Json | None:
    """Where the files will be shared; None keeps them private to the app."""
    names = [name for name in ("channel_id", "channels") if call.arguments.has(name)]
    if not names:
        return None
    if len(call.arguments.names(names[0])) > 1:
        raise SlackError("invalid_channel")
    channel = posting_channel(call, names[0])
    return {
        "channel": channel.id,
        "thread_ts": thread_of(call, channel),
        "initial_comment": call.arguments.text("initial_comment"),
        "blocks": blocks or [],
    }


def _info(call: Call) -> Json:
    record = call.workspace.files.get(call.arguments.text("file"))
    if record.ready_at is None:
        raise SlackError("file_not_found")
    return {
        "file": call.workspace.shown_file(record),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


def _delete(call: Call) -> Json:
    record = call.workspace.files.get(call.arguments.text("file"))
    record.deleted = True
    call.workspace.files.changed(record)
    return {}


def _upload(_call: Call) -> Json:
    """Switched off on 2025-11-12."""
    raise SlackError("method_deprecated")


METHODS: Methods = {
    "files.upload": Method(
        _upload,
        limits.TIER_2,
        ("channels", "content", "file", "filename", "filetype", "initial_comment", "thread_ts", "title"),
        (),
        "files:write",
    ),
    "files.getUploadURLExternal": Method(
        _get_upload_url,
        limits.TIER_4,
        ("filename", "length", "alt_txt", "snippet_type"),
        ("filename", "length"),
        "files:write",
    ),
    "files.completeUploadExternal": Method(
        _complete,
        limits.TIER_4,
        ("files", "channel_id", "channels", "thread_ts", "initial_comment", "blocks", "highlight_type"),
        ("files",),
        "files:write",
    ),
    "files.info": Method(
        _info, limits.TIER_4, ("file", "count", "cursor", "limit", "page"), ("file",), "files:read"
    ),
    "files.delete": Method(_delete, limits.TIER_3, ("file",), ("file",), "files:write"),
}
