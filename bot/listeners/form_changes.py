"""The contract form while it is being filled in: hints, "Add parameter", "More"."""

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from slack_bolt import Ack
from slack_sdk.web import WebClient

from bot.forms import fields, filled, options
from bot.forms.filled import Filled
from bot.house import House
from bot.listeners.answers import Body, person_of
from bot.listeners.errors import GuardedApp
from bot.listeners.opening import update
from db.errors import Busy, NotFound

REMEMBERED = 500


def register(app: GuardedApp, house: House) -> None:
    listener = FormChanges(house)
    for name in fields.REFRESHING:
        app.action(name)(listener.typed)
    app.action(fields.ADD)(listener.add_parameter)
    app.action(fields.MORE)(listener.more)


class Newest:
    """Which change of each view is the newest one, so that a burst of key strokes is drawn once.

    A cache alone: after a restart the next key stroke draws the form again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, float] = OrderedDict()

    def note(self, view_id: str, at: float) -> None:
        with self._lock:
            self._seen[view_id] = max(at, self._seen.pop(view_id, 0.0))
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)

    def is_newest(self, view_id: str, at: float) -> bool:
        with self._lock:
            return self._seen.get(view_id, 0.0) <= at


class FormChanges:
    def __init__(self, house: House) -> None:
        self._house = house
        self._newest = Newest()

    def typed(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Draw the hints for what stands in the form now."""
        ack()
        self._redraw(client, body, filled.read(body["view"]))

    def add_parameter(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Append the picked parameter with its current value to the changes."""
        ack()
        form = filled.read(body["view"])
        picked = str((body["actions"][0].get("selected_option") or {}).get("value") or "")
        self._redraw(client, body, self._with_parameter(form, picked))

    def more(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Show the rest of the form, or hide what is at its default."""
        ack()
        form = filled.read(body["view"])
        more = body["actions"][0].get("value") == "1"
        self._redraw(client, body, replace(form, ids=replace(form.ids, more=more)))

    def _with_parameter(self, form: Filled, path: str) -> Filled:
        try:
            resolved = self._house.queries.resolved(form.parent or 0)
        except NotFound:
            return form
        line = options.line_for(path, resolved, self._house.drafting.catalogue_for(form))
        return form.with_line(line) if line else form

    def _redraw(self, client: WebClient, body: Body, form: Filled) -> None:
        """Update the view unless a newer change is already under way; a busy ledger skips a hint."""
        view, at = body["view"], float(body["actions"][0].get("action_ts") or 0)
        self._newest.note(view["id"], at)
        if not self._newest.is_newest(view["id"], at):
            return
        try:
            drawn = self._house.drafting.view(form, person_of(body).id)
        except Busy:
            return
        if not self._newest.is_newest(view["id"], at):
            return
        if not update(client, view["id"], view["hash"], drawn) and self._newest.is_newest(view["id"], at):
            update(client, view["id"], None, drawn)
