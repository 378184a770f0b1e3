"""What people do in modals: type, choose, submit, close; and what the app's ack does to them."""

from copy import deepcopy

from bot.playground import payloads, values
from bot.playground.acks import check_submission
from bot.playground.acting import Acting, find_element, performed
from bot.playground.checks.views import check_view
from bot.playground.delivery import Delivery
from bot.playground.errors import PersonError, SlackError
from bot.playground.external_options import answered, query_for
from bot.playground.records import Json, View
from bot.playground.view_store import shown
from bot.playground.workspace import Workspace

_TROUBLE = "We had some trouble connecting. Try again?"


class Forms:
    """Modals and Home tabs in people's hands. Raises PersonError for what Slack's client refuses."""

    def __init__(self, workspace: Workspace, acting: Acting, delivery: Delivery) -> None:
        self._workspace = workspace
        self._acting = acting
        self._delivery = delivery

    async def act(self, user: str, view_id: str, wanted: Json) -> Json:
        """Press, choose or type in a view. Of an input without dispatch_action the app hears nothing yet."""
        view = self.view_of(user, view_id)
        target = find_element(view.blocks, wanted)
        choices = self._acting.choices(user, view.offered.get(target.key, []))
        before = deepcopy(view.state)
        action = performed(target, wanted, choices, view.state, self._workspace.new_ts())
        if view.state != before:
            self._announce_typed(view, str(wanted.get("tab", "")))
        if target.block["type"] == "input" and not target.block.get("dispatch_action"):
            return {"dispatched": False}
        view_id_of_modal = view.id if view.definition["type"] == "modal" else None
        trigger = self._workspace.permits.trigger(user, view_id=view_id_of_modal, channel=view.channel)
        payload = payloads.view_action(self._workspace, trigger, view, action)
        ack = await self._delivery.interact(
            "interactive", payload, f"the action {target.element['action_id']}"
        )
        return {"dispatched": True, "trigger_id": trigger.id, "ack": ack or None}

    async def options(self, user: str, wanted: Json) -> Json:
        """What an external select offers for what has been typed."""
        view = self.view_of(user, str(wanted.get("view_id")))
        target = find_element(view.blocks, {name: wanted.get(name) for name in ("action_id", "block_id")})
        payload = payloads.view_suggestion(
            self._workspace, view, query_for(target.element, wanted), target.block, target.element
        )
        ack = await self._delivery.interact("interactive", payload, "the list of options")
        return answered(ack, self._workspace.facts, view.offered.setdefault(target.key, []))

    def type(self, user: str, view_id: str, entries: Json, tab: str) -> None:
        """Keep what is typed so far, for a reload and for the person's other tabs; the app hears nothing."""
        view = self.view_of(user, view_id)
        self._fill(view, entries)
        self._announce_typed(view, tab)

    async def submit(self, user: str, view_id: str, entries: Json) -> Json:
        """Fill in `entries` (block_id -> action_id -> value) and press the submit button."""
        view = self.view_of(user, view_id)
        if view is not self._workspace.views.stack(user)[-1]:
            raise PersonError("not_on_top", f"{view_id} is covered by another modal")
        if view.definition.get("submit") is None:
            raise PersonError("no_submit", f"{view_id} has no submit button")
        self._fill(view, entries)
        refused = self._refusals(view)
        if refused:
            raise PersonError("invalid_input", "; ".join(refused.values()), errors=refused)
        trigger = self._workspace.permits.trigger(user, view_id=view.id, channel=view.channel)
        payload = payloads.view_submission(self._workspace, trigger, view, self._response_urls(view))
        try:
            ack = await self._delivery.interact("interactive", payload, "the submission")
        except PersonError as error:
            raise PersonError(error.code, f"{_TROUBLE} ({error.message})", status=error.status) from error
        return self._apply(view, ack)

    def close(self, user: str, view_id: str | None, *, everything: bool = False) -> Json:
        """Close the modal on top (or this one), or all of them."""
        stack = self._workspace.views.stack(user)
        if not stack:
            raise PersonError("no_such_view", f"{user} has no modal open")
        top = stack[-1] if view_id is None else self.view_of(user, view_id)
        if everything or top.definition.get("clear_on_close"):
            closed = self._workspace.views.clear(user)
        else:
            self._workspace.views.close(top)
            closed = [top]
        for view in closed:
            self._tell_closed(view, is_cleared=len(closed) > 1 or everything)
        return {"closed": [view.id for view in closed]}

    def view_of(self, user: str, view_id: str) -> View:
        """A view that this person has open."""
        home = self._workspace.views.home(user)
        mine = [*self._workspace.views.stack(user), *([home] if home else [])]
        for view in mine:
            if view.id == view_id:
                return view
        raise PersonError(
            "no_such_view", f"{user} has no view {view_id!r} open; open: {[v.id for v in mine]}"
        )

    def shown(self, view: View) -> Json:
        return shown(view, self._workspace.app, self._workspace.team)

    def _announce_typed(self, view: View, tab: str) -> None:
        """For the person's other tabs: what was entered in `tab` is no news to it."""
        kind = "view_typed" if view.definition["type"] == "modal" else "home"
        self._workspace.feed.add(kind, user=view.user, view=view.id, tab=tab)

    def _fill(self, view: View, entries: Json) -> None:
        for block_id, elements in _object(entries).items():
            for action_id, given in _object(elements).items():
                target = find_element(view.blocks, {"block_id": block_id, "action_id": action_id})
                choices = self._acting.choices(view.user, view.offered.get(target.key, []))
                value = values.entered(
                    target.element, given if isinstance(given, dict) else {"value": given}, choices
                )
                view.state.setdefault(block_id, {})[action_id] = value

    def _refusals(self, view: View) -> dict[str, str]:
        refused: dict[str, str] = {}
        for block in view.blocks:
            if block["type"] == "input":
                value = view.state.get(block["block_id"], {}).get(block["element"]["action_id"])
                why = values.refusal(block["element"], value, optional=bool(block.get("optional")))
                if why is not None:
                    refused[block["block_id"]] = why
        return refused

    def _response_urls(self, view: View) -> list[Json]:
        urls = []
        for block in view.blocks:
            element = block.get("element", {})
            if not element.get("response_url_enabled"):
                continue
            value = view.state[block["block_id"]][element["action_id"]]
            channel = value.get("selected_conversation") or value.get("selected_channel")
            if channel in self._workspace.channels:
                permit = self._workspace.permits.response_url(view.user, channel)
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": channel,
                        "response_url": payloads.response_url(self._workspace, permit),
                    }
                )
        return urls

    def _apply(self, view: View, ack: Json) -> Json:
        """Do what the app's answer to a submission says."""
        try:
            check_submission(ack)
        except SlackError as error:
            raise PersonError("invalid_ack", f"{_TROUBLE} (the app's answer: {error})", status=502) from error
        action = ack.get("response_action")
        if action is None:
            return self._finished(view)
        if action == "clear":
            closed = self._workspace.views.clear(view.user)
            return {"response_action": "clear", "closed": [one.id for one in closed]}
        try:
            if action == "errors":
                return self._errors(view, ack)
            changed = self._changed_view(view, str(action), ack)
        except SlackError as error:
            raise PersonError("invalid_ack", f"{_TROUBLE} (the app's answer: {error})", status=502) from error
        return {"response_action": action, "view": self.shown(changed)}

    def _changed_view(self, view: View, action: str, ack: Json) -> View:
        definition = check_view(ack.get("view"), "modal", self._workspace.facts)
        if action == "update":
            return self._workspace.views.update(view, definition, None)
        return self._workspace.views.push(view.user, definition, channel=view.channel)

    def _finished(self, view: View) -> Json:
        open_ids = [one.id for one in self._workspace.views.stack(view.user)]
        if view.id in open_ids:
            self._workspace.views.close(view)
        return {"response_action": None, "closed": [view.id]}

    def _errors(self, view: View, ack: Json) -> Json:
        errors = ack.get("errors")
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
            raise SlackError("invalid_errors", f"errors must name input blocks of the view, got {errors!r}")
        self._workspace.feed.add("view_errors", user=view.user, view=view.id, errors=errors)
        return {"response_action": "errors", "errors": errors}

    def _tell_closed(self, view: View, *, is_cleared: bool) -> None:
        if view.definition.get("notify_on_close"):
            self._delivery.notify(payloads.view_closed(self._workspace, view, is_cleared=is_cleared))


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise PersonError("bad_request", f"state is {{block_id: {{action_id: value}}}}, got {value!r:.60}")
    return value
