"""`signoff audit`: the trail, and every kind of tampering with it."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.audit import History, event_hash, verify_history
from tests.builders import House
from tests.unit.bot.cli.conftest import Run

Tamper = Callable[[Session, int], None]


def number_of(key: str) -> int:
    return int(key.removeprefix("E-"))


def sql(*statements: str) -> Tamper:
    """What somebody with write access does; `:n` is the experiment."""

    def tamper(session: Session, number: int) -> None:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            session.execute(text(statement), {"n": number} if ":n" in statement else {})

    return tamper


def inserted(session: Session, number: int) -> None:
    """An event of one's own between two others, with a hash that fits its content."""
    move = "UPDATE event SET seq = -seq WHERE experiment = :n AND seq > 4"
    session.execute(text("PRAGMA ignore_check_constraints = ON"))
    session.execute(text(move), {"n": number})
    session.execute(text("UPDATE event SET seq = 1 - seq WHERE experiment = :n AND seq < 0"), {"n": number})
    before = session.execute(
        text("SELECT hash, at FROM event WHERE experiment = :n AND seq = 4"), {"n": number}
    ).one()
    columns = "INSERT INTO event (experiment, seq, at, actor, kind, payload, previous_hash, hash) "
    session.execute(
        text(columns + "VALUES (:n, 5, :at, 'UKAI', 'experiment.approved', '{}', :before, :hash)"),
        {"n": number, "at": before.at, "before": before.hash, "hash": "f" * 64},
    )
    session.execute(text("UPDATE experiment SET event_seq = event_seq + 1 WHERE number = :n"), {"n": number})


_SECOND = "WHERE experiment = :n AND seq = 2"
_LAST = "(SELECT MAX(seq) FROM event WHERE experiment = :n)"

