"""api.test, auth.test."""

from bot.playground.errors import SlackError
from bot.playground.records import Json
from bot.playground.web_api.method import Call, Method, Methods


def _test(call: Call) -> Json:
    error = call.arguments.optional("error")
    if error:
        raise SlackError(error, extra={"args": {"error": error}})
    foo = call.arguments.optional("foo")
    return {"args": {"foo": foo} if foo else {}}


def _auth_test(call: Call) -> Json:
    app, team = call.app, call.workspace.team
    return {
        "url": f"{call.workspace.base_url}/",
        "team": team.name,
        "user": call.workspace.people[app.bot_user].name,
        "team_id": team.id,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "app_id": app.id,
        "is_enterprise_install": False,
    }


METHODS: Methods = {
    "api.test": Method(_test, arguments=("error", "foo"), token="none"),  # noqa: S106 - a kind of token
    "auth.test": Method(_auth_test),
}
