"""The hash chain over an experiment's events: each entry's hash covers the one before. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from db.config.canonical import canonical_json, sha256_hex
from db.config.hashes import config_hash, contract_hash
from db.records import Event
from trainer.contract import JsonObject

FIRST_HASH = ""
_SIGNING = frozenset({"experiment.proposed", "experiment.revised"})
_STATUS = "experiment."


@dataclass(frozen=True)
class Signed:
    """A revision as the ledger keeps it. `intent` and `budget` as stored, with the fields of their day."""

    n: int
    config: JsonObject
    intent: JsonObject
    budget: JsonObject
    policy_rule: str
    spec_hash: str


@dataclass(frozen=True)
class History:
    """One experiment's events, and what else of it the chain vouches for.

    `seq` and `hash` are its last event's by the experiment's own row; None where that row is gone.
    """

    experiment: int
    events: tuple[Event, ...]
    seq: int | None
    hash: str | None
    status: str
    revisions: tuple[Signed, ...]


def verify_history(history: History, *, anchor: str = "") -> tuple[str, ...]:
    """What is wrong, in sentences, the first broken link first; empty where everything holds.

    `anchor` is the hash of an event, or its first characters, that somebody noted down elsewhere: with
    it even a chain that was forged as a whole is found out.
    """
    key, events = f"E-{history.experiment}", history.events
    problems = list(verify(events))
    if history.seq is None:
        problems.append(f"{key} itself is gone; {len(events)} events of it are left")
    elif history.seq > len(events):
        problems.append(f"{key} had {history.seq} events; {history.seq - len(events)} are missing")
    elif (events[-1].hash if events else FIRST_HASH) != history.hash:
        problems.append(f"the last event of {key} is not the one that its own row names")
    problems += _unlike_its_events(history)
    if anchor and not any(event.hash.startswith(anchor) for event in events):
        problems.append(f"no event of {key} has the hash {anchor}: its history is not the one that was noted")
    return tuple(problems)


def _unlike_its_events(history: History) -> list[str]:
    """What was signed, and how it was decided, against what the events say of it."""
    key, problems = f"E-{history.experiment}", []
    moves = [event for event in history.events if event.kind.startswith(_STATUS) and "to" in event.payload]
    if history.seq is not None and moves and moves[-1].payload["to"] != history.status:
        problems.append(f"{key} is {history.status}, but its last move was to {moves[-1].payload['to']}")
    signing = [event.payload for event in history.events if event.kind in _SIGNING]
    told = {payload.get("revision", 1): payload for payload in signing}
    for revision in history.revisions:
        problems += _unlike_its_event(f"revision {revision.n} of {key}", revision, told.get(revision.n))
    return problems


def _unlike_its_event(name: str, revision: Signed, told: JsonObject | None) -> list[str]:
    if told is None:
        return [f"no event tells of {name}"]
    kept = {
        "config_hash": config_hash(revision.config),
        "spec_hash": revision.spec_hash,
        "approval_hash": contract_hash(
            revision.spec_hash, revision.intent, revision.budget, revision.policy_rule
        ),
    }
    words = {"config_hash": "config", "spec_hash": "program", "approval_hash": "contract"}
    # What was shipped with the program was signed by nobody: its event has a config alone.
    changed = [words[part] for part, digest in kept.items() if part in told and told[part] != digest]
    return [f"the {part} of {name} is not the one that its event tells of" for part in changed]


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
