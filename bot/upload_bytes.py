"""Send a file's bytes to the address that Slack gave for them: a secret, so it is never logged."""

import http.client
import urllib.error
import urllib.request
from http import HTTPStatus

from bot.slack_errors import Permanent, SlackError, from_status, translate

METHOD = "upload"
TIMEOUT_S = 60.0


def upload(url: str, content: bytes, *, proxy: str | None) -> SlackError | None:
    """POST the bytes; None when Slack took them, else why not."""
    if not url.startswith(("https://", "http://")):
        return Permanent(METHOD, "bad_url", "Slack gave no address to upload to.")
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked above
        url, data=content, method="POST", headers={"Content-Type": "application/octet-stream"}
    )
    proxies = {"http": proxy, "https": proxy} if proxy else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    try:
        with opener.open(request, timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        with error:
            refused = Permanent(METHOD, f"http_{error.code}", "Slack refused the uploaded bytes.")
            return from_status(METHOD, HTTPStatus(error.code), dict(error.headers.items())) or refused
    except (OSError, http.client.HTTPException) as error:
        return translate(METHOD, error)