TAMPERINGS: dict[str, tuple[Tamper, str]] = {
    "who": (sql(f"UPDATE event SET actor = 'UZOE' {_SECOND}"), "event 2 of {key} was changed"),
    "when": (
        sql(f"UPDATE event SET at = '2020-01-01 00:00:00.000000' {_SECOND}"),
        "event 2 of {key} was changed",
    ),
    "what": (sql(f"UPDATE event SET kind = 'experiment.rejected' {_SECOND}"), "event 2 of {key} was changed"),
    "why": (
        sql(f'UPDATE event SET payload = \'{{"reason": "of course"}}\' {_SECOND}'),
        "event 2 of {key} was changed",
    ),
    "hash": (
        sql(f"UPDATE event SET hash = '{'0' * 64}' {_SECOND}"),
        "event 2 of {key} was changed after it was written",
    ),
    "link": (
        sql(f"UPDATE event SET previous_hash = '{'0' * 64}' {_SECOND}"),
        "event 2 of {key} does not continue",
    ),
    "first deleted": (
        sql("DELETE FROM event WHERE experiment = :n AND seq = 1"),
        "event 2 of {key} stands where event 1 should",
    ),
    "middle deleted": (
        sql("DELETE FROM event WHERE experiment = :n AND seq = 3"),
        "event 4 of {key} stands where event 3 should",
    ),
    "deleted and renumbered": (
        sql(
            "DELETE FROM event WHERE experiment = :n AND seq = 3",
            "UPDATE event SET seq = seq - 1 WHERE experiment = :n AND seq > 3",
        ),
        "event 3 of {key} does not continue the chain",
    ),
    "reordered": (
        sql(
            "PRAGMA ignore_check_constraints = ON",
            "UPDATE event SET seq = -1 WHERE experiment = :n AND seq = 2",
            "UPDATE event SET seq = 2 WHERE experiment = :n AND seq = 3",
            "UPDATE event SET seq = 3 WHERE experiment = :n AND seq = -1",
        ),
        "event 2 of {key} does not continue the chain",
    ),
    "inserted": (inserted, "event 5 of {key} was changed after it was written"),
    "tail cut": (
        sql(f"DELETE FROM event WHERE experiment = :n AND seq = {_LAST}"),
        "events; 1 are missing",
    ),
    "tail cut, and counted anew": (
        sql(
            f"DELETE FROM event WHERE experiment = :n AND seq = {_LAST}",
            "UPDATE experiment SET event_seq = event_seq - 1 WHERE number = :n",
        ),
        "the last event of {key} is not the one that its own row names",
    ),
    "status": (
        sql("UPDATE experiment SET status = 'REJECTED' WHERE number = :n"),
        "{key} is REJECTED, but its last move was to APPROVED",
    ),
    "contract": (
        sql("UPDATE revision SET intent = replace(intent, 'final reward', 'final') WHERE experiment = :n"),
        "the contract of revision 1 of {key} is not the one that its event tells of",
    ),
    "config": (
        sql("UPDATE revision SET config = '{{}}' WHERE experiment = :n".replace("{{}}", "{}")),
        "the config of revision 1 of {key} is not the one that its event tells of",
    ),
    "rule": (
        sql("UPDATE revision SET policy_rule = 'anyone' WHERE experiment = :n"),
        "the contract of revision 1 of {key} is not the one that its event tells of",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found(signoff: Run, house: House, key: str, name: str) -> None:
    tamper, said = TAMPERINGS[name]
    with house.database.write() as session:
        tamper(session, number_of(key))
    answer = signoff("audit", key, "--verify")
    assert answer.exit_code == 1, answer.stdout
    assert said.format(key=key) in answer.stdout.splitlines()[0], answer.stdout
    assert signoff("audit", "--verify").exit_code == 1
    others = verify_history(house.queries.history(house.baseline()))
    assert others == ()


def test_a_whole_ledger_holds(signoff: Run, house: House, key: str) -> None:
    answer = signoff("audit", "--verify")
    assert answer.exit_code == 0, answer.stdout
    count = len(house.queries.recorded())
    assert f"of {count} experiments hold; digest " in answer.stdout
    told = json.loads(signoff("audit", "--verify", "--json").stdout)
    assert told["problems"] == []
    assert told["heads"][key] == house.queries.events(number_of(key))[-1].hash
    assert told["digest"] in answer.stdout


def test_a_deleted_experiment_leaves_its_events(house: House, key: str) -> None:
    number = number_of(key)
    history = house.queries.history(number)
    assert history.seq == len(history.events)
    gone = History(number, history.events, None, None, "", ())
    assert verify_history(gone) == (f"{key} itself is gone; {len(history.events)} events of it are left",)


def test_a_forged_chain_does_not_hold_against_a_noted_hash(signoff: Run, house: House, key: str) -> None:
    """Who may write everything can forge everything but what others have written down."""
    number = number_of(key)
    noted = house.queries.events(number)[3].hash
    assert signoff("audit", key, "--verify", "--anchor", noted[:20].upper()).exit_code == 0
    with house.database.write() as session:
        previous = ""
        for event in house.queries.events(number):
            digest = event_hash(
                experiment=number,
                seq=event.seq,
                at=event.at,
                actor="UZOE",
                kind=event.kind,
                payload=event.payload,
                previous_hash=previous,
            )
            session.execute(
                text("UPDATE event SET actor = 'UZOE', previous_hash = :p, hash = :h WHERE hash = :old"),
                {"p": previous, "h": digest, "old": event.hash},
            )
            previous = digest
        session.execute(
            text("UPDATE experiment SET event_hash = :h WHERE number = :n"), {"h": previous, "n": number}
        )
    assert signoff("audit", key, "--verify").exit_code == 0
    answer = signoff("audit", key, "--verify", "--anchor", noted)
    assert answer.exit_code == 1
    assert f"no event of {key} has the hash {noted}" in answer.stdout


def test_the_trail_says_who_what_when_why(signoff: Run, house: House, key: str) -> None:
    rows = [line.split("\t") for line in signoff("audit", key).stdout.splitlines()]
    assert rows[0] == ["#", "when", "who", "what", "why", "hash"]
    events = house.queries.events(number_of(key))
    assert [row[0] for row in rows[1:]] == [str(event.seq) for event in events]
    approved = next(row for row in rows if "PROPOSED → APPROVED" in row[3])
    assert approved[2] == "Ana (UANA)"
    assert "approval_hash " in approved[3]
    ended = next(row for row in rows if "→ SUCCEEDED" in row[3] and "run s1" in row[3])
    assert ended[4] == "finished"
    told = json.loads(signoff("audit", key, "--json").stdout)
    assert [entry["hash"] for entry in told] == [event.hash for event in events]


@pytest.mark.parametrize("arguments", [(), ("--verify", "--anchor", "abc"), ("E-1", "--anchor", "abc")])
def test_half_a_question_is_refused(signoff: Run, house: House, arguments: tuple[str, ...]) -> None:
    answer = signoff("audit", *arguments)
    assert answer.exit_code == 1
    assert "`signoff audit E-42" in answer.stderr
