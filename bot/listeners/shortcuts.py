"""The global shortcut "New experiment"."""

from typing import Any

from slack_bolt import Ack
from slack_sdk.web import WebClient

from bot.house import House
from bot.listeners import forms
from bot.listeners.answers import person_of
from bot.listeners.errors import GuardedApp
from bot.listeners.opening import open_then_fill
from bot.messages import actions


def register(app: GuardedApp, house: House) -> None:
    app.shortcut(actions.SHORTCUT_NEW)(Shortcuts(house).new_experiment)


class Shortcuts:
    def __init__(self, house: House) -> None:
        self._house = house

    def new_experiment(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """A shortcut comes from no channel, so that the form asks for one."""
        ack()
        person = person_of(body)
        open_then_fill(client, body["trigger_id"], forms.TITLE, lambda: forms.new(self._house, person, None))
