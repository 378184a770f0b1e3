"""The workspace a playground starts with: three people, a bot, two channels, a user group."""

from dataclasses import dataclass, field

from bot.playground.records import App, Channel, Json, Person, Team, UserGroup

SCOPES = (
    "app_mentions:read",
    "bookmarks:read",
    "bookmarks:write",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "links:read",
    "links:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "usergroups:read",
    "users:read",
)
# What an app hears without a manifest. Subscribing to message.channels would send it every message.
EVENTS = ("app_home_opened", "member_joined_channel", "message.im")


@dataclass
class Roster:
    """Who and what there is before anything happens."""

    team: Team
    app: App
    people: list[Person]
    channels: list[Channel]
    groups: list[UserGroup] = field(default_factory=list)


def default_roster() -> Roster:
    people = [
        Person("UANA", "ana", "Ana", title="senior"),
        Person("UKAI", "kai", "Kai", title="teammate"),
        Person("UZOE", "zoe", "Zoe", title="administrator", is_admin=True),
        Person("USIGNOFF", "signoff", "Signoff", is_bot=True),
    ]
    humans = ["UANA", "UKAI", "UZOE"]
    return Roster(
        team=Team("T0PLAY", "Playground", "playground"),
        app=App(
            id="A0SIGNOFF",
            name="Signoff",
            bot_id="B0SIGNOFF",
            bot_user="USIGNOFF",
            bot_token="xoxb-playground",  # noqa: S106 - public by design; opens nothing but the playground
            app_token="xapp-playground",  # noqa: S106 - as above
            signing_secret="playground-signing-secret",  # noqa: S106 - as above
            scopes=list(SCOPES),
            events=list(EVENTS),
        ),
        people=people,
        channels=[
            Channel("C0EXPERIMENTS", "experiments", [*humans, "USIGNOFF"]),
            Channel("C0RANDOM", "random", list(humans)),
        ],
        groups=[UserGroup("SSENIORS", "seniors", "Seniors", ["UANA", "UZOE"])],
    )


def apply_manifest(roster: Roster, manifest: Json) -> None:
    """Take the app's name, scopes, events and slash commands from a Slack app manifest."""
    app = roster.app
    app.name = manifest.get("display_information", {}).get("name", app.name)
    bot_scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot")
    if bot_scopes is not None:
        app.scopes = list(bot_scopes)
    settings = manifest.get("settings", {})
    app.events = list(settings.get("event_subscriptions", {}).get("bot_events", []))
    features = manifest.get("features", {})
    commands = features.get("slash_commands", [])
    app.commands = [entry["command"] for entry in commands]
    app.command_help = [_picked(entry, "command", "description", "usage_hint") for entry in commands]
    app.shortcuts = [
        _picked(entry, "name", "callback_id", "description", "type")
        for entry in features.get("shortcuts", [])
    ]
    app.unfurl_domains = list(features.get("unfurl_domains", []))


def _picked(entry: Json, *names: str) -> Json:
    return {name: entry.get(name, "") for name in names}
