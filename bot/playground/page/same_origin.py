"""Nobody's web page but the playground's own may act here: a browser says where a request comes from."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

_POLICY_VIOLATION = 1008


class SameOrigin:
    """Refuses requests and sockets that a browser sends for another site. Programs send no Origin.

    A playground that listens on this machine alone answers only to its own names: another site's name could
    be pointed at it (DNS rebinding), and its pages would then be of the same origin.
    """

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app = app
        self._base_url = base_url
        self._is_local = _is_of_this_machine(urlsplit(base_url).netloc)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            origin, host = headers.get("origin"), headers.get("host", "")
            if self._is_local and not _is_of_this_machine(host):
                words = f"this playground is not {host}; open {self._base_url}"
                await _refuse(scope, receive, send, "other_host", words)
                return
            if origin is not None and origin.partition("://")[2] != host:
                words = f"{origin} is not the playground; only its own page may act here"
                await _refuse(scope, receive, send, "other_origin", words)
                return
        await self._app(scope, receive, send)


def _is_of_this_machine(host: str) -> bool:
    """Whether a Host header names this machine's loopback interface."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or name.endswith(".localhost") or ip_address(name).is_loopback
    except ValueError:
        return False


async def _refuse(scope: Scope, receive: Receive, send: Send, error: str, message: str) -> None:
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).close(code=_POLICY_VIOLATION, reason=message[:100])
        return
    body = {"ok": False, "error": error, "message": message}
    await JSONResponse(body, status_code=403)(scope, receive, send)
