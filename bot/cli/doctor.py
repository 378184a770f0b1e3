"""doctor: look at everything that Signoff needs, and say what to do about what is missing."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import typer
from pydantic import ValidationError
from redis import Redis
from redis.exceptions import RedisError
from rich.text import Text

from bot.cli.console import out
from bot.cli.doctor_slack import look_at_slack
from bot.cli.findings import Finding, Level, problem, warning, well
from bot.messages.numbers import counted
from bot.settings import BotSettings, missing
from db.errors import SignoffError, WrongSchema
from db.queries import Queries
from db.records import Host
from db.session import Database
from db.settings import LedgerSettings

FREE_MB = 500
TIMEOUT_S = 3.0
TRAINER_PARTS = ("torch", "stable_baselines3", "gymnasium")
_SIGNS = {Level.OK: ("✔", "green"), Level.WARNING: ("!", "yellow"), Level.PROBLEM: ("✘", "red")}


def doctor() -> None:
    """Look at ledger, broker, hosts, trainer, Slack and approvers; exit 1 when something is broken."""
    settings = LedgerSettings()
    worst = Level.OK
    for finding in _findings(settings):
        show(finding)
        worst = max(worst, finding.level)
    if worst is Level.PROBLEM:
        raise typer.Exit(1)


def _findings(settings: LedgerSettings) -> Iterator[Finding]:
    yield from _look_at_disk(settings)
    yield from _look_at_ledger(settings)
    yield _look_at_broker(settings)
    yield _look_at_trainer()
    try:
        bot_settings = BotSettings()
    except ValidationError as error:
        yield _settings(error)
    else:
        yield from look_at_slack(bot_settings)


def _settings(error: ValidationError) -> Finding:
    if any(name in os.environ for name in ("SLACK_BOT_TOKEN", "SIGNOFF_SLACK_TRANSPORT")):
        return problem(f"the bot cannot start: {missing(error)}", "see docs/slack-setup.md")
    return warning(
        "no Slack tokens are set, so only `up` and `demo` can run a bot here",
        "for a real workspace set SLACK_BOT_TOKEN and SLACK_APP_TOKEN: docs/slack-setup.md",
    )


def _look_at_disk(settings: LedgerSettings) -> Iterator[Finding]:
    for name, folder in (("data", settings.data_dir.absolute()), ("artifacts", settings.artifacts_folder)):
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(existing, os.W_OK):
            yield problem(f"the {name} folder {folder} cannot be written", "change its owner, or the setting")
            continue
        free_mb = shutil.disk_usage(existing).free // 2**20
        if free_mb < FREE_MB:
            yield problem(f"the {name} folder has {free_mb} MB left", "free some space")
        else:
            yield well(f"the {name} folder {folder} has {free_mb:,} MB free")


def _look_at_ledger(settings: LedgerSettings) -> Iterator[Finding]:
    try:
        database = Database(settings.ledger_url, lock_timeout_s=TIMEOUT_S)
    except ValueError as error:
        yield problem(f"the ledger's URL cannot be used: {error}", "correct SIGNOFF_DATABASE_URL")
        return
    try:
        database.check_revision()
        yield well("the ledger is at this program's revision")
        yield from _look_at_hosts(Queries(database).hosts())
        yield from _look_at_messages(Queries(database).undelivered())
    except WrongSchema as error:
        yield problem(str(error), "run `signoff migrate`")
    except SignoffError as error:
        yield problem(f"the ledger does not answer: {error}", "see that its database runs and can be reached")
    finally:
        database.dispose()


def _look_at_hosts(hosts: tuple[Host, ...]) -> Iterator[Finding]:
    if not hosts:
        yield warning("no worker has joined yet, so nothing can be proposed", "run `signoff worker`, or `up`")
    for host in hosts:
        silent_s = (datetime.now(UTC) - host.lease_until).total_seconds()
        gpus = f", {len(host.gpus)} GPUs" if host.gpus else ""
        if silent_s > 0:
            yield warning(f"the worker on {host.id} has been away", "run `signoff worker` on that host")
        elif host.flags:
            yield warning(f"the worker on {host.id} reports: {', '.join(host.flags)}", "see its log")
        else:
            yield well(f"the worker on {host.id} is here: {counted(host.cpu_slots, 'CPU slot')}{gpus}")


def _look_at_messages(undelivered: tuple[tuple[str, str], ...]) -> Iterator[Finding]:
    for key, error in undelivered:
        yield problem(f"the message {key} has not reached Slack: {error}", "mend that; it is tried again")
    if not undelivered:
        yield well("no message to Slack is held up")


def _look_at_broker(settings: LedgerSettings) -> Finding:
    url = settings.broker_url
    if not url:
        return well(f"the doorbell is a folder: {settings.broker_folder}")
    if not url.startswith(("redis://", "rediss://", "unix://")):
        return well(f"the doorbell is {url.partition('://')[0]}")
    try:
        with Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S) as redis:
            redis.ping()
    except (RedisError, ValueError, OSError) as error:
        return problem(f"Redis does not answer ({type(error).__name__})", "correct SIGNOFF_BROKER_URL")
    return well("Redis answers")


def _look_at_trainer() -> Finding:
    missing = [name for name in TRAINER_PARTS if importlib.util.find_spec(name) is None]
    if missing:
        return warning(
            f"this Python has no {', '.join(missing)}, so a worker here cannot train",
            "pip install 'signoff[trainer]'; the bot does not need it",
        )
    return well("this Python can train: torch, stable-baselines3, gymnasium")


def show(finding: Finding) -> None:
    """One line, and below it the remedy where it is not well."""
    sign, style = _SIGNS[finding.level]
    out().print(Text.assemble((f"{sign} ", style), finding.what))
    if finding.remedy:
        out().print(Text(f"  → {finding.remedy}", style))
