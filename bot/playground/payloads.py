"""The payloads that Slack sends to an app, field for field. Pure builders over the workspace."""

from bot.playground.events import channel_type
from bot.playground.records import Ephemeral, Json, Message, Person, View
from bot.playground.triggers import ResponseUrl, Trigger
from bot.playground.view_store import shown
from bot.playground.workspace import Workspace

_VERIFICATION_TOKEN = "playground-verification-token"  # noqa: S105 - deprecated field, checked by nobody


def command(workspace: Workspace, trigger: Trigger, reply: ResponseUrl, name: str, text: str) -> Json:
    channel = workspace.channels[reply.channel]
    return {
        "token": _VERIFICATION_TOKEN,
        "team_id": workspace.team.id,
        "team_domain": workspace.team.domain,
        "channel_id": channel.id,
        "channel_name": _channel(workspace, channel.id)["name"],
        "user_id": trigger.user,
        "user_name": workspace.people[trigger.user].name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": response_url(workspace, reply),
        "trigger_id": trigger.id,
    }


def shortcut(workspace: Workspace, trigger: Trigger, callback_id: str) -> Json:
    return {
        "type": "shortcut",
        "token": _VERIFICATION_TOKEN,
        "action_ts": workspace.new_ts(),
        "team": _team(workspace),
        "user": {
            "id": trigger.user,
            "username": workspace.people[trigger.user].name,
            "team_id": workspace.team.id,
        },
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger.id,
    }


def message_shortcut(
    workspace: Workspace, trigger: Trigger, reply: ResponseUrl, callback_id: str, message: Message
) -> Json:
    return {
        "type": "message_action",
        "token": _VERIFICATION_TOKEN,
        "action_ts": workspace.new_ts(),
        "team": _team(workspace),
        "user": _user(workspace, workspace.people[trigger.user]),
        "channel": _channel(workspace, message.channel),
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger.id,
        "response_url": response_url(workspace, reply),
        "message_ts": message.ts,
        "message": workspace.shown(message, metadata=True),
    }


def _interaction(workspace: Workspace, kind: str, user_id: str) -> Json:
    return {
        "type": kind,
        "user": _user(workspace, workspace.people[user_id]),
        "api_app_id": workspace.app.id,
        "token": _VERIFICATION_TOKEN,
        "team": _team(workspace),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(
    workspace: Workspace,
    trigger: Trigger,
    reply: ResponseUrl,
    message: Message | Ephemeral,
    *,
    action: Json,
    state: Json,
) -> Json:
    """block_actions on a message. The app gets the message itself unless it is ephemeral."""
    body = _interaction(workspace, "block_actions", trigger.user) | {
        "container": _message_container(message),
        "trigger_id": trigger.id,
        "channel": _channel(workspace, message.channel),
        "state": {"values": state},
        "response_url": response_url(workspace, reply),
        "actions": [action],
    }
    if isinstance(message, Message):
        body["message"] = workspace.shown(message, metadata=True)
    return body


def view_action(workspace: Workspace, trigger: Trigger, view: View, action: Json) -> Json:
    """block_actions in a modal or a Home tab."""
    seen = shown(view, workspace.app, workspace.team)
    return _interaction(workspace, "block_actions", trigger.user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger.id,
        "view": seen,
        "actions": [action],
    }


def view_suggestion(workspace: Workspace, view: View, value: str, block: Json, element: Json) -> Json:
    """block_suggestion: what has been typed into an external select of a view."""
    return _suggestion(workspace, view.user, value, block, element) | {
        "container": {"type": "view", "view_id": view.id},
        "view": shown(view, workspace.app, workspace.team),
    }


def message_suggestion(
    workspace: Workspace, user: str, message: Message | Ephemeral, value: str, *, block: Json, element: Json
) -> Json:
    """block_suggestion of a message; an ephemeral one is not shown to the app."""
    body = _suggestion(workspace, user, value, block, element) | {
        "container": _message_container(message),
        "channel": _channel(workspace, message.channel),
    }
    if isinstance(message, Message):
        body["message"] = workspace.shown(message, metadata=True)
    return body


def _suggestion(workspace: Workspace, user: str, value: str, block: Json, element: Json) -> Json:
    named: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "value": value}
    return _interaction(workspace, "block_suggestion", user) | named


def _message_container(message: Message | Ephemeral) -> Json:
    return {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": isinstance(message, Ephemeral),
        **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
    }


def _channel(workspace: Workspace, channel_id: str) -> Json:
    channel = workspace.channels[channel_id]
    return {"id": channel.id, "name": "directmessage" if channel_type(channel) == "im" else channel.name}


def view_submission(workspace: Workspace, trigger: Trigger, view: View, response_urls: list[Json]) -> Json:
    return _interaction(workspace, "view_submission", view.user) | {
        "trigger_id": trigger.id,
        "view": shown(view, workspace.app, workspace.team),
        "response_urls": response_urls,
    }


def view_closed(workspace: Workspace, view: View, *, is_cleared: bool) -> Json:
    return _interaction(workspace, "view_closed", view.user) | {
        "view": shown(view, workspace.app, workspace.team),
        "is_cleared": is_cleared,
    }


def event(workspace: Workspace, inner: Json) -> Json:
    """An Events API callback around one event."""
    event_ts = inner.get("event_ts") or inner.get("ts") or workspace.new_ts()
    app = workspace.app
    return {
        "token": _VERIFICATION_TOKEN,
        "team_id": workspace.team.id,
        "context_team_id": workspace.team.id,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": {**inner, "event_ts": event_ts},
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team.id,
                "user_id": app.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{workspace.new_id('E')}",
    }


def app_rate_limited(workspace: Workspace, minute: int) -> Json:
    """What an app hears in place of events past its hourly volume; `minute` is when (Unix seconds)."""
    return {
        "token": _VERIFICATION_TOKEN,
        "type": "app_rate_limited",
        "team_id": workspace.team.id,
        "minute_rate_limited": minute,
        "api_app_id": workspace.app.id,
    }


def response_url(workspace: Workspace, permit: ResponseUrl) -> str:
    return f"{workspace.base_url}/response/{workspace.team.id}/{permit.id}"


def _team(workspace: Workspace) -> Json:
    return {"id": workspace.team.id, "domain": workspace.team.domain}


def _user(workspace: Workspace, person: Person) -> Json:
    return {
        "id": person.id,
        "username": person.name,
        "name": person.name,
        "team_id": workspace.team.id,
    }
