"""The Web API as a whole: which methods there are, who may call them, how often, and what the answer is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.playground import limits
from bot.playground.errors import SlackError
from bot.playground.rates import Rates
from bot.playground.records import Json
from bot.playground.web_api import (
    auth,
    chat,
    conversations,
    files,
    keepsakes,
    people,
    reactions,
    streams,
    unfurl,
    views,
)
from bot.playground.web_api.arguments import Arguments
from bot.playground.web_api.method import Call, Handler, Method, Methods
from bot.playground.workspace import Workspace

_EVERYWHERE = ("team_id",)
"""Arguments that every method takes: Bolt's client sends team_id with each call."""


@dataclass(frozen=True)
class Answer:
    """What goes back to the app."""

    body: Json
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class WebApi:
    """All methods. `open_connection` makes a Socket Mode address (apps.connections.open)."""

    def __init__(self, workspace: Workspace, open_connection: Handler) -> None:
        self._workspace = workspace
        self._rates = Rates(workspace.clock)
        self.methods: Methods = {
            **auth.METHODS,
            **chat.METHODS,
            **conversations.METHODS,
            **files.METHODS,
            **keepsakes.METHODS,
            **people.METHODS,
            **reactions.METHODS,
            **streams.METHODS,
            **unfurl.METHODS,
            **views.METHODS,
            "apps.connections.open": Method(
                open_connection,
                limits.TIER_3,
                token="app",  # noqa: S106 - the kind of token
            ),
        }

    def call(self, name: str, values: Mapping[str, object], token: str | None) -> Answer:
        """Run one call as Slack would; refusals are answers, not exceptions."""
        try:
            body = {"ok": True, **self._run(name, values, token)}
        except SlackError as error:
            return Answer(error.body(), error.status, {**self._headers(name), **error.headers()})
        return Answer(body, headers=self._headers(name))

    def _run(self, name: str, values: Mapping[str, object], token: str | None) -> Json:
        method = self.methods.get(name)
        if method is None:
            raise SlackError("unknown_method", extra={"req_method": name})
        self._authenticate(method, token)
        self._limit(name, method, values)
        arguments = Arguments(values)
        arguments.check((*method.arguments, *_EVERYWHERE), method.required)
        self._workspace.settle()
        return method.run(Call(self._workspace, arguments))

    def _authenticate(self, method: Method, token: str | None) -> None:
        app = self._workspace.app
        if method.token == "none":  # noqa: S105 - the kind of token
            return
        if not token:
            raise SlackError("not_authed")
        kinds = {app.bot_token: "bot", app.app_token: "app"}
        if token not in kinds:
            raise SlackError("invalid_auth")
        if token in app.revoked_tokens:
            raise SlackError("token_revoked")
        if kinds[token] != method.token:
            raise SlackError("not_allowed_token_type")
        if method.scope is not None and method.scope not in app.scopes:
            provided = ",".join(app.scopes)
            raise SlackError("missing_scope", extra={"needed": method.scope, "provided": provided})

    def _limit(self, name: str, method: Method, values: Mapping[str, object]) -> None:
        if name == "chat.postMessage":
            self._rates.take_post(str(values.get("channel", "")))
        elif method.tier is not None:
            self._rates.take(name, method.tier)

    def _headers(self, name: str) -> dict[str, str]:
        method = self.methods.get(name)
        headers = {"x-oauth-scopes": ",".join(self._workspace.app.scopes), "x-slack-req-id": "playground"}
        if method is not None and method.scope is not None:
            headers["x-accepted-oauth-scopes"] = method.scope
        return headers
