"""The form's typeaheads, answered within 3 seconds from the ledger's index."""

from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt import Ack

from bot.forms import fields, filled, options
from bot.forms.inputs import option
from bot.house import House
from bot.listeners.errors import GuardedApp
from bot.messages import budget
from bot.messages.message import Block
from db.errors import NotFound, SignoffError
from db.lifecycle import OPEN_EXPERIMENTS

log = structlog.get_logger(__name__)

NOT_NOW = "The ledger is busy, type again"


def register(app: GuardedApp, house: House) -> None:
    listener = Options(house)
    app.options(fields.PARENT)(listener.experiments)
    app.options(fields.COMPARATOR)(listener.experiments)
    app.options(fields.ADD)(listener.parameters)
    app.options(fields.QUESTION)(listener.questions)


class Options:
    def __init__(self, house: House) -> None:
        self._house = house

    def experiments(self, ack: Ack, body: dict[str, Any]) -> None:
        """Experiments to start from or to compare with: what nobody has approved may still change."""
        _answer(ack, lambda: self._experiments(str(body.get("value") or "")))

    def parameters(self, ack: Ack, body: dict[str, Any]) -> None:
        _answer(ack, lambda: self._parameters(body))

    def questions(self, ack: Ack, body: dict[str, Any]) -> None:
        typed = str(body.get("value") or "")
        _answer(ack, lambda: options.questions(self._house.queries.questions(), typed))

    def _experiments(self, typed: str) -> list[Block]:
        found = self._house.queries.parents_like(typed, budget.OPTIONS)
        return options.experiments([each for each in found if each.status not in OPEN_EXPERIMENTS])

    def _parameters(self, body: dict[str, Any]) -> list[Block]:
        form = filled.read(body["view"])
        parent = form.parent
        if parent is None:
            return [option("Choose what to start from first", "none")]
        resolved = self._house.queries.resolved(parent)
        catalogue = self._house.drafting.catalogue_for(form)
        return options.parameters(resolved, catalogue, str(body.get("value") or ""))


def _answer(ack: Ack, find: Callable[[], list[Block]]) -> None:
    """Ack with what was found; a select cannot show an error, so that it is told as an option."""
    try:
        found = find()
    except NotFound:
        found = []
    except SignoffError as error:
        log.warning("options.failed", error=str(error))
        found = [option(NOT_NOW, "busy")]
    ack(options=found)
