"""Many at once: threads over one database, as the listeners of the bot and two processes would be."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from db.audit import verify
from db.errors import Busy, Conflict, SignoffError
from db.ledger import Ledger
from db.lifecycle import RunStatus
from db.records import DecisionKind, Person
from db.session import Database
from tests.builders import ANYONE, HOST, House
from trainer.contract import RunKind

CROWD = 50


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    """Run all calls at the same moment; what each returned, or the error that it raised."""
    barrier = threading.Barrier(len(calls))

    def call(work: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return work()
        except SignoffError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_of_fifty_reviewers_one_wins(house: House) -> None:
    experiment = house.propose(seeds=3)
    other_process = Database(str(house.database.url.render_as_string(hide_password=False)), lock_timeout_s=30)
    ledgers = [house.ledger, Ledger(other_process, house.clock)]
    kinds = list(DecisionKind)

    def click(who: int) -> Callable[[], object]:
        return lambda: ledgers[who % 2].experiments.decide(
            experiment.number,
            revision=1,
            approval_hash=experiment.revision.approval_hash[:16],
            kind=kinds[who % 3],
            decider=Person(f"U{who}", f"Reviewer {who}"),
            policy=ANYONE,
        )

    answers = at_once([click(who) for who in range(CROWD)])
    other_process.dispose()
    decided = house.queries.experiment(experiment.number)
    (decision,) = decided.decisions
    losers = [answer for answer in answers if isinstance(answer, SignoffError)]
    assert len(losers) == CROWD - 1
    assert {type(loser) for loser in losers} <= {Conflict, Busy}
    told = [str(loser) for loser in losers if isinstance(loser, Conflict)]
    assert told
    assert all(f"by {decision.decider.name}" in words for words in told)
    approved = decision.kind is DecisionKind.APPROVE
    assert len([run for run in decided.runs if run.kind is RunKind.SEED]) == (3 if approved else 0)
    assert verify(house.queries.events(experiment.number)) == ()


def test_one_view_submitted_many_times_at_once_makes_one_experiment(house: House) -> None:
    proposal = house.proposal()
    answers = at_once([lambda: house.ledger.experiments.propose(proposal, view_id="V1")] * 20)
    assert len({answer.number for answer in answers}) == 1  # type: ignore[attr-defined] # experiments, or it fails
    assert len(house.queries.recent()) == 1


def test_no_slot_is_given_twice(house: House) -> None:
    house.approved(seeds=10)
    answers = at_once([house.reserve] * 10)
    attempts = [attempt for answer in answers for attempt in answer]  # type: ignore[attr-defined] # tuples, or it fails
    assert len(attempts) == 2
    owners = [slot.owner_attempt_id for slot in house.queries.slots(HOST) if slot.owner_attempt_id]
    assert sorted(owners) == sorted(attempt.id for attempt in attempts)


def test_a_stop_and_a_natural_end_at_once_lead_to_one_end(house: House) -> None:
    number = house.approved(seeds=1).number
    attempt = house.start(house.queries.experiment(number).runs[-1])
    at_once(
        [lambda: house.end(attempt), lambda: house.ledger.experiments.request_stop(number, Person("U", "N"))]
    )
    assert house.queries.run(attempt.run_id).status is RunStatus.FINALIZING
    assert verify(house.queries.events(number)) == ()


def test_a_message_is_claimed_once(house: House) -> None:
    house.propose()
    claims = at_once([lambda: house.ledger.outbox.claim(house.clock())] * 10)
    assert sum(claim is not None for claim in claims) == 1
