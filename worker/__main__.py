"""`python -m worker`: this host's loop, with its Celery worker as a child. Ends on SIGTERM or Ctrl-C.

Training goes on when it ends, however it ends; the next `python -m worker` takes it over.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import FrameType

import structlog
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from db import logs
from db.checkup import to_json
from db.errors import LeaseLost, SignoffError
from db.limit_settings import LimitSettings
from db.metrics import serving
from db.queries import Queries
from db.settings import LedgerSettings
from worker.app import make_host_loop, open_ledger, serve_doorbells, state_folder
from worker.examine import examine
from worker.gpus.offered import GpuMissing
from worker.host import HostLoop
from worker.locks import hold
from worker.machine import TrainerMissing
from worker.metrics import LoopMetrics
from worker.picture import paint, paint_sheet
from worker.settings import WorkerSettings

TAKE_OVER_PATIENCE_S = 6.0
POLL_S = 0.1
REFUSED = 2
LEASE_LOST = 3


def main() -> int:
    arguments = _parse()
    try:
        shared, settings = LedgerSettings(), WorkerSettings()
        LimitSettings()
    except ValidationError as error:
        return _refuse(_wrong_settings(error))
    logs.configure(shared.log_format)
    if arguments.doorbells is not None:
        serve_doorbells(shared, settings, arguments.doorbells)
        return 0
    if arguments.examine:
        _say(to_json(examine(shared, settings)))
        return 0
    if arguments.picture is not None:
        number, path = arguments.picture
        return _paint(paint, shared, int(number), Path(path))
    if arguments.sheet is not None:
        number, path = arguments.sheet
        return _paint(paint_sheet, shared, int(number), Path(path))
    return _serve_host(shared, settings)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m worker", description=__doc__)
    parser.add_argument("--doorbells", type=int, metavar="EPOCH", help=argparse.SUPPRESS)
    parser.add_argument("--examine", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--picture", nargs=2, metavar=("NUMBER", "PATH"), help=argparse.SUPPRESS)
    parser.add_argument("--sheet", nargs=2, metavar=("NUMBER", "PATH"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _paint(
    brush: Callable[[Queries, Path, int, Path], str], shared: LedgerSettings, number: int, path: Path
) -> int:
    database = open_ledger(shared)
    try:
        _say(brush(Queries(database), shared.artifacts_folder, number, path))
    finally:
        database.dispose()
    return 0


def _serve_host(shared: LedgerSettings, settings: WorkerSettings) -> int:
    stop = _stop_on_signals()
    deadline = time.monotonic() + TAKE_OVER_PATIENCE_S
    lock = state_folder(shared, settings) / "host.lock"
    while not stop.is_set():
        with hold(lock) as mine:
            if mine:
                return _work(shared, settings, stop)
        if time.monotonic() >= deadline:
            return _refuse(
                f"a worker for host {settings.host_id!r} already runs on {lock.parent}; stop it first, "
                "or give this one another SIGNOFF_HOST_ID"
            )
        stop.wait(POLL_S)
    return 0


def _work(shared: LedgerSettings, settings: WorkerSettings, stop: Event) -> int:
    try:
        database = open_ledger(shared)
        registry = CollectorRegistry()
        loop = make_host_loop(shared, settings, database, LoopMetrics(registry))
    except (SignoffError, TrainerMissing, GpuMissing) as error:
        return _refuse(str(error))
    _say(f"worker ready {settings.host_id}")
    try:
        with serving(shared, registry):
            loop.run(stop)
    except LeaseLost as error:
        structlog.get_logger(__name__).error("lease_lost", reason=str(error))
        return LEASE_LOST
    finally:
        _leave(loop)
        database.dispose()
    return 0


def _leave(loop: HostLoop) -> None:
    training = loop.close()
    if training:
        _say(f"worker ended; {training} runs go on training")


def _stop_on_signals() -> Event:
    stop = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop


def _wrong_settings(error: ValidationError) -> str:
    wrong = [
        f"SIGNOFF_{'_'.join(str(part) for part in each['loc']).upper()}={each['input']}: {each['msg']}"
        for each in error.errors(include_url=False)
    ]
    return f"a setting cannot be used; {'; '.join(wrong)}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _refuse(message: str) -> int:
    sys.stderr.write(f"worker: {message}\n")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
