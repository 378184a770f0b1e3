"""Ctrl-C: `up` leaves training running and says so, `demo` stops all that it started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.cli.demo.contracts import BASELINE
from bot.cli.demo.people import ANA, KAI, Contract, Teammate
from bot.cli.playground_client import PlaygroundClient
from bot.cli.processes import child_environment
from bot.cli.training import trainers
from bot.forms import fields
from bot.messages import actions

pytestmark = [pytest.mark.service, pytest.mark.timeout(240)]

LONG = Contract(
    parent=BASELINE,
    changes="total_timesteps = 5000000",
    title="A long training",
    objective="Still run when nobody looks.",
    hypothesis="It goes on.",
    expected="final reward > 20",
    more={fields.SEEDS: "1", fields.ALONGSIDE: []},
)


class Command:
    """The `signoff` command in a folder of its own, with what it printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.printed = folder / "printed.txt"
        with self.printed.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", *arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                env=child_environment({"SIGNOFF_DATA_DIR": str(folder), "SIGNOFF_SETTLE_S": "1"}),
                cwd=folder,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.printed.read_text()

    def wait_for(self, words: str, within_s: float = 120) -> None:
        until(lambda: words in self.text() or self.process.poll() is not None, within_s)
        assert words in self.text(), self.text()

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    started: list[Command] = []

    def start(*arguments: str) -> Command:
        started.append(Command(tmp_path, *arguments))
        return started[-1]

    yield start
    for command in started:
        if command.process.poll() is None:
            command.interrupt()
    for trainer in trainers(tmp_path):
        os.killpg(trainer.group_id, signal.SIGKILL)


def until(holds: Callable[[], object], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that name the folder or stand in it."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


def test_up_leaves_training_running_and_says_how_to_end_it(
    run: Callable[..., Command], tmp_path: Path
) -> None:
    command = run("up", "--port", "0", "--pages-port", "0")
    command.wait_for("Signoff is up.")
    url = next(word for word in command.text().split() if word.startswith("http"))
    with PlaygroundClient(url) as client:
        client.wait_for_app()
        Teammate(KAI, client).propose(LONG)
        card = client.wait_for_message(lambda m: LONG.title in m.words, "the card", timeout_s=30)
        client.press(ANA, card, actions.APPROVE)
    until(lambda: any(trainer.run.endswith("/s1") for trainer in trainers(tmp_path)), 120)
    command.interrupt()
    said = command.text()
    (trainer,) = trainers(tmp_path)
    assert f"1 run still training: {trainer.run}." in said
    assert f"kill {trainer.group_id}" in said
    os.kill(trainer.group_id, signal.SIGTERM)
    until(lambda: not trainers(tmp_path))
    (ended,) = tmp_path.glob("runs/*/s1/a1/exit.json")
    assert '"exit_code": 12' in ended.read_text()


def test_up_says_when_nothing_trains(run: Callable[..., Command]) -> None:
    command = run("up", "--port", "0", "--pages-port", "0")
    command.wait_for("Signoff is up.")
    command.interrupt()
    assert "Stopped. No run is training." in command.text()


def test_an_interrupted_demo_leaves_nothing_running(run: Callable[..., Command], tmp_path: Path) -> None:
    command = run("demo", "--data", str(tmp_path / "demo"))
    command.wait_for("▶ five seeds")
    until(lambda: trainers(tmp_path / "demo"))
    assert command.interrupt() == 130
    assert trainers(tmp_path / "demo") == []
    assert processes_of(tmp_path) == []
    assert "Traceback" not in command.text()


def test_a_demo_whose_bot_dies_fails_and_says_so(run: Callable[..., Command], tmp_path: Path) -> None:
    command = run("demo", "--data", str(tmp_path / "demo"))
    command.wait_for("✔ Kai proposes")
    listed = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    bot = next(
        line.split()
        for line in listed
        if line.split()[1:2] == [str(command.process.pid)] and line.endswith("-m bot")
    )
    os.kill(int(bot[0]), signal.SIGKILL)
    assert command.process.wait(120) == 1
    assert "this step did not happen" in command.text()
    assert processes_of(tmp_path) == []
