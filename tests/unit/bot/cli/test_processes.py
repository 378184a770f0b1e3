import os
import signal
import sys
from pathlib import Path

import pytest

from bot.cli.processes import Child, ChildFailed, Household, Interrupted, child_environment, household

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def family(tmp_path: Path) -> Household:
    return Household(tmp_path / "logs", term_within_s=0.5)


def test_a_ready_line_is_waited_for(family: Household) -> None:
    child = family.start(
        "child", [sys.executable, "-c", "print('ready http://x', flush=True); input()"], child_environment({})
    )
    with pytest.raises(ChildFailed, match="child ended with code 1"):
        child.wait_for("never ", within_s=20)
    assert child.wait_for("ready ", within_s=1) == "http://x"


def test_a_child_is_judged_by_its_own_lines(family: Household) -> None:
    for address in ("http://first", "http://second"):
        code = f"print('ready {address}', flush=True); input()"
        child = family.start("child", [sys.executable, "-c", code], child_environment({}))
        assert child.wait_for("ready ", within_s=20) == address
    family.stop()


def test_a_child_that_is_never_ready_shows_the_end_of_its_log(family: Household) -> None:
    code = "import time; print('still thinking', flush=True); time.sleep(60)"
    child = family.start("slow", [sys.executable, "-c", code], child_environment({}))
    with pytest.raises(ChildFailed, match=r"(?s)slow was not ready within 1 s.*still thinking"):
        child.wait_for("ready", within_s=1)
    family.stop()


def test_a_child_that_does_not_listen_is_killed(family: Household) -> None:
    child = family.start("deaf", [sys.executable, "-c", DEAF], child_environment({}))
    child.wait_for("ready", within_s=20)
    family.stop()
    assert child.process.returncode == -signal.SIGKILL


def test_a_signal_ends_the_children(tmp_path: Path) -> None:
    started: list[Child] = []

    def work() -> None:
        with household(tmp_path / "logs") as family:
            started.append(family.start("child", [sys.executable, "-c", DEAF], child_environment({})))
            family.term_within_s = 0.5
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        work()
    assert started[0].process.poll() is not None


def test_children_get_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com")
    monkeypatch.setenv("https_proxy", "http://proxy.example.com")
    env = child_environment({"SIGNOFF_INSTANCE": "mine"})
    assert not {name.lower() for name in env} & {"http_proxy", "https_proxy"}
    assert env["SIGNOFF_INSTANCE"] == "mine"
