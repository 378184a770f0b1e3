"""The part of `doctor` that talks to Slack. Tokens are never printed."""

import json
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from slack_sdk.web import SlackResponse, WebClient

from bot.cli.doctor_ledger import clock_skew
from bot.cli.doctor_line import look_at_line
from bot.settings import ANYONE, BotSettings, is_loopback
from bot.slack_errors import SlackError, translate
from db.checkup import Finding, problem, warning, well

TIMEOUT_S = 5
MANIFEST = Path(__file__).parents[1] / "manifest.json"


def look_at_slack(settings: BotSettings) -> Iterator[Finding]:
    """Token, scopes, approvers, groups and the default channel."""
    token = settings.slack_bot_token.get_secret_value()
    client = WebClient(token=token, base_url=settings.api_url, retry_handlers=[], timeout=TIMEOUT_S)
    try:
        me = _call(client, "auth.test")
    except SlackError as error:
        yield problem(f"Slack does not let the bot in: {error}", "correct SLACK_BOT_TOKEN or SLACK_API_URL")
        return
    yield well(f"Slack knows the bot as {me.get('user')} in {me.get('team')}")
    yield from _scopes(me)
    yield from _clock(me, time.time())
    yield from look_at_line(settings)
    yield from _approvers(settings, client)
    yield from _channel(settings, client)


def _scopes(me: SlackResponse) -> Iterator[Finding]:
    """The token's scopes against those of the manifest: an app is installed again when that changes."""
    named = _headers(me)
    given = {scope.strip() for scope in named.get("x-oauth-scopes", "").split(",")} - {""}
    wanted = _wanted_scopes()
    missing = sorted(wanted - given) if "x-oauth-scopes" in named else []
    if missing:
        yield problem(
            f"the app lacks scopes: {', '.join(missing)}", "install it again from bot/manifest.json"
        )
    else:
        yield well("the app has its scopes")
    if given - wanted:
        yield warning(
            f"the app may do more than its manifest asks for: {', '.join(sorted(given - wanted))}",
            "take these scopes away and install it again",
        )


def _clock(me: SlackResponse, now: float) -> Iterator[Finding]:
    """Slack refuses nothing by the clock, but we refuse its signed requests after five minutes."""
    stamp = _headers(me).get("date")
    if stamp is not None:
        yield from clock_skew(parsedate_to_datetime(stamp).timestamp() - now, "Slack's")


def _headers(answer: SlackResponse) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in (answer.headers or {}).items()}


def _wanted_scopes() -> set[str]:
    """The scopes that the app's manifest asks for."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return set(manifest["oauth_config"]["scopes"]["bot"])


def _approvers(settings: BotSettings, client: WebClient) -> Iterator[Finding]:
    entries = settings.approver_entries
    local = is_loopback(settings.api_url)
    if not entries or (ANYONE in entries and not local):
        if local:
            yield well("anyone but the author may approve, because this is the playground")
        else:
            yield problem(
                "nobody may approve, so nothing will ever run",
                "set SIGNOFF_APPROVERS to user ids (U...) or user groups (S...), separated by commas",
            )
        return
    for group in (entry for entry in entries if entry.startswith("S")):
        yield _group(client, group)
    people = [entry for entry in entries if entry.startswith(("U", "W"))]
    if people:
        yield well(f"{len(people)} people may approve by name")


def _group(client: WebClient, group: str) -> Finding:
    try:
        users = _call(client, "usergroups.users.list", usergroup=group).get("users") or []
    except SlackError as error:
        return problem(
            f"the user group {group} cannot be read ({error.code}), so its members cannot approve",
            "name people (U...) in SIGNOFF_APPROVERS instead, or correct the group's id",
        )
    if not users:
        return warning(f"the user group {group} is empty", "add people to it")
    return well(f"{len(users)} members of {group} may approve")


def _channel(settings: BotSettings, client: WebClient) -> Iterator[Finding]:
    if not settings.channel:
        return
    try:
        channel: Mapping[str, Any] = _call(client, "conversations.info", channel=settings.channel)["channel"]
    except SlackError as error:
        yield problem(f"the channel {settings.channel} cannot be seen: {error}", "correct SIGNOFF_CHANNEL")
        return
    name = channel.get("name", settings.channel)
    if channel.get("is_member"):
        yield well(f"the bot is a member of #{name}")
    else:
        yield problem(f"the bot is not a member of #{name}", f"type /invite @signoff in #{name}")


def _call(client: WebClient, method: str, **params: str) -> SlackResponse:
    try:
        return client.api_call(method, params=params)
    except Exception as error:
        known = translate(method, error)
        if known is None:
            raise
        raise known from None
