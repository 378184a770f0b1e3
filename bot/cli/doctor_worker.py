"""The part of `doctor` that only the worker can look at: it alone knows Docker and the trainer."""

import subprocess
import sys
from collections.abc import Iterator

from db.checkup import Finding, from_json, problem

PATIENCE_S = 90
_COMMAND = (sys.executable, "-m", "worker", "--examine")


def look_at_worker() -> Iterator[Finding]:
    """Ask the worker's program about this host, in a process of its own."""
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are our own
            _COMMAND, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        yield problem(
            f"the worker's program did not answer within {PATIENCE_S} s", "see how busy this host is"
        )
        return
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        yield problem(f"the worker cannot start: {last.removeprefix('worker: ')}", "see docs/settings.md")
        return
    yield from from_json(done.stdout)
