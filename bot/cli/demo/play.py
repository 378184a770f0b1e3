"""The demo's script: what three people do in turn, and what must come of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx

from bot.cli.console import print_line
from bot.cli.demo import cards
from bot.cli.demo.contracts import FAILING, SMOOTHER
from bot.cli.demo.people import ANA, KAI, NAMES, ZOE, Contract, Teammate
from bot.cli.demo.printer import ThreadPrinter
from bot.cli.playground_client import NeverHappened, PlaygroundClient, PlaygroundError
from bot.cli.playground_seen import SeenMessage
from bot.cli.processes import Household
from bot.messages import actions
from db.errors import SignoffError

T = TypeVar("T")

CARD_WITHIN_S = 20.0
REFUSAL_WITHIN_S = 10.0
SMOKE_WITHIN_S = 150.0
RESULT_WITHIN_S = 900.0
FAILURE_WITHIN_S = 300.0
SEARCH_WITHIN_S = 10.0
LOOK_EVERY_S = 0.3
OUTCOMES = ("SUPPORTED", "REFUTED", "INCONCLUSIVE")
OWN_PROPOSAL = "nobody decides on their own proposal"
PNG = b"\x89PNG\r\n\x1a\n"


class StepFailed(SignoffError):
    """A step of the demo did not happen; the message says which, and what was seen instead."""


@dataclass
class Play:
    """Runs the script. `plots` receives the pictures that arrived, as Slack would show them."""

    client: PlaygroundClient
    family: Household
    printer: ThreadPrinter
    plots: Path
    saved: list[Path] = field(default_factory=list)

    def run(self) -> None:
        """Every step in turn. Raises StepFailed at the first that does not happen."""
        kai, ana, zoe = (Teammate(person, self.client) for person in (KAI, ANA, ZOE))
        first = self._signed(kai, ana, SMOOTHER, refusal=True)
        with self._step("five seeds and five of the parent train; plot and verdict arrive"):
            self._result(first)
        second = self._signed(kai, ana, FAILING)
        with self._step("the second experiment fails; its cause, log tail and whole log arrive"):
            self._failure(second)
        with self._step("Zoe searches the ledger and finds the first experiment"):
            self._found(zoe, first)
        self.printer.catch_up(everything=True)

    def _signed(
        self, kai: Teammate, ana: Teammate, contract: Contract, *, refusal: bool = False
    ) -> SeenMessage:
        with self._step(f"Kai proposes “{contract.title}”"):
            echo = kai.propose(contract)
            print_line(f"  The form understands: {echo}", "dim")
            card = self._await(lambda: self._card(contract.title), "the proposal card", CARD_WITHIN_S)
        if refusal:
            with self._step("Kai tries to approve it herself and is refused"):
                kai.press(card, actions.APPROVE)
                self._await(lambda: self._refusal(KAI), "a refusal that only Kai sees", REFUSAL_WITHIN_S)
                self.printer.whispers(KAI)
        with self._step("Ana approves"):
            ana.press(card, actions.APPROVE)
            self._await(lambda: self._decided(card), "the card that says approved", CARD_WITHIN_S)
        with self._step("a smoke run of the real spec passes"):
            self._await(lambda: self._smoked(card), "the smoke run's outcome on the card", SMOKE_WITHIN_S)
        return card

    def _result(self, card: SeenMessage) -> None:
        result = self._await(
            lambda: self._reply(card, "/result/"), "the result in the thread", RESULT_WITHIN_S
        )
        said = result.words
        if not any(outcome in said for outcome in OUTCOMES):
            raise StepFailed("the result carries no verdict")
        if not result.file_ids:
            raise StepFailed("the result carries no plot")
        self._keep(result)

    def _keep(self, result: SeenMessage) -> None:
        """Save the pictures of a message, as people would see them."""
        self.plots.mkdir(parents=True, exist_ok=True)
        for file_id in result.file_ids:
            content = self.client.file(file_id)
            if not content.startswith(PNG):
                raise StepFailed(f"the picture {file_id} is no PNG")
            path = self.plots / f"{_key(result).replace('/', '-')}.png"
            path.write_bytes(content)
            self.saved.append(path)

    def _failure(self, card: SeenMessage) -> None:
        failure = self._await(
            lambda: self._reply(card, "/failure/"), "the failure in the thread", FAILURE_WITHIN_S
        )
        words = failure.words
        if "NaN or infinite" not in words or "exit code 11" not in words:
            raise StepFailed("the failure does not say that a value became NaN, with exit code 11")
        if "learning rate" not in words:
            raise StepFailed("the failure carries no log tail")
        self._await(lambda: self._with_file(card), "the whole log as a file", CARD_WITHIN_S)

    def _found(self, person: Teammate, card: SeenMessage) -> None:
        key = _key(card).partition("/")[0]
        before = {message.ts for message in self.client.ephemerals(person.id)}
        person.search("experiments fixing oscillation")

        def answer() -> SeenMessage | None:
            new = [m for m in self.client.ephemerals(person.id) if m.ts not in before]
            return next((m for m in new if f"{key} ·" in cards.plain(m.raw, NAMES)), None)

        self._await(answer, f"an answer that names {key}", SEARCH_WITHIN_S)
        self.printer.whispers(person.id)

    def _card(self, title: str) -> SeenMessage | None:
        cards = (m for m in self.client.messages() if _key(m).endswith("/proposal"))
        return next((card for card in cards if title in card.words), None)

    def _refusal(self, user: str) -> SeenMessage | None:
        messages = self.client.ephemerals(user)
        return next((message for message in messages if OWN_PROPOSAL in message.words), None)

    def _decided(self, card: SeenMessage) -> SeenMessage | None:
        now = self._now(card)
        return now if "APPROVED" in now.words and not now.has_button(actions.APPROVE) else None

    def _smoked(self, card: SeenMessage) -> SeenMessage | None:
        now = self._now(card)
        if "Smoke run failed" in now.words:
            raise StepFailed("the smoke run failed")
        return now if "Smoke run passed" in now.words else None

    def _now(self, card: SeenMessage) -> SeenMessage:
        return next(message for message in self.client.messages() if message.ts == card.ts)

    def _reply(self, card: SeenMessage, kind: str) -> SeenMessage | None:
        replies = self.client.messages(thread_ts=card.ts)
        return next((reply for reply in replies if kind in f"{_key(reply)}/"), None)

    def _with_file(self, card: SeenMessage) -> SeenMessage | None:
        replies = self.client.messages(thread_ts=card.ts)
        return next((reply for reply in replies if reply.raw.get("files")), None)

    def _await(self, find: Callable[[], T | None], what: str, within_s: float) -> T:
        """Look until something is found, printing what arrives meanwhile."""
        deadline = time.monotonic() + within_s
        while True:
            self.printer.catch_up()
            found = find()
            if found is not None:
                return found
            self.family.check()
            if time.monotonic() > deadline:
                raise StepFailed(f"{what} did not come within {within_s:g} s")
            time.sleep(LOOK_EVERY_S)

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        print_line(f"▶ {what}", "bold")
        try:
            yield
        except (SignoffError, NeverHappened, PlaygroundError, LookupError, httpx.HTTPError) as error:
            raise StepFailed(f"this step did not happen: {what}\n{error}") from error
        print_line(f"✔ {what} ({time.monotonic() - started:.0f} s)", "bold green")


def _key(message: SeenMessage) -> str:
    """The outbox key of a message, such as E-15/proposal; empty for others."""
    payload = message.metadata.get("event_payload") or {}
    return str(payload.get("outbox_key", ""))
