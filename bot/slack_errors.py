"""What can go wrong with a call to Slack, as one tree of errors, translated once at the adapter.

The tree answers the only question that the sender has: may the same call be made again?
"""

import http.client
import urllib.error
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError


class SlackError(Exception):
    """Base of everything that a call to Slack may raise. `code` is Slack's own word for it."""

    def __init__(self, method: str, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.method = method
        self.code = code


class RateLimited(SlackError):
    """Nothing was done; the method may be called again after `retry_after_s` seconds."""

    def __init__(self, method: str, retry_after_s: float) -> None:
        super().__init__(method, "ratelimited", f"Slack asks to wait {retry_after_s:g} s before {method}.")
        self.retry_after_s = retry_after_s


class Ambiguous(SlackError):
    """No answer that can be trusted (timeout, reset, 5xx): it may or may not have been done."""


class TryLater(SlackError):
    """Slack said that nothing was done, for a reason that passes."""


class Permanent(SlackError):
    """Slack refused, and would refuse the same call again; the sentence says what to do."""


class NoAccess(Permanent):
    """The bot cannot post in this channel: it is not a member, or the channel is gone or closed."""


class BadToken(Permanent):
    """The token is wrong, revoked or lacks a scope."""


class BadMessage(Permanent):
    """Slack does not take the blocks, the text or the metadata as they are."""


class MessageGone(Permanent):
    """The message that was to be edited or answered cannot be edited or answered any more."""


class UploadRefused(Permanent):
    """The workspace does not take this file."""


_ACCESS = {
    "channel_not_found": "Slack knows no such channel, or it is private and the bot is not in it; "
    "invite the bot with /invite.",
    "not_in_channel": "The bot is not a member of the channel; invite it with /invite.",
    "is_archived": "The channel is archived; unarchive it to see the ledger's messages again.",
    "restricted_action": "The workspace's rules forbid the bot to post in this channel.",
    "posting_to_channel_denied": "The workspace's rules forbid the bot to post in this channel.",
    "channel_is_limited_access": "The workspace's rules forbid the bot to post in this channel.",
}
_TOKEN = {
    "invalid_auth": "Slack does not accept the bot token; set SLACK_BOT_TOKEN and restart the bot.",
    "not_authed": "No bot token was sent; set SLACK_BOT_TOKEN and restart the bot.",
    "account_inactive": "The bot's account was deactivated; install the app again.",
    "token_revoked": "The bot token was revoked; install the app again and set SLACK_BOT_TOKEN.",
    "token_expired": "The bot token has expired; install the app again and set SLACK_BOT_TOKEN.",
    "missing_scope": "The app lacks a scope for this call; install it again from the manifest.",
    "no_permission": "The app lacks the permission for this call; install it again from the manifest.",
}
_MESSAGE = {
    "invalid_blocks": "Slack does not take the message's blocks.",
    "invalid_blocks_format": "Slack does not take the message's blocks.",
    "msg_blocks_too_long": "The message's blocks hold too much text.",
    "msg_too_long": "The message's text is too long.",
    "invalid_attachments": "Slack does not take the message's attachments.",
    "too_many_attachments": "The message has too many attachments.",
    "block_mismatch": "Slack does not let this edit change the kinds of the message's blocks.",
    "metadata_too_large": "The message's metadata is too large.",
    "invalid_metadata_format": "Slack does not take the message's metadata.",
    "no_text": "The message has no text.",
    "invalid_arguments": "Slack does not take the call's arguments.",
}
_GONE = {
    "message_not_found": "The card was deleted in Slack, so it can no longer be edited.",
    "cant_update_message": "Slack does not let the bot edit this message.",
    "edit_window_closed": "The workspace's rules no longer allow to edit this message.",
    "thread_not_found": "The thread was deleted in Slack.",
    "cannot_reply_to_message": "Slack does not let anyone answer this message.",
}
_UPLOAD = {
    "file_uploads_disabled": "The workspace does not allow file uploads.",
    "file_uploads_except_images_disabled": "The workspace allows no uploads but pictures.",
    "file_type_not_allowed": "The workspace does not allow this type of file.",
    "file_not_found": "Slack does not know this file.",
    "file_deleted": "The file was deleted in Slack.",
    "storage_limit_reached": "The workspace has no storage left for files.",
}
_KINDS: tuple[tuple[type[Permanent], Mapping[str, str]], ...] = (
    (NoAccess, _ACCESS),
    (BadToken, _TOKEN),
    (BadMessage, _MESSAGE),
    (MessageGone, _GONE),
    (UploadRefused, _UPLOAD),
)
_PERHAPS_DONE = frozenset({"internal_error", "fatal_error", "request_timeout"})
_PASSES = frozenset(
    {"service_unavailable", "team_added_to_org", "accesslimited", "rollup_error", "message_limit_exceeded"}
)
_NETWORK = (OSError, http.client.HTTPException, urllib.error.URLError, SlackClientError, ValueError)


def from_code(method: str, code: str) -> SlackError:
    """The error that stands for Slack's answer `{"ok": false, "error": code}` to `method`."""
    if code in _PERHAPS_DONE:
        return Ambiguous(method, code, f"Slack had an accident during {method} ({code}).")
    if code in _PASSES:
        return TryLater(method, code, f"Slack cannot do {method} just now ({code}).")
    for kind, sentences in _KINDS:
        if code in sentences:
            return kind(method, code, f"{sentences[code]} (Slack: {code})")
    return Permanent(method, code, f"Slack refused {method}: {code}.")


def from_status(method: str, status: int, headers: Mapping[str, str]) -> SlackError | None:
    """The error that an HTTP status stands for by itself, or None where the body decides."""
    if status == http.HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(method, _retry_after_s(headers))
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return Ambiguous(method, f"http_{status}", f"Slack answered {method} with HTTP {status}.")
    return None


def translate(method: str, error: BaseException) -> SlackError | None:
    """The member of the tree for what slack_sdk raised, or None for an error that is not Slack's.

    An answer that is no JSON, an HTTP status from 500 on, a timeout and a broken connection are
    all ambiguous: Slack may have done its work before the answer was lost.
    """
    if isinstance(error, SlackApiError):
        response: Any = error.response
        if isinstance(response, Mapping):  # slack_sdk hands a body that is no JSON over as it came
            broken = Ambiguous(method, "no_answer", f"Slack's answer to {method} cannot be read.")
            return from_status(method, response.get("status", 0), response.get("headers", {})) or broken
        return from_status(method, response.status_code, response.headers) or from_code(
            method, str(response.get("error") or "unknown_error")
        )
    if isinstance(error, _NETWORK):
        return Ambiguous(method, "no_answer", f"No answer from Slack to {method} ({type(error).__name__}).")
    return None


def _retry_after_s(headers: Mapping[str, str]) -> float:
    named = {name.lower(): value for name, value in headers.items()}
    try:
        return max(1.0, float(named.get("retry-after", "1")))
    except ValueError:
        return 1.0
