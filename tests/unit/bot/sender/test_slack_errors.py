import http.client
from urllib.error import URLError

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from bot.slack_errors import (
    Ambiguous,
    BadToken,
    MessageGone,
    RateLimited,
    SlackError,
    TryLater,
    UploadRefused,
    translate,
)
from bot.slack_port import SlackWeb

METHOD = "chat.postMessage"


def answer(status: int, data: dict[str, object], **headers: str) -> SlackApiError:
    response = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data=data,
        headers=headers,
        status_code=status,
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # slack_sdk's own


def no_json(status: int) -> SlackApiError:
    """What slack_sdk raises for a page of some proxy."""
    raw = {"status": status, "headers": {}, "body": "<html>"}
    return SlackApiError("no JSON", raw)  # type: ignore[no-untyped-call]  # slack_sdk's own


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), Ambiguous),
        (ConnectionResetError(), Ambiguous),
        (URLError("no route"), Ambiguous),
        (http.client.RemoteDisconnected("closed"), Ambiguous),
        (http.client.IncompleteRead(b""), Ambiguous),
        (answer(500, {}), Ambiguous),
        (answer(503, {"ok": False, "error": "service_unavailable"}), Ambiguous),
        (answer(200, {"ok": False, "error": "internal_error"}), Ambiguous),
        (answer(200, {"ok": False, "error": "service_unavailable"}), TryLater),
        (answer(200, {"ok": False, "error": "token_revoked"}), BadToken),
        (answer(200, {"ok": False, "error": "cant_update_message"}), MessageGone),
        (answer(200, {"ok": False, "error": "file_uploads_disabled"}), UploadRefused),
        (no_json(502), Ambiguous),
        (no_json(200), Ambiguous),
    ],
)
def test_every_accident_has_one_meaning(error: Exception, kind: type[SlackError]) -> None:
    assert type(translate(METHOD, error)) is kind


@pytest.mark.parametrize(("header", "seconds"), [("30", 30.0), ("0", 1.0), ("soon", 1.0)])
def test_a_429_says_how_long_to_wait(header: str, seconds: float) -> None:
    for name in ("Retry-After", "retry-after"):
        known = translate(METHOD, answer(429, {"ok": False, "error": "ratelimited"}, **{name: header}))
        assert isinstance(known, RateLimited)
        assert known.retry_after_s == seconds


def test_a_bug_of_ours_is_not_slacks() -> None:
    assert translate(METHOD, KeyError("bug")) is None


def test_sentences_never_hold_a_token() -> None:
    error = answer(200, {"ok": False, "error": "invalid_auth", "token": "xoxb-secret"})
    assert "xoxb" not in str(translate(METHOD, error))


def test_a_client_that_repeats_by_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="retry_handlers"):
        SlackWeb(WebClient(token="xoxb-playground"))
