"""The line to the app: its sockets, or its address once it has one."""

import asyncio
import contextlib
from collections.abc import Callable

from bot.playground.errors import PersonError
from bot.playground.records import Json
from bot.playground.signed_http import RequestUrls, SignedHttp
from bot.playground.socket_mode import SocketHub

_VERIFY_EVERY_S = 1.0


class Line:
    """The Transport in use. `open_http` makes the one over HTTP for the app's addresses."""

    def __init__(self, hub: SocketHub, open_http: Callable[[RequestUrls], SignedHttp]) -> None:
        self._hub = hub
        self._open_http = open_http
        self._http: SignedHttp | None = None

    def use(self, urls: RequestUrls | None) -> None:
        """Post envelopes to these addresses from now on; None goes back to sockets."""
        self._http = None if urls is None else self._open_http(urls)

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        transport = self._hub if self._http is None else self._http
        return await transport.deliver(kind, payload, retry=retry, reason=reason)

    def shown(self) -> Json:
        """Which transport it is, and whether the app is there."""
        if self._http is None:
            return {"transport": "socket", "connected": self._hub.count > 0, "sockets": self._hub.count}
        return {"transport": "http", "connected": self._http.connected, "sockets": self._hub.count}

    async def request_url(self, asked: Json) -> Json:
        """Set the app's address, as on its page at Slack: only one that answers the handshake is taken.

        An empty `url` goes back to Socket Mode. Raises PersonError.
        """
        url = asked.get("url")
        if not isinstance(url, str):
            raise PersonError("missing", "url is missing; an empty one goes back to Socket Mode")
        if not url:
            self.use(None)
            return self.shown()
        opened = self._open_http(RequestUrls.everywhere(url))
        await opened.verify()
        self._http = opened
        return self.shown()

    async def keep_verified(self) -> None:
        """Repeat the handshake every second while the address does not answer; never returns."""
        while True:
            if self._http is not None and not self._http.connected:
                with contextlib.suppress(PersonError):
                    await self._http.verify()
            await asyncio.sleep(_VERIFY_EVERY_S)
