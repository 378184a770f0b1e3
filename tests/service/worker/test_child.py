import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.worker.test_process_launcher import has_ended
from tests.unit.worker.launcher_contract import wait_for
from worker.child import FIRST_PAUSE_S, Child

pytestmark = pytest.mark.service

WAITS = "import sys; sys.stdin.read()"
WATCHES = "from worker.child import end_with_parent; end_with_parent()"
IGNORES = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def child(clock: Clock) -> Iterator[Child]:
    child = Child([sys.executable, "-c", WAITS], clock)
    yield child
    child.stop()


def kill(child: Child) -> int:
    assert child.pid is not None
    pid = child.pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: has_ended(pid), what="the child dies")
    return pid


def test_a_child_that_ends_is_started_again_with_growing_pauses(child: Child, clock: Clock) -> None:
    child.supervise()
    for expected_s in (FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S):
        dead = kill(child)
        child.supervise()
        assert child.pid is None
        clock.now += expected_s - 0.1
        child.supervise()
        assert child.pid is None
        clock.now += 0.2
        child.supervise()
        assert child.pid not in (None, dead)


def test_a_child_that_was_steady_comes_back_soon(child: Child, clock: Clock) -> None:
    child.supervise()
    kill(child)
    child.supervise()
    clock.now += 2
    child.supervise()
    clock.now += 61
    kill(child)
    child.supervise()
    clock.now += FIRST_PAUSE_S
    child.supervise()
    assert child.pid is not None


def test_a_stopped_child_is_gone(child: Child) -> None:
    child.supervise()
    assert child.pid is not None
    pid = child.pid
    child.stop()
    assert has_ended(pid)
    assert child.pid is None


@pytest.mark.parametrize("first", ["pass", IGNORES])
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path, first: str) -> None:
    told = tmp_path / "pid"
    program = f"""
import pathlib, sys
from worker.child import Child
child = Child([sys.executable, "-c", {f"{first}; {WATCHES}"!r}])
child.supervise()
pathlib.Path({str(told)!r}).write_text(f"{{child.pid}}.")
sys.stdin.read()
"""
    parent = Child([sys.executable, "-c", program])
    parent.supervise()
    wait_for(lambda: told.exists() and told.read_text().endswith("."), what="the grandchild starts")
    kill(parent)
    grandchild = int(told.read_text().rstrip("."))
    wait_for(lambda: has_ended(grandchild), what="the grandchild notices")
    parent.stop()
