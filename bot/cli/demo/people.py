"""The three people of the demo, and what they do with Slack's own means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.cli.playground_client import PlaygroundClient
from bot.cli.playground_seen import SeenMessage, SeenView
from bot.forms import fields
from bot.messages import actions
from db.errors import SignoffError

KAI, ANA, ZOE = "UKAI", "UANA", "UZOE"
NAMES: Mapping[str, str] = {KAI: "Kai", ANA: "Ana", ZOE: "Zoe", "USIGNOFF": "Signoff"}
FORM_WITHIN_S = 20.0
ECHO = "Understood as: "


class FormRefused(SignoffError):
    """The contract form did not take what was typed."""


@dataclass(frozen=True)
class Contract:
    """What a person fills in. `parent` is a title, typed into the typeahead; `more` stands behind "More"."""

    parent: str
    changes: str
    title: str
    objective: str
    hypothesis: str
    expected: str
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Teammate:
    """A person at their keyboard."""

    id: str
    client: PlaygroundClient

    def propose(self, contract: Contract) -> str:
        """Fill in and submit the contract form; what it echoed as understood. Raises FormRefused."""
        self.client.command(self.id, actions.COMMAND, "new")
        view = self._form("the contract form", lambda seen: _has(seen, fields.OBJECTIVE))
        self._choose_parent(view, contract.parent)
        for field_name, text in (
            (fields.CHANGES, contract.changes),
            (fields.OBJECTIVE, contract.objective),
            (fields.EXPECTED, contract.expected),
        ):
            self.client.act(self.id, self._top(), field_name, text)
        view = self._form("the echo of the expected outcome", lambda seen: ECHO in seen.words)
        echo = next(line for line in view.words.splitlines() if line.startswith(ECHO))
        self._submit(contract)
        return echo.removeprefix(ECHO)

    def press(self, card: SeenMessage, action_id: str) -> None:
        """Press a button of a card."""
        self.client.press(self.id, card, action_id)

    def search(self, words: str) -> None:
        """Ask the ledger from the channel."""
        self.client.command(self.id, actions.COMMAND, f"search {words}")

    def _choose_parent(self, view: SeenView, title: str) -> None:
        offered = self.client.options(self.id, view, fields.PARENT, title)
        found = next((option for option in offered if title in option["text"]["text"]), None)
        if found is None:
            raise FormRefused(f"the form offers no parent for {title!r}")
        self.client.act(self.id, view, fields.PARENT, found["value"])

    def _submit(self, contract: Contract) -> None:
        more = {fields.TITLE: contract.title, **contract.more}
        self.client.act(self.id, self._top(), fields.MORE)
        view = self._form("the second part of the form", lambda seen: _has(seen, fields.SEEDS))
        typed: dict[str, object] = {
            fields.CHANGES: contract.changes,
            fields.OBJECTIVE: contract.objective,
            fields.HYPOTHESIS: contract.hypothesis,
            fields.EXPECTED: contract.expected,
            **more,
        }
        answer = self.client.submit(self.id, view, typed)
        if answer.errors:
            raise FormRefused("; ".join(f"{field}: {words}" for field, words in answer.errors.items()))

    def _form(self, what: str, where: Callable[[SeenView], bool]) -> SeenView:
        return self.client.wait_for(lambda: self._seen(where), what, timeout_s=FORM_WITHIN_S)

    def _seen(self, where: Callable[[SeenView], bool]) -> SeenView | None:
        views = self.client.views(self.id)
        return views[-1] if views and where(views[-1]) else None

    def _top(self) -> SeenView:
        return self.client.views(self.id)[-1]


def _has(view: SeenView, field_name: str) -> bool:
    try:
        view.input_block(field_name)
    except LookupError:
        return False
    return True
