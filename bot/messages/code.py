"""What cards and forms say of a code bundle: where it came from, how much it changes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.messages import numbers
from bot.messages.short import short
from db.code.wheel import Extent
from db.config.diff import Change, Side
from db.records import Bundle, Description

PATH = ("code",)
NAME = 60
PROBLEM = 300
LOG_LINES = 6
HASH = 12


@dataclass(frozen=True)
class CodeChange:
    """One bundle in place of another. `extent` and `patch` are missing where `problem` says why."""

    before: Bundle | None
    after: Bundle | None
    extent: Extent | None = None
    patch: str = ""
    problem: str = ""


def line(change: CodeChange) -> str:
    """For the card (mrkdwn): where the code came from, where from now, and how much of it differs."""
    if change.after is None:
        return "Code: none of your own any more"
    after = short(f"{change.after.package} {change.after.version}, {change.after.source}", NAME)
    came = short(change.before.source, NAME) + " → " if change.before else ""
    if change.extent is None:
        return f"Code: {came}{after} · ⚠️ {short(change.problem, PROBLEM)}"
    files = numbers.counted(change.extent.files, "file")
    amount = f"{files}, +{change.extent.added:,} \N{MINUS SIGN}{change.extent.removed:,}"
    return f"Code: {came}{after} · {amount} · the patch is attached in the thread"


def spoken(changes: Sequence[Change], code: CodeChange | None) -> tuple[Change, ...]:
    """The changes with the bundles named as people know them, beside the beginning of their hashes."""
    if code is None:
        return tuple(changes)
    return tuple(
        replace(change, before=_named(code.before, change.before), after=_named(code.after, change.after))
        if change.path == PATH
        else change
        for change in changes
    )


def not_seen(bundle: Bundle) -> str:
    """Plain text, for the form."""
    return (
        f"The trainer has not looked at {bundle.package} ({bundle.sha256[:HASH]}) yet, so what it adds is "
        "not known; that takes some seconds, then change a letter here."
    )


def failed(bundle: Bundle, found: Description) -> str:
    """Plain text, for the form: why nothing is known of a bundle, with the end of the log."""
    log = "\n".join(found.log_tail.splitlines()[-LOG_LINES:])
    said = f"{bundle.package} ({bundle.sha256[:HASH]}) cannot be used: {found.message}"
    return f"{said}\n{log}" if log and log != found.message else said


def _named(bundle: Bundle | None, side: Side) -> Side:
    if bundle is None:
        return side
    return f"{bundle.sha256[:HASH]} ({bundle.package} {bundle.version}, {bundle.source})"
