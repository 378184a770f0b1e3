"""`python -m bot`: listens to Slack, sends the outbox, serves the pages."""

import signal
import sys
import threading

import structlog
from pydantic import ValidationError

from bot import app as wiring
from bot.pages import server
from bot.pages.app import hosts_for, make_app
from bot.pages.reading import LedgerReader
from bot.settings import BotSettings, missing
from bot.slack_line import make_line
from db import logs
from db.errors import SignoffError
from db.metrics import serving
from db.settings import LedgerSettings

log = structlog.get_logger(__name__)

STOP_WITHIN_S = 15.0
USAGE = 2


def main() -> int:
    """Run until SIGTERM or Ctrl-C. Exit code 2 where a setting is missing or wrong, 1 on other errors."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        shared = LedgerSettings()
        logs.configure(shared.log_format)
        return run(BotSettings(), shared, stop)
    except ValidationError as error:
        sys.stderr.write(f"{missing(error)}; see docs/slack-setup.md.\n")
        return USAGE
    except (SignoffError, server.CannotServe) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def run(settings: BotSettings, ledger_settings: LedgerSettings, stop: threading.Event) -> int:
    """Start the parts, say that they are ready, and end them in order once `stop` is set."""
    listener = server.bind(settings.pages_host, settings.pages_port)
    pages_url = settings.pages_url.rstrip("/") or server.address(listener)
    program = wiring.build(settings, ledger_settings, pages_url=pages_url)
    reader = LedgerReader(program.database, program.house.queries)
    hosts = hosts_for(settings.pages_host, settings.pages_url or None)
    pages = server.start(
        make_app(reader, ledger_settings.artifacts_folder, program.house.links, hosts=hosts), listener
    )
    line = make_line(program, settings)
    try:
        line.open()
        sender = wiring.sending(program, stop)
        sys.stdout.write(f"bot ready {pages.url}\n")
        sys.stdout.flush()
        with serving(ledger_settings, program.metrics):
            wiring.expire_until(program, settings, stop)
        sender.join(STOP_WITHIN_S)
    finally:
        stop.set()
        line.close()
        pages.stop()
        program.database.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
