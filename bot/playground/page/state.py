"""`/page/state`: all that a page needs to begin with, for one person."""

from collections.abc import Callable
from dataclasses import asdict

from bot.playground.page.numbers import PageNumbers
from bot.playground.page.sight import Sight
from bot.playground.records import Json
from bot.playground.workspace import Workspace


class PageState:
    """The snapshot; `/page/live` goes on from its number `n`."""

    def __init__(
        self,
        workspace: Workspace,
        sight: Sight,
        numbers: PageNumbers,
        faults: Callable[[], Json],
        connection: Callable[[], Json],
    ) -> None:
        self._workspace = workspace
        self._sight = sight
        self._numbers = numbers
        self._faults = faults
        self._connection = connection

    async def state(self, asked: Json) -> Json:
        user = self._sight.person(asked.get("user")).id
        workspace = self._workspace
        return {
            "n": self._numbers.of_page(workspace.feed.last),
            "team": asdict(workspace.team),
            "app": self._app(),
            "people": [asdict(person) for person in workspace.people.values() if not person.deleted],
            "groups": [asdict(group) for group in workspace.groups.values() if not group.disabled],
            "me": user,
            "commands": self._commands(),
            "shortcuts": workspace.app.shortcuts,
            "channels": self._sight.channels(user),
            "views": self._sight.views(user),
            "home": self._sight.home(user),
            **self._faults(),
        }

    def _app(self) -> Json:
        app = self._workspace.app
        identity = {"id": app.id, "name": app.name, "bot_user": app.bot_user, "bot_id": app.bot_id}
        return identity | self._connection()

    def _commands(self) -> list[Json]:
        """The app's commands with what the manifest says of them."""
        known = {entry["command"]: entry for entry in self._workspace.app.command_help}
        unknown = {"description": "", "usage_hint": ""}
        return [known.get(name, {"command": name} | unknown) for name in self._workspace.app.commands or ()]
