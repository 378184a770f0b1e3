"""The response_url endpoint: an app answers an interaction without a token, five times within 30 minutes."""

from bot.playground import changing
from bot.playground.acting import reply
from bot.playground.block_ids import with_ids
from bot.playground.checks.messages import check_attachments, check_blocks
from bot.playground.errors import SlackError
from bot.playground.records import Ephemeral, Json, Message
from bot.playground.triggers import ResponseUrl
from bot.playground.workspace import Workspace

_KNOWN = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
        "metadata",
    }
)


def respond(workspace: Workspace, response_id: str, body: Json) -> Json:
    """Post, replace or delete, as the app asks. Raises SlackError."""
    permit = workspace.permits.use_response_url(response_id)
    unknown = set(body) - _KNOWN
    if unknown:
        raise SlackError("invalid_arguments", f"unsupported: {', '.join(sorted(unknown))}")
    if body.get("delete_original"):
        _replace(workspace, permit, None)
        return {"ok": True}
    if not any(body.get(name) for name in ("text", "blocks", "attachments")):
        raise SlackError("no_text")
    check_blocks(list(body.get("blocks") or []), workspace.facts)
    check_attachments(list(body.get("attachments") or []), workspace.facts)
    if body.get("replace_original"):
        _replace(workspace, permit, body)
    else:
        thread_ts = body.get("thread_ts") or permit.thread_ts
        reply(workspace, permit.user, permit.channel, thread_ts, body)
    return {"ok": True}


def _replace(workspace: Workspace, permit: ResponseUrl, body: Json | None) -> None:
    """Replace the message that was acted on; None deletes it."""
    ts = permit.message_ts or ""
    original: Message | Ephemeral | None = workspace.messages.ephemeral(permit.user, permit.channel, ts)
    original = original or workspace.messages.find(permit.channel, ts)
    if original is None:
        raise SlackError("message_not_found", status=404)
    if isinstance(original, Ephemeral):
        original.deleted = body is None
        _rewrite(original, body or {})
        workspace.feed.add("ephemeral", channel=original.channel, user=original.user, ts=original.ts)
    elif body is None:
        changing.remove(workspace, original)
    else:
        before = workspace.shown(original, metadata=True)
        workspace.messages.remember_blocks(original)
        _rewrite(original, body)
        original.edits += 1
        changing.keep_change(workspace, original, before)


def _rewrite(original: Message | Ephemeral, body: Json) -> None:
    original.text = str(body.get("text") or "")
    original.blocks = with_ids(list(body.get("blocks") or []))
    original.attachments = list(body.get("attachments") or [])
