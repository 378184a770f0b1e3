"""Serve the pages from a thread of the bot."""

import socket
import threading
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

STOP_WITHIN_S = 5.0


class CannotServe(OSError):
    """An address is taken or not this machine's; the message names the setting to change."""


@dataclass(frozen=True)
class PagesServer:
    """A running server; `url` is where it can be reached from this machine."""

    url: str
    _server: uvicorn.Server
    _thread: threading.Thread

    def stop(self) -> None:
        """End the server; open requests get a few seconds."""
        self._server.should_exit = True
        self._thread.join(STOP_WITHIN_S)


def bind(
    host: str, port: int, *, what: str = "the pages", setting: str = "SIGNOFF_PAGES_PORT"
) -> socket.socket:
    """A listening socket; port 0 takes any free port. Raises CannotServe, which says what is not served."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"{what} cannot be served on {host}:{port}: {error.strerror}; set {setting}"
        ) from None
    return listener


def address(listener: socket.socket) -> str:
    """http://127.0.0.1:8790"""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def start(app: ASGIApp, listener: socket.socket, *, name: str = "pages") -> PagesServer:
    """Serve `app` on the bound socket until `stop` is called."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=int(STOP_WITHIN_S)
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=name, daemon=True)
    thread.start()
    return PagesServer(address(listener), server, thread)
