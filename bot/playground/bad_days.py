"""The control API's verbs for bad days: plan a fault, do one at once, say what is still to come."""

from dataclasses import asdict

from starlette.routing import Route

from bot.playground import fault_kinds
from bot.playground.errors import PersonError
from bot.playground.faults import FaultPlan
from bot.playground.json_verbs import json_endpoint
from bot.playground.records import Json
from bot.playground.socket_mode import SocketHub
from bot.playground.workspace import Workspace

_DISCONNECTS = frozenset({"warning", "refresh_requested", "link_disabled"})


class BadDays:
    """Faults as people ask for them. Refusals are PersonError."""

    def __init__(self, workspace: Workspace, hub: SocketHub, plan: FaultPlan) -> None:
        self._workspace = workspace
        self._hub = hub
        self._plan = plan

    def routes(self) -> list[Route]:
        return [
            Route("/control/fault", json_endpoint(self.fault), methods=["POST"]),
            Route("/control/faults", json_endpoint(self.faults), methods=["GET"]),
            Route("/control/fault-kinds", json_endpoint(self.kinds), methods=["GET"]),
        ]

    async def fault(self, asked: Json) -> Json:
        """Plan a fault, or do one at once."""
        kind, parameters = fault_kinds.read(asked)
        if kind.name == "clear":
            self._plan.clear()
            self._revoke([])
        elif kind.name == "drop_sockets":
            return {"sockets": await self._hub.drop(parameters["count"])}
        elif kind.name in _DISCONNECTS:
            return {"sockets": await self._hub.disconnect(kind.name)}
        elif kind.name == "bot_removed":
            self._remove_bot(parameters["channel"])
        elif kind.name == "token_restored":
            self._revoke([t for t in self._revoked() if t != self._token(parameters)])
        elif kind.name == "token_revoked" and parameters["times"] is None:
            self._revoke([*self._revoked(), self._token(parameters)])
        else:
            self._plan.add(fault_kinds.planned(kind, parameters))
        return self.to_come()

    async def faults(self, _asked: Json) -> Json:
        return self.to_come()

    async def kinds(self, _asked: Json) -> Json:
        return {"kinds": [fault_kinds.shown(kind) for kind in fault_kinds.KINDS]}

    def to_come(self) -> Json:
        """The faults that wait, with their words; a revoked token stands among them until it is restored."""
        app = self._workspace.app
        names = {app.bot_token: "bot", app.app_token: "app"}
        standing = [
            {"kind": "token_revoked", "token": names.get(token, "other"), "times": None}
            for token in self._revoked()
        ]
        waiting: list[Json] = [*map(asdict, self._plan.faults), *standing]
        return {"faults": [one | {"words": fault_kinds.BY_NAME[one["kind"]].words} for one in waiting]}

    def _revoked(self) -> list[str]:
        return self._workspace.app.revoked_tokens

    def _revoke(self, tokens: list[str]) -> None:
        self._workspace.app.revoked_tokens = sorted(set(tokens))
        self._workspace.keep_app()
        self._workspace.feed.add("faults")

    def _token(self, parameters: Json) -> str:
        app = self._workspace.app
        tokens = {"bot": app.bot_token, "app": app.app_token}
        if parameters["token"] not in tokens:
            raise PersonError("bad_request", f"token must be bot or app, not {parameters['token']!r}")
        return tokens[parameters["token"]]

    def _remove_bot(self, channel_id: str) -> None:
        channel = self._workspace.channels.get(channel_id)
        if channel is None:
            known = ", ".join(self._workspace.channels)
            raise PersonError("no_such_channel", f"there is no channel {channel_id!r}; there are {known}")
        self._workspace.leave(channel, self._workspace.app.bot_user)
