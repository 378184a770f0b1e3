"""The last net: whatever a listener did not expect is logged, and the person is told in words."""

import http
import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import App, BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.forms.filled import block_ids
from bot.listeners.answers import Body, person_of, tell
from bot.listeners.opening import Told
from bot.messages import refusals
from db.errors import Busy, SignoffError

log = structlog.get_logger(__name__)

_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"})


def register(app: App) -> None:
    app.error(on_error)


def on_error(
    error: Exception, body: dict[str, Any], client: WebClient, response: BoltResponse | None
) -> BoltResponse | None:
    """Log, tell, and answer Slack where no ack has gone out yet (`response` is None after one)."""
    if isinstance(error, SignoffError):
        log.info("listener.refused", error=str(error))
    else:
        # Formatted here: a console renderer that shows local variables is slower than Slack waits.
        shown = "".join(traceback.format_exception(error))
        log.error("listener.failed", error=str(error), traceback=shown)
    if isinstance(error, Told) or body.get("type") == "event_callback":
        return None
    if body.get("type") == "view_submission" and response is not None:
        return _at_first_field(body["view"])
    if body.get("type") != "block_suggestion":
        _tell(client, body, sentence_for(error))
    return BoltResponse(status=http.HTTPStatus.OK, body="") if response is not None else None


def sentence_for(error: Exception) -> str:
    """What the person reads."""
    if isinstance(error, Busy):
        return refusals.BUSY
    if isinstance(error, SignoffError):
        return refusals.as_sentence(str(error))
    if isinstance(error, SlackApiError) and error.response.get("error") in _TOO_LATE:
        return refusals.TOO_LATE
    return refusals.ACCIDENT


def _at_first_field(view: Mapping[str, Any]) -> BoltResponse:
    shown = block_ids(view)
    if not shown:
        return BoltResponse(status=http.HTTPStatus.OK, body="")
    errors = {next(iter(shown.values())): refusals.ACCIDENT_FORM}
    return BoltResponse(status=http.HTTPStatus.OK, body={"response_action": "errors", "errors": errors})


def _tell(client: WebClient, body: Body, sentence: str) -> None:
    try:
        tell(client, body, refusals.sentence(sentence))
    except (SlackApiError, OSError) as error:
        log.warning("listener.not_told", user_id=person_of(body).id, error=str(error))
