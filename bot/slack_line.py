"""How Slack reaches the bot: a socket that the bot opens, or an address that Slack posts to."""

import socket
from contextlib import suppress
from typing import Protocol

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError

from bot.app import CannotConnect, Program
from bot.pages import server
from bot.settings import HTTP, BotSettings
from bot.slack_http import PATH, make_slack_app


class Line(Protocol):
    """`open` returns once Slack can reach the bot; `close` may be called at any time, and twice."""

    def open(self) -> None: ...
    def close(self) -> None: ...


class SocketLine:
    """Socket Mode: the bot connects outwards; no address, no open port."""

    def __init__(self, handler: SocketModeHandler) -> None:
        self._handler = handler

    def open(self) -> None:
        """Raises CannotConnect where Slack does not take the app token."""
        try:
            self._handler.connect()  # type: ignore[no-untyped-call]  # Bolt's own signature
        except SlackApiError as error:
            code = error.response.get("error")
            raise CannotConnect(f"Slack does not accept SLACK_APP_TOKEN ({code})") from None

    def close(self) -> None:
        """Close the socket and stay away.

        slack_sdk 3.47 stumbles over its own socket (AttributeError) when Slack closes it in the same moment.
        """
        with suppress(AttributeError):
            self._handler.close()  # type: ignore[no-untyped-call]  # Bolt's own signature


class HttpLine:
    """Signed requests, on a server of its own: whoever opens its port to the world opens nothing else."""

    def __init__(self, program: Program, signing_secret: str, listener: socket.socket) -> None:
        self._program = program
        self._secret = signing_secret
        self._listener = listener
        self._running: server.PagesServer | None = None

    @property
    def url(self) -> str:
        """The address as seen from this machine."""
        return server.address(self._listener) + PATH

    def open(self) -> None:
        app = make_slack_app(self._program.app, self._secret)
        self._running = server.start(app, self._listener, name="slack requests")

    def close(self) -> None:
        if self._running is not None:
            self._running.stop()
        self._listener.close()


def make_line(program: Program, settings: BotSettings) -> Line:
    """The line that the settings ask for, not open yet. Raises CannotServe."""
    if settings.slack_transport == HTTP:
        listener = server.bind(
            settings.slack_host, settings.slack_port, what="Slack's requests", setting="SIGNOFF_SLACK_PORT"
        )
        return HttpLine(program, settings.slack_signing_secret.get_secret_value(), listener)
    return SocketLine(program.socket_handler(settings.slack_app_token.get_secret_value()))
