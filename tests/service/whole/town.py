"""A playground with a bot and a worker that are killed and started again while people work."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from bot.cli.demo.people import Contract, Teammate
from bot.cli.playground_client import NeverHappened, PlaygroundClient, PlaygroundError
from bot.cli.playground_seen import SeenMessage
from bot.cli.processes import Child, Household, child_environment
from bot.messages import actions
from db.queries import Queries
from db.session import Database

T = TypeVar("T")
TROUBLE = (PlaygroundError, NeverHappened, LookupError)
PATIENCE_S = 150.0


class Town:
    """`bot` and `worker` always run, except for the moments after a kill.

    `settings` are those of both, `own` those of one by its name.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        own: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.folder = folder
        self.settings = dict(settings or {})
        self.own = own or {}
        self.family = Household(folder / "logs")
        self.children: dict[str, Child] = {}
        self.kills = 0
        playground = self._spawn("playground", "bot.playground", "--data", str(folder / "slack"))
        self.url = playground.wait_for("playground ready ", within_s=60)
        for name in ("bot", "worker"):
            self.start(name)
        self.client = PlaygroundClient(self.url)
        url = self.settings.get("SIGNOFF_DATABASE_URL", f"sqlite:///{folder / 'ledger.db'}")
        self.database = Database(url, lock_timeout_s=10)
        self.queries = Queries(self.database)
        until(self.queries.runtime, "a worker that has joined")

    def start(self, name: str) -> None:
        self.children[name] = self._spawn(f"{name}-{self.kills}", name, more=self.own.get(name))

    def kill(self, name: str) -> None:
        """kill -9, and start it again at once. `celery` is the worker's child."""
        self.kills += 1
        if name == "celery":
            pid = str(self.children["worker"].process.pid)
            subprocess.run(["pkill", "-KILL", "-P", pid, "-f", "--", "--doorbells"], check=False)
            return
        child = self.children[name]
        self.family.children.remove(child)
        child.process.send_signal(signal.SIGKILL)
        child.process.wait()
        self.start(name)

    def close(self) -> None:
        self.client.close()
        self.database.dispose()
        self.family.stop()

    def propose(self, who: str, contract: Contract) -> SeenMessage:
        """Fill in the form until the ledger has it; a person looks before they submit again."""
        mate = Teammate(who, self.client)

        def is_written() -> bool:
            return any(one.title == contract.title for one in self.queries.recent(20))

        insist(lambda: mate.propose(contract), is_written)
        return until(lambda: self.card(contract.title), f"the card of {contract.title}")

    def approve(self, who: str, card: SeenMessage) -> None:
        insist(
            lambda: self.client.press(who, card, actions.APPROVE),
            lambda: "APPROVED" in self.now(card).words,
        )

    def card(self, title: str) -> SeenMessage | None:
        return next((message for message in self.client.messages() if title in message.words), None)

    def now(self, card: SeenMessage) -> SeenMessage:
        return next(message for message in self.client.messages() if message.ts == card.ts)

    def thread(self, card: SeenMessage) -> tuple[SeenMessage, ...]:
        return self.client.messages(thread_ts=card.ts)

    def _spawn(self, name: str, module: str, *arguments: str, more: Mapping[str, str] | None = None) -> Child:
        env = child_environment(
            {
                "SIGNOFF_DATA_DIR": str(self.folder),
                "SIGNOFF_PAGES_PORT": "0",
                "SIGNOFF_SETTLE_S": "1",
                "SLACK_API_URL": f"{getattr(self, 'url', '')}/api/",
                "SLACK_BOT_TOKEN": "xoxb-playground",
                "SLACK_APP_TOKEN": "xapp-playground",
                **self.settings,
                **(more or {}),
            }
        )
        return self.family.start(name, [sys.executable, "-m", module, *arguments], env)


class Chaos(threading.Thread):
    """Kills the bot, the worker, its Celery child, or bot and worker, every few seconds."""

    def __init__(self, town: Town, *, every_s: tuple[float, float], seed: int) -> None:
        super().__init__(daemon=True)
        self._town, self._every_s, self._dice = town, every_s, random.Random(seed)
        self._over = threading.Event()
        self.victims: list[str] = []

    def run(self) -> None:
        while not self._over.wait(self._dice.uniform(*self._every_s)):
            for victim in self._dice.choice((("bot",), ("worker",), ("celery",), ("bot", "worker"))):
                self._town.kill(victim)
                self.victims.append(victim)

    def end(self) -> None:
        self._over.set()
        self.join(60)


def until(find: Callable[[], T | None], what: str, within_s: float = PATIENCE_S) -> T:
    """What `find` finds, in the end."""
    deadline = time.monotonic() + within_s
    while True:
        found = find()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come within {within_s:g} s"
        time.sleep(0.2)


def insist(act: Callable[[], object], is_done: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    """Do it again when it fails and was not done: what a person does when Slack shows an error."""
    deadline = time.monotonic() + within_s
    while not is_done():
        assert time.monotonic() < deadline, "nobody could do it in time"
        try:
            act()
        except TROUBLE:
            time.sleep(1)
        for _ in range(20):
            if is_done():
                return
            time.sleep(0.2)
