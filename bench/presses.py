"""Fifty people who press buttons at the same moment: how soon each press is acked.

    python -m bench.run presses

A real bot behind the playground's sockets, on SQLite and on PostgreSQL (`BENCH_POSTGRESQL` names an empty
database; without it that half is left out and says so). Four proposals at a time are decided by twelve or
thirteen people each: one wins, the others are told. The time is the
playground's, from the envelope to its ack.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

from bench.figure import Figure, at_most, figure
from bot.cli.demo.people import KAI, Contract, Teammate
from bot.cli.playground_client import PlaygroundClient
from bot.cli.playground_seen import SeenMessage
from bot.cli.processes import Household, child_environment
from bot.messages import actions
from db.queries import Queries
from db.session import Database

PEOPLE = 50
CARDS_AT_ONCE = 4
ROUNDS = 5
GOAL_MS = 250.0
START_WITHIN_S = 60.0


def figures() -> list[Figure]:
    found = _measure("SQLite", None)
    server = os.environ.get("BENCH_POSTGRESQL")
    if server is None:
        print("presses: BENCH_POSTGRESQL is not set, so PostgreSQL is not measured", file=sys.stderr)
        return found
    return [*found, *_measure("PostgreSQL", server)]


def _measure(name: str, database_url: str | None) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, _office(Path(folder), database_url) as client:
        people = [f"UPRESS{n:02}" for n in range(PEOPLE)]
        for person in people:
            client.hire(person, person.title(), "senior")
        took_ms = []
        for number in range(ROUNDS):
            cards = [_propose(client, number * CARDS_AT_ONCE + n) for n in range(CARDS_AT_ONCE)]
            took_ms += _press_at_once(client, people, cards)
    p99 = statistics.quantiles(took_ms, n=100, method="inclusive")[98]
    what = f"{name}: acks of {PEOPLE} presses at once, {ROUNDS} rounds"
    return [
        at_most(f"{what}, 99th percentile", round(p99, 1), GOAL_MS, "ms"),
        figure(f"{what}, median", round(statistics.median(took_ms), 1), "ms"),
    ]


@contextmanager
def _office(folder: Path, database_url: str | None) -> Iterator[PlaygroundClient]:
    """A playground and a bot; a worker has joined once and has left, so that nothing trains beside them."""
    household = Household(folder / "logs")
    settings = {"SIGNOFF_DATA_DIR": str(folder), "SIGNOFF_PAGES_PORT": "0", "SIGNOFF_CPU_SLOTS": "1"}
    if database_url is not None:
        settings["SIGNOFF_DATABASE_URL"] = database_url
    environment = child_environment(settings)
    try:
        subprocess.run([sys.executable, "-m", "bot.cli", "migrate"], env=environment, check=True)
        _let_a_worker_join(household, environment, database_url or f"sqlite:///{folder / 'ledger.db'}")
        playground = household.start(
            "playground",
            [sys.executable, "-m", "bot.playground", "--data", str(folder / "slack")],
            environment,
        )
        url = playground.wait_for("playground ready ", within_s=START_WITHIN_S)
        slack = {
            "SLACK_API_URL": f"{url}/api/",
            "SLACK_BOT_TOKEN": "xoxb-playground",
            "SLACK_APP_TOKEN": "xapp-playground",
        }
        household.start("bot", [sys.executable, "-m", "bot"], child_environment({**settings, **slack}))
        with PlaygroundClient(url) as client:
            client.wait_for_app(timeout_s=START_WITHIN_S)
            yield client
    finally:
        household.stop()


def _let_a_worker_join(household: Household, environment: dict[str, str], database_url: str) -> None:
    household.start("worker", [sys.executable, "-m", "worker"], environment)
    database = Database(database_url, lock_timeout_s=10)
    try:
        deadline = time.monotonic() + START_WITHIN_S
        while Queries(database).runtime() is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no worker has joined within {START_WITHIN_S:g} s")
            time.sleep(0.2)
    finally:
        database.dispose()
        household.stop()


def _propose(client: PlaygroundClient, number: int) -> SeenMessage:
    """A proposal of its own; the card that people decide on."""
    title = f"Contract {number}"
    contract = Contract(
        parent="PPO on CartPole",
        changes=f"gamma = 0.{900 + number}",
        title=title,
        objective="See how many decide at once",
        hypothesis="One of them wins",
        expected="final reward > 450",
    )
    Teammate(KAI, client).propose(contract)
    return client.wait_for_message(lambda seen: title in seen.words, f"the card of {title}", timeout_s=60)


def _press_at_once(
    client: PlaygroundClient, people: Sequence[str], cards: Sequence[SeenMessage]
) -> list[float]:
    """Milliseconds from each press to its ack."""
    last = max((int(entry["n"]) for entry in client.traffic("interactive")), default=0)
    together = Barrier(len(people))

    def press(person: str, card: SeenMessage) -> None:
        together.wait()
        client.press(person, card, actions.APPROVE)

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(press, people, (cards[n % len(cards)] for n in range(len(people)))))
    return [entry["duration_s"] * 1_000 for entry in client.traffic("interactive", after=last)]
