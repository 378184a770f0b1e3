"""Views: each person's stack of modals, and everyone's Home tab."""

import copy
import secrets
from collections.abc import Callable
from dataclasses import asdict

from bot.playground import limits, values
from bot.playground.block_ids import with_ids
from bot.playground.errors import SlackError
from bot.playground.feed import Feed
from bot.playground.journal import Journal
from bot.playground.records import App, Json, Team, View

_ABSENT: Json = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "close": None,
    "submit": None,
    "title": None,
}


class ViewStore:
    """Open views by id. Home tabs are kept over a restart; modals are not, as a reload closes them."""

    def __init__(
        self, journal: Journal, feed: Feed, clock: Callable[[], float], new_id: Callable[[str], str]
    ) -> None:
        self._journal = journal
        self._feed = feed
        self._clock = clock
        self._new_id = new_id
        self._open: dict[str, View] = {}
        self._stacks: dict[str, list[str]] = {}
        self._homes: dict[str, View] = {}

    def restore_home(self, data: Json) -> None:
        home = View(**data)
        self._homes[home.user] = home

    def stack(self, user: str) -> list[View]:
        """The person's modals, the one on top last."""
        return [self._open[view_id] for view_id in self._stacks.get(user, ())]

    def home(self, user: str) -> View | None:
        return self._homes.get(user)

    def get(self, view_id: str) -> View:
        view = self._open.get(view_id) or next((v for v in self._homes.values() if v.id == view_id), None)
        if view is None:
            raise SlackError("not_found")
        return view

    def by_external_id(self, external_id: str) -> View:
        for view in [*self._open.values(), *self._homes.values()]:
            if view.definition.get("external_id") == external_id:
                return view
        raise SlackError("not_found")

    def push(self, user: str, definition: Json, *, channel: str | None) -> View:
        """A new modal on top of the person's stack."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= limits.VIEW_STACK.number:
            raise SlackError(limits.VIEW_STACK.code)
        self._check_external_id(definition, None)
        view_id = self._new_id("V")
        view = View(
            id=view_id,
            user=user,
            definition={},
            hash="",
            root_view_id=stack[0] if stack else view_id,
            previous_view_id=stack[-1] if stack else None,
            channel=channel,
        )
        self._write(view, definition)
        stack.append(view_id)
        self._open[view_id] = view
        self._feed.add("view_opened", user=user, view=view_id)
        return view

    def update(self, view: View, definition: Json, expected_hash: str | None) -> View:
        """Replace a view's content; SlackError `hash_conflict` when it is not the one the app saw."""
        if expected_hash is not None and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        self._check_external_id(definition, view)
        self._write(view, definition)
        if view.id in self._open:
            self._feed.add("view_changed", user=view.user, view=view.id)
        else:
            self._keep_home(view)
        return view

    def publish(self, user: str, definition: Json, expected_hash: str | None) -> View:
        home = self._homes.get(user)
        if home is not None:
            return self.update(home, definition, expected_hash)
        if expected_hash is not None:
            raise SlackError("hash_conflict")
        self._check_external_id(definition, None)
        view_id = self._new_id("V")
        home = View(id=view_id, user=user, definition={}, hash="", root_view_id=view_id)
        self._write(home, definition)
        self._homes[user] = home
        self._keep_home(home)
        return home

    def close(self, view: View) -> None:
        """Take one view off the stack; the one below it shows again."""
        self._stacks[view.user].remove(view.id)
        del self._open[view.id]
        self._feed.add("view_closed", user=view.user, view=view.id)

    def clear(self, user: str) -> list[View]:
        """Close all modals of a person and return them, the one on top first."""
        closed = self.stack(user)[::-1]
        for view in closed:
            self.close(view)
        return closed

    def _check_external_id(self, definition: Json, own: View | None) -> None:
        external_id = definition.get("external_id")
        if not external_id:
            return
        for view in [*self._open.values(), *self._homes.values()]:
            if view is not own and view.definition.get("external_id") == external_id:
                raise SlackError("duplicate_external_id")

    def _write(self, view: View, definition: Json) -> None:
        written = copy.deepcopy(definition)
        written["blocks"] = with_ids(written["blocks"])
        view.definition = written
        view.hash = f"{int(self._clock())}.{secrets.token_hex(4)}"
        view.state = values.carried_over(view.state, values.initial_state(view.blocks, here=view.channel))

    def _keep_home(self, view: View) -> None:
        self._journal.write("home", asdict(view))
        self._feed.add("home", user=view.user, view=view.id)


def shown(view: View, app: App, team: Team) -> Json:
    """The view as Slack shows it to the app, with what has been typed so far."""
    return {
        **_ABSENT,
        **view.definition,
        "id": view.id,
        "team_id": team.id,
        "app_id": app.id,
        "app_installed_team_id": team.id,
        "bot_id": app.bot_id,
        "hash": view.hash,
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "state": {"values": copy.deepcopy(view.state)},
    }
