"""The manifest that a workspace installs says exactly what the program listens to and calls."""

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any, cast

import pytest

import bot
from bot.house import House
from bot.listeners.register import register
from bot.messages import actions

MANIFEST: dict[str, Any] = json.loads((resources.files("bot") / "manifest.json").read_text("utf-8"))

# Slack's reference, method by method; views.* and auth.test need none.
SCOPES: dict[str, set[str]] = {
    "auth.test": set(),
    "views.open": set(),
    "views.update": set(),
    "views.publish": set(),
    "chat.postMessage": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.history": {"channels:history", "groups:history"},
    "conversations.replies": {"channels:history", "groups:history"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "files.info": {"files:read"},
    "usergroups.users.list": {"usergroups:read"},
}
OTHERS = {"playground", "cli"}
_SDK_CALL = re.compile(r"client\.((?:auth|chat|conversations|files|usergroups|users|views)_\w+)\(")
_NAMED_CALL = re.compile(r'"((?:auth|chat|conversations|files|usergroups|users|views)\.[\w.]+)"')


class Recorder:
    """Takes listeners as Bolt's app does, and remembers what they are for."""

    def __init__(self) -> None:
        self.heard: dict[str, set[str]] = {}

    def __getattr__(self, kind: str) -> Any:
        def listen(name: Any) -> Any:
            self.heard.setdefault(kind, set()).add(getattr(name, "pattern", name))
            return lambda function: function

        return listen


@pytest.fixture(scope="module")
def heard() -> dict[str, set[str]]:
    recorder = Recorder()
    register(cast("Any", recorder), cast(House, None))
    return recorder.heard


def test_every_command_shortcut_and_event_is_heard_and_nothing_else(heard: dict[str, set[str]]) -> None:
    features, settings = MANIFEST["features"], MANIFEST["settings"]
    assert heard["command"] == {command["command"] for command in features["slash_commands"]}
    assert heard["shortcut"] == {shortcut["callback_id"] for shortcut in features["shortcuts"]}
    assert heard["event"] == set(settings["event_subscriptions"]["bot_events"])
    assert settings["socket_mode_enabled"]
    assert features["app_home"]["home_tab_enabled"]


def test_interactivity_is_on_for_what_is_pressed_and_submitted(heard: dict[str, set[str]]) -> None:
    assert heard["action"]
    assert heard["view"]
    assert heard["options"]
    assert MANIFEST["settings"]["interactivity"]["is_enabled"]


def test_every_action_that_a_card_carries_is_heard(heard: dict[str, set[str]]) -> None:
    not_pressed = {"COMMAND", "SHORTCUT_NEW", "WITHDRAW"}
    names = {
        value
        for name, value in vars(actions).items()
        if name.isupper() and isinstance(value, str) and name not in not_pressed and not name.startswith("_")
    }
    assert names <= heard["action"]


def test_the_scopes_are_those_of_the_methods_that_are_called() -> None:
    called = _called_methods()
    needed = set().union(*(SCOPES[method] for method in called)) | {"commands"}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


def test_slack_takes_the_lengths() -> None:
    information = MANIFEST["display_information"]
    assert len(information["name"]) <= 35
    assert len(information["description"]) <= 140
    assert 175 <= len(information["long_description"]) <= 4_000
    for command in MANIFEST["features"]["slash_commands"]:
        assert len(command["description"]) <= 2_000
        assert len(command["usage_hint"]) <= 1_000
    for shortcut in MANIFEST["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def _called_methods() -> set[str]:
    """The Web API methods that the bot's code names, outside of the playground and the command line."""
    root = Path(str(bot.__file__)).parent
    files = [
        path for path in root.rglob("*.py") if path.relative_to(root).parts[0] not in {"playground", "cli"}
    ]
    text = "\n".join(path.read_text("utf-8") for path in files)
    by_sdk = {_dotted(name) for name in _SDK_CALL.findall(text)}
    return by_sdk | set(_NAMED_CALL.findall(text))


def _dotted(name: str) -> str:
    return {"usergroups_users_list": "usergroups.users.list"}.get(name, name.replace("_", ".", 1))
