"""audit: what happened to an experiment, by whom and why, and whether that was tampered with."""

from collections.abc import Sequence
from datetime import UTC
from typing import Annotated

import typer
from pydantic import JsonValue

from bot.cli.console import print_json, print_line, print_table
from bot.cli.ledger import OpenLedger, experiment_number, open_ledger
from bot.messages.numbers import counted
from db.audit import History, verify_history
from db.config.canonical import canonical_json, sha256_hex
from db.errors import Refused
from db.records import Event

HASH_CHARS = 12
_COLUMNS = ("#", "When", "Who", "What", "Why", "Hash")
_REASONS = ("reason", "cause", "message", "verdict")
_TOLD_ELSEWHERE = {"by", "from", "to", *_REASONS}


def audit(
    number: Annotated[
        int | None, typer.Argument(parser=experiment_number, metavar="E-n", show_default=False)
    ] = None,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the chain; without E-n that of every experiment.")
    ] = False,
    anchor: Annotated[
        str, typer.Option(help="With --verify: a hash noted earlier that the history must contain.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
) -> None:
    """Print an experiment's history; or check it: exit 1 names the first link that does not hold."""
    _check_asked(number, verify=verify, anchor=anchor)
    with open_ledger() as ledger:
        if verify:
            numbers = ledger.queries.recorded() if number is None else (number,)
            _verify(ledger, numbers, anchor.lower(), as_json=as_json)
        elif number is not None:
            _print(ledger.queries.history(number).events, as_json=as_json)


def _check_asked(number: int | None, *, verify: bool, anchor: str) -> None:
    if number is None and not verify:
        raise Refused(
            "name an experiment, such as `signoff audit E-42`, or check all: `signoff audit --verify`"
        )
    if anchor and (number is None or not verify):
        raise Refused("an anchor belongs to one experiment: `signoff audit E-42 --verify --anchor HASH`")


def _verify(ledger: OpenLedger, numbers: Sequence[int], anchor: str, *, as_json: bool) -> None:
    problems: list[str] = []
    heads: dict[str, JsonValue] = {}
    events = 0
    for number in numbers:
        history = ledger.queries.history(number)
        problems += verify_history(history, anchor=anchor)
        heads[f"E-{number}"] = _head(history)
        events += len(history.events)
    digest = sha256_hex(canonical_json(heads))
    if as_json:
        print_json({"problems": list(problems), "events": events, "heads": heads, "digest": digest})
    else:
        for problem in problems:
            print_line(f"✘ {problem}", "red")
        if not problems:
            what = counted(len(numbers), "experiment")
            print_line(f"✔ {counted(events, 'event')} of {what} hold; digest {digest}", "green")
    if problems:
        raise typer.Exit(1)


def _head(history: History) -> str:
    return history.events[-1].hash if history.events else ""


def _print(events: Sequence[Event], *, as_json: bool) -> None:
    if as_json:
        print_json([_entry(event) for event in events])
        return
    print_table(_COLUMNS, [_row(event) for event in events])


def _entry(event: Event) -> JsonValue:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "kind": event.kind,
        "payload": event.payload,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def _row(event: Event) -> tuple[str, ...]:
    by = event.payload.get("by")
    return (
        str(event.seq),
        event.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        f"{by} ({event.actor})" if by else event.actor,
        _what(event),
        "; ".join(str(event.payload[name]) for name in _REASONS if event.payload.get(name)),
        event.hash[:HASH_CHARS],
    )


def _what(event: Event) -> str:
    """The kind, the move, and what else the event says, hashes by their beginnings."""
    said = event.payload
    move = f" {said['from']} → {said['to']}" if "from" in said and "to" in said else ""
    more = [f"{name} {_short(value)}" for name, value in said.items() if name not in _TOLD_ELSEWHERE]
    return f"{event.kind}{move}" + (f" ({', '.join(more)})" if more else "")


def _short(value: JsonValue) -> str:
    if isinstance(value, str):
        return value[:HASH_CHARS] if len(value) == 64 else value  # noqa: PLR2004 - hex digits of SHA-256
    return canonical_json(value)
