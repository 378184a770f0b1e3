"""The hash chain over an experiment's events: each entry's hash covers the one before. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from db.config.canonical import canonical_json, sha256_hex
from db.records import Event
from trainer.contract import JsonObject

FIRST_HASH = ""


def event_hash(
    *, experiment: int, seq: int, at: datetime, actor: str, kind: str, payload: JsonObject, previous_hash: str
) -> str:
    """SHA-256 over everything that an event says, and over the hash of its predecessor."""
    return sha256_hex(
        canonical_json(
            {
                "experiment": experiment,
                "seq": seq,
                "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
                "actor": actor,
                "kind": kind,
                "payload": payload,
                "previous_hash": previous_hash,
            }
        )
    )


def verify(events: Sequence[Event]) -> tuple[str, ...]:
    """What is wrong with one experiment's history, in sentences; empty where the chain holds."""
    problems: list[str] = []
    previous = FIRST_HASH
    for position, event in enumerate(events, start=1):
        name = f"event {event.seq} of E-{event.experiment}"
        if event.seq != position:
            problems.append(f"{name} stands where event {position} should")
        if event.previous_hash != previous:
            problems.append(f"{name} does not continue the chain")
        if event.hash != _hash_of(event):
            problems.append(f"{name} was changed after it was written")
        previous = event.hash
    return tuple(problems)


def _hash_of(event: Event) -> str:
    return event_hash(
        experiment=event.experiment,
        seq=event.seq,
        at=event.at,
        actor=event.actor,
        kind=event.kind,
        payload=event.payload,
        previous_hash=event.previous_hash,
    )
