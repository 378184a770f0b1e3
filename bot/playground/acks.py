"""What an app may say in its ack, where Slack would show or refuse it."""

from bot.playground.checks.messages import check_attachments, check_blocks
from bot.playground.checks.schema import Facts
from bot.playground.errors import PersonError, SlackError
from bot.playground.records import Json

_ANSWER = frozenset(
    {"text", "blocks", "attachments", "response_type", "replace_original", "delete_original", "thread_ts"}
    | {"unfurl_links", "unfurl_media", "mrkdwn", "metadata"}
)
_ACTIONS = ("clear", "errors", "push", "update")
_SUBMISSION = frozenset({"response_action", "errors", "view"})


def check_answer(ack: Json, what: str, facts: Facts) -> None:
    """The ack of a command. Raises PersonError `invalid_ack` for what Slack could not show."""
    try:
        _check_answer(ack, facts)
    except SlackError as error:
        raise PersonError("invalid_ack", f"{what} was acked with {error}", status=502) from error


def _check_answer(ack: Json, facts: Facts) -> None:
    _only(ack, _ANSWER)
    if ack.get("response_type") not in (None, "ephemeral", "in_channel"):
        raise SlackError("invalid_arguments", f"response_type {ack['response_type']!r}")
    if not isinstance(ack.get("text") or "", str):
        raise SlackError("invalid_arguments", "text must be a string")
    for name, check in (("blocks", check_blocks), ("attachments", check_attachments)):
        given = ack.get(name) or []
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise SlackError(f"invalid_{name}", f"{name} must be an array of objects")
        check(given, facts)


def check_submission(ack: Json) -> None:
    """The ack of a submitted view. Raises SlackError for anything but a response_action."""
    _only(ack, _SUBMISSION)
    if ack and not ack.get("response_action"):
        raise SlackError("invalid_response_action", f"{', '.join(ack)} without response_action")
    if ack.get("response_action") not in (None, *_ACTIONS):
        raise SlackError("invalid_response_action", f"unknown response_action {ack['response_action']!r}")
    errors = ack.get("errors")
    if isinstance(errors, dict):
        for block_id, said in errors.items():
            if not isinstance(said, str) or not said:
                raise SlackError("invalid_errors", f"the error of {block_id} must be a text, got {said!r}")


def _only(ack: Json, known: frozenset[str]) -> None:
    unknown = sorted(set(ack) - known)
    if unknown:
        raise SlackError("invalid_arguments", f"unsupported: {', '.join(unknown)}")
