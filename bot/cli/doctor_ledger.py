"""The part of `doctor` that looks at the ledger: its database, its hosts, its undelivered messages."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.cli.doctor_places import look_at_artifacts
from bot.messages.numbers import counted
from db.checkup import Finding, problem, warning, well
from db.errors import SignoffError, WrongSchema
from db.health import Health, health
from db.queries import Queries
from db.records import Host
from db.redact import redact
from db.session import Database
from db.settings import LedgerSettings

TIMEOUT_S = 3.0
OLDEST_POSTGRESQL = 13
SKEW_WARNING_S, SKEW_PROBLEM_S = 5.0, 60.0

# What servers say, and what to do about it. The first match counts.
_REMEDIES = (
    ("authentication failed", "correct user and password in SIGNOFF_DATABASE_URL"),
    ("no password supplied", "put the password into SIGNOFF_DATABASE_URL"),
    ("does not exist", "create the database and its user, or correct SIGNOFF_DATABASE_URL"),
    ("too many clients", "raise max_connections, or end what holds its connections"),
    ("unable to open database file", "see that the folder exists and belongs to this user"),
    ("not a database", "restore the file from a backup (docs/production.md)"),
    ("refused", "start PostgreSQL, or correct host and port in SIGNOFF_DATABASE_URL"),
    ("resolve", "correct the host name in SIGNOFF_DATABASE_URL"),
)


def look_at_ledger(settings: LedgerSettings) -> Iterator[Finding]:
    """The database and its revision; with them, what the ledger knows about hosts and messages."""
    try:
        database = Database(settings.ledger_url, lock_timeout_s=TIMEOUT_S)
    except ValueError as error:
        yield problem(f"the ledger's URL cannot be used: {error}", "correct SIGNOFF_DATABASE_URL")
        return
    try:
        database.check_revision()
        yield from _look_at_server(health(database))
        yield well("the ledger is at this program's revision")
        yield from look_at_artifacts(settings, Queries(database))
        yield from _look_at_hosts(Queries(database).hosts())
        yield from _look_at_messages(Queries(database).undelivered())
    except WrongSchema as error:
        yield problem(str(error), "run `signoff migrate`")
    except (SignoffError, SQLAlchemyError) as error:
        yield _silent(error)
    finally:
        database.dispose()


def _silent(error: Exception) -> Finding:
    said = redact(" ".join(str(error.__cause__ or error).split()))[:300]
    remedy = next((remedy for part, remedy in _REMEDIES if part in said), "see that its server runs")
    return problem(f"the ledger does not answer: {said}", remedy)


def _look_at_server(found: Health) -> Iterator[Finding]:
    name = f"{found.server} {'.'.join(map(str, found.version))}"
    if found.server == "PostgreSQL" and found.version < (OLDEST_POSTGRESQL,):
        yield problem(f"{name} is too old for the ledger", f"upgrade it to {OLDEST_POSTGRESQL} or newer")
    else:
        yield well(f"the ledger's database is {name}")
    yield from clock_skew(found.skew_s, "the database's")


def clock_skew(skew_s: float, whose: str) -> Iterator[Finding]:
    """Nothing where the clocks agree. `skew_s`: how far the other clock is ahead of ours."""
    if abs(skew_s) < SKEW_WARNING_S:
        return
    way = "behind" if skew_s > 0 else "ahead of"
    said = f"this host's clock is {abs(skew_s):.0f} s {way} {whose}"
    finding = problem if abs(skew_s) >= SKEW_PROBLEM_S else warning
    yield finding(said, "let NTP set the clocks of all hosts (timedatectl set-ntp true)")


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
