"""All listeners of the app, in the order in which they are tried."""

import re

from slack_bolt import Ack, App
from slack_sdk.web import WebClient

from bot.house import House
from bot.listeners import (
    commands,
    decisions,
    form_changes,
    home,
    options,
    runs,
    shortcuts,
    submissions,
)
from bot.listeners.answers import Body, tell
from bot.listeners.errors import GuardedApp
from bot.messages import refusals


def register(app: App, house: House) -> None:
    """Add every listener to the app, with its errors caught and told."""
    guarded = GuardedApp(app)
    for module in (commands, shortcuts, options, submissions, decisions, runs, form_changes, home):
        module.register(guarded, house)
    guarded.action(re.compile(".*"))(_unknown)


def _unknown(ack: Ack, body: Body, client: WebClient) -> None:
    """A button of an older version of this program."""
    ack()
    tell(client, body, refusals.sentence(refusals.OLD_BUTTON))
