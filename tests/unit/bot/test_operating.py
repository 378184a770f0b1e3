"""Who may put the queue in order, and who may give up hosts."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bot.house import House
from bot.listeners.operating import Operating
from db.errors import Refused
from db.lifecycle import ApprovalPolicy
from db.records import Gpu, Person
from tests.builders import ANA, HOST, KAI, ZOE, make_house
from tests.builders import House as Ledger


class Group:
    """People who are known by their ids; None stands for anyone."""

    def __init__(self, *people: Person, anyone: bool = False) -> None:
        self._ids = None if anyone else frozenset(person.id for person in people)

    def policy(self, _: str) -> ApprovalPolicy:
        return ApprovalPolicy(self._ids)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = make_house(tmp_path)
    yield made
    made.database.dispose()


def operating(ledger: Ledger, approvers: Group, admins: Group) -> Operating:
    house = SimpleNamespace(ledger=ledger.ledger, approvers=approvers, admins=admins)
    return Operating(cast(House, house))


def test_approvers_and_administrators_raise_priorities(ledger: Ledger) -> None:
    number = ledger.propose().number
    verbs = operating(ledger, Group(ANA), Group(ZOE))
    assert "high priority" in verbs.priority(f"E-{number} high", ANA).text
    assert "low priority" in verbs.priority(f"{number} LOW", ZOE).text
    with pytest.raises(Refused, match="approvers and administrators set priorities"):
        verbs.priority(f"E-{number} normal", KAI)
    anyone = operating(ledger, Group(ANA), Group(anyone=True))
    assert "normal priority" in anyone.priority(f"e{number} normal", KAI).text


def test_administrators_alone_give_hosts_up(ledger: Ledger) -> None:
    ledger.join(gpus=(Gpu("GPU-a"),))
    ledger.ledger.hosts.mark_dirty(HOST, ledger.epoch, "GPU-a", "somebody is on it")
    verbs = operating(ledger, Group(ANA), Group(ZOE))
    for command in (f"clean {HOST}", f"dead {HOST}"):
        with pytest.raises(Refused, match="you are not one of the administrators"):
            verbs.host(command, ANA)
        with pytest.raises(Refused, match="set SIGNOFF_ADMINS"):
            operating(ledger, Group(ANA), Group()).host(command, ANA)
    assert verbs.host(f"clean {HOST} GPU-a", ZOE).text == f"{HOST} offers 1 GPU again: GPU-a."
    number = ledger.approved(seeds=1).number
    ledger.start(ledger.queries.experiment(number).runs[-1])
    with pytest.raises(Refused, match="so it lives"):
        verbs.host(f"dead {HOST}", ZOE)
    ledger.clock.forward(31)
    said = verbs.host(f"dead {HOST} it has burnt", ZOE).text
    assert said == f"{HOST} is declared dead; 1 run will resume elsewhere: E-{number}/s1."
    assert ledger.queries.events(number)[-1].actor == ZOE.id


@pytest.mark.parametrize("text", ["", "dead", "explode gpu-1", "clean"])
def test_what_is_not_understood_is_explained(ledger: Ledger, text: str) -> None:
    verbs = operating(ledger, Group(anyone=True), Group(anyone=True))
    assert "host dead gpu-2" in verbs.host(text, ZOE).text
    assert "priority E-42 high" in verbs.priority(text, ZOE).text
