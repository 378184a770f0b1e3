"""Builds the bot from its settings: the one place where its parts are wired. Nothing is built at import."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from prometheus_client import CollectorRegistry
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.approvers import Approvers
from bot.bundles import CodeDiffs
from bot.cards import Cards
from bot.channels import Channels
from bot.curves import Curves
from bot.drafting import Drafting
from bot.house import House
from bot.letters import LedgerLetters
from bot.listeners.register import register
from bot.messages.facts import Links
from bot.metrics import LedgerCollector, SlackErrors
from bot.patience import Patience
from bot.sender import Sender, Watches
from bot.settings import BotSettings, is_loopback
from bot.slack_port import SlackWeb
from db import search
from db.config.extend import allow
from db.errors import SignoffError
from db.ledger import Ledger
from db.limit_settings import LimitSettings
from db.queries import Queries
from db.session import Database
from db.settings import LedgerSettings
from trainer.catalogue import load_catalogue

log = structlog.get_logger(__name__)

LOCK_TIMEOUT_S = 1.5
CALL_TIMEOUT_S = 10
CLICK_CALL_TIMEOUT_S = 1
LISTENERS = 16
ANSWERING = 64
"""Listeners at once, most of which have acked and wait for Slack to take their answer."""
SOCKET_PING_S = 10.0
EXPIRE_EVERY_S = 3_600.0
SETUP = "see docs/slack-setup.md"


class CannotConnect(SignoffError):
    """Slack does not answer, or does not accept the token; the message says which."""


@dataclass(frozen=True)
class Identity:
    """Who the bot is in its workspace. `is_playground`: the API and the workspace are on this machine."""

    workspace_url: str
    bot_user_id: str
    is_playground: bool


@dataclass(frozen=True)
class Program:
    """The parts of a running bot. `links` say where the pages are."""

    app: App
    client: WebClient
    sender: Sender
    house: House
    database: Database
    identity: Identity
    metrics: CollectorRegistry

    def socket_handler(self, app_token: str) -> SocketModeHandler:
        """Socket Mode over the same client; connects when told to."""
        return SocketModeHandler(
            self.app, app_token, web_client=self.client, ping_interval=SOCKET_PING_S, concurrency=LISTENERS
        )


def web_client(settings: BotSettings, timeout_s: int) -> WebClient:
    """A client that never repeats a call by itself: slack_sdk would post a lost message twice."""
    client = WebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.api_url,
        timeout=timeout_s,
        retry_handlers=[],
    )
    if is_loopback(settings.api_url):
        client.proxy = None
    return client


def identify(client: WebClient, settings: BotSettings) -> Identity:
    """Ask Slack who we are. Raises CannotConnect."""
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = error.response.get("error")
        raise CannotConnect(
            f"Slack does not accept SLACK_BOT_TOKEN ({code}); see docs/slack-setup.md"
        ) from None
    except OSError as error:
        raise CannotConnect(f"{settings.api_url} does not answer: {error}") from None
    url = str(answer.get("url") or "").rstrip("/")
    return Identity(
        workspace_url=url,
        bot_user_id=str(answer["user_id"]),
        is_playground=is_loopback(settings.api_url) and is_loopback(url),
    )


def build(settings: BotSettings, ledger_settings: LedgerSettings, *, pages_url: str | None) -> Program:
    """The whole bot, not started yet. Raises WrongSchema, CannotConnect."""
    database = Database(ledger_settings.ledger_url, lock_timeout_s=LOCK_TIMEOUT_S)
    database.check_revision()
    client = web_client(settings, CALL_TIMEOUT_S)
    identity = identify(client, settings)
    links = Links(pages_url=pages_url, workspace_url=identity.workspace_url)
    artifacts = ledger_settings.artifacts_folder
    house = build_house(settings, ledger_settings, database, identity, links)
    metrics = CollectorRegistry()
    metrics.register(LedgerCollector(database, house.clock))
    sender = Sender(
        house.ledger.outbox,
        LedgerLetters(house.queries, house.cards, artifacts),
        SlackWeb(client, SlackErrors(metrics)),
        Watches(clock=house.clock, ticking=time.monotonic),
        tuple(entry for entry in settings.admin_entries if entry.startswith(("U", "W"))),
    )
    secret = settings.slack_signing_secret.get_secret_value()
    return Program(build_app(client, house, secret), client, sender, house, database, identity, metrics)


def build_house(
    settings: BotSettings,
    shared: LedgerSettings,
    database: Database,
    identity: Identity,
    links: Links,
) -> House:
    """What the listeners are given."""
    clock = partial(datetime.now, UTC)
    quick = web_client(settings, CLICK_CALL_TIMEOUT_S)
    queries, artifacts = Queries(database), shared.artifacts_folder
    catalogue = allow(load_catalogue(), shared.allowed_environments)
    patience = Patience()
    channels = Channels(quick, patience)
    approvers = Approvers(
        settings.approver_entries,
        quick,
        patience,
        is_playground=identity.is_playground,
        allow_self=settings.allow_self_approval,
    )
    admins = Approvers(settings.admin_entries, quick, patience, is_playground=identity.is_playground)
    similar = partial(search.similar, database)
    limits = LimitSettings().limits
    return House(
        ledger=Ledger(database, clock, limits),
        queries=queries,
        search=partial(search.search, database),
        catalogue=catalogue,
        drafting=Drafting(queries, catalogue, similar, channels, approvers, links, limits),
        cards=Cards(queries, Curves(artifacts), links, clock, CodeDiffs(queries, artifacts), limits),
        approvers=approvers,
        admins=admins,
        channels=channels,
        links=links,
        settings=settings,
        clock=clock,
    )


def build_app(client: WebClient, house: House, signing_secret: str = "") -> App:
    """The Bolt app with every listener. Acks leave as soon as they are given."""
    app = App(
        client=client,
        signing_secret=signing_secret,
        logger=logging.getLogger("bolt"),
        token_verification_enabled=True,  # asked now, not during the first click
        listener_executor=ThreadPoolExecutor(ANSWERING, thread_name_prefix="listener"),
    )
    register(app, house)
    return app


def expire_until(program: Program, settings: BotSettings, stop: threading.Event) -> None:
    """Until `stop` is set, end proposals that nobody has answered for long, once an hour."""
    while True:
        try:
            expired = program.house.ledger.experiments.expire(timedelta(days=settings.expire_days))
            if expired:
                log.info("proposals.expired", count=expired)
        except SignoffError as error:  # a busy ledger is asked again in an hour
            log.warning("proposals.not_expired", error=str(error))
        if stop.wait(EXPIRE_EVERY_S):
            return


def sending(program: Program, stop: threading.Event) -> threading.Thread:
    """The sender's thread; it ends soon after `stop` is set."""
    thread = threading.Thread(target=program.sender.run, args=(stop,), name="sender", daemon=True)
    thread.start()
    return thread
