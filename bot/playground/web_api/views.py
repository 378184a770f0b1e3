"""views.open, push, update, publish."""

from bot.playground import limits
from bot.playground.checks.views import check_view
from bot.playground.errors import SlackError
from bot.playground.records import Json, View
from bot.playground.view_store import shown
from bot.playground.web_api.method import Call, Method, Methods


def _definition(call: Call, kind: str) -> Json:
    return check_view(call.arguments.mapping("view"), kind, call.workspace.facts)


def _answer(call: Call, view: View) -> Json:
    return {"view": shown(view, call.app, call.workspace.team)}


def _open(call: Call) -> Json:
    """A first modal; with the trigger of a click inside a modal, one more on top of it."""
    definition = _definition(call, "modal")
    trigger = call.workspace.permits.use_trigger(call.arguments.text("trigger_id"))
    if trigger.view_id is None:
        call.workspace.views.clear(trigger.user)
    return _answer(call, call.workspace.views.push(trigger.user, definition, channel=trigger.channel))


def _push(call: Call) -> Json:
    definition = _definition(call, "modal")
    trigger = call.workspace.permits.use_trigger(call.arguments.text("trigger_id"))
    if trigger.view_id is None:
        raise SlackError("invalid_trigger_id")
    return _answer(call, call.workspace.views.push(trigger.user, definition, channel=trigger.channel))


def _update(call: Call) -> Json:
    arguments = call.arguments
    if not arguments.has("view_id") and not arguments.has("external_id"):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: view_id")
    views = call.workspace.views
    view = (
        views.get(arguments.text("view_id"))
        if arguments.has("view_id")
        else views.by_external_id(arguments.text("external_id"))
    )
    definition = _definition(call, view.definition["type"])
    return _answer(call, views.update(view, definition, arguments.optional("hash")))


def _publish(call: Call) -> Json:
    definition = _definition(call, "home")
    person = call.workspace.person(call.arguments.text("user_id"))
    view = call.workspace.views.publish(person.id, definition, call.arguments.optional("hash"))
    return _answer(call, view)


METHODS: Methods = {
    "views.open": Method(_open, limits.TIER_4, ("trigger_id", "view"), ("trigger_id", "view")),
    "views.push": Method(_push, limits.TIER_4, ("trigger_id", "view"), ("trigger_id", "view")),
    "views.update": Method(_update, limits.TIER_4, ("view", "view_id", "external_id", "hash"), ("view",)),
    "views.publish": Method(_publish, limits.TIER_4, ("user_id", "view", "hash"), ("user_id", "view")),
}
