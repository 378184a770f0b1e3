"""`python -m bot.playground`: a local stand-in for Slack on 127.0.0.1."""

import argparse
import json
import logging
import socket
from pathlib import Path

import uvicorn

from bot.playground.server import Setup, build

BANNER = (
    "This is the playground: a local stand-in for Slack. It is not Slack, and nothing here reaches Slack."
)
_PING_S = 1.0
"""Slack pings often too: its clients leave a socket only when something arrives on it."""

log = logging.getLogger("playground")


def main() -> None:
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # The protocol is named so that asyncio switches Nagle's delay (40 ms an answer) off on what it accepts.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.port))
        listener.listen(128)
        base_url = f"http://{options.host}:{listener.getsockname()[1]}"
        manifest = (
            None if options.manifest is None else json.loads(options.manifest.read_text(encoding="utf-8"))
        )
        setup = Setup(base_url, options.data, manifest, options.request_url, options.traffic)
        app = build(setup, ready=lambda: _announce(base_url))
        config = uvicorn.Config(
            app,
            log_level="warning",
            ws="websockets-sansio",
            ws_ping_interval=_PING_S,
            timeout_graceful_shutdown=2,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bot.playground",
        description=BANNER,
        epilog="Example: python -m bot.playground --port 8040 --data .signoff/playground "
        "--manifest bot/manifest.json",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--data", type=Path, help="folder that keeps the workspace over restarts")
    parser.add_argument("--manifest", type=Path, help="Slack app manifest (JSON): scopes, events, commands")
    parser.add_argument(
        "--request-url", help="reach the app over signed HTTP requests to this address, not over its sockets"
    )
    parser.add_argument(
        "--traffic", type=Path, help="file for the record of all traffic (default: traffic.jsonl in --data)"
    )
    return parser.parse_args()


def _announce(base_url: str) -> None:
    log.info(BANNER)
    print(f"playground ready {base_url}", flush=True)  # noqa: T201 - the line that callers wait for


if __name__ == "__main__":
    main()
