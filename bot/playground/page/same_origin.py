"""Nobody's web page but the playground's own may act here: a browser says where a request comes from."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

_OURS = ("/control/", "/page/")
_POLICY_VIOLATION = 1008


class SameOrigin:
    """Refuses requests and sockets that a browser sends for another site. Programs send no Origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"].startswith(_OURS):
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc != headers.get("host"):
                await _refuse(scope, receive, send, origin)
                return
        await self._app(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, origin: str) -> None:
    message = f"{origin} is not the playground; only its own page may act here"
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).close(code=_POLICY_VIOLATION, reason=message[:100])
        return
    body = {"ok": False, "error": "other_origin", "message": message}
    await JSONResponse(body, status_code=403)(scope, receive, send)
