from collections.abc import Mapping

import pytest

from db.errors import Conflict, Refused
from db.lifecycle import ExitCause, RunStatus
from db.records import DecisionKind
from db.search import search
from db.verdict import Verdict
from tests.builders import ANA, ANYONE, KAI, ZOE, House
from trainer.contract import JsonObject, RunKind

GOOD: Mapping[str, float] = {"final_reward": 500.0, "oscillation": 0.1}


def conclude(house: House, number: int) -> Verdict:
    result = house.ledger.experiments.conclude(number)
    assert result is not None
    return Verdict.from_json(result.verdict)


def test_five_seeds_beyond_the_threshold_support_it(house: House) -> None:
    number = house.approved(seeds=5).number
    house.finish_all(number, GOOD)
    result = house.ledger.experiments.conclude(number, plot_path="E-15/plot-1.png", plot_alt="All above 450")
    assert result is not None
    assert (result.n, result.outcome, result.plot_path) == (1, "supported", "E-15/plot-1.png")
    assert house.ledger.experiments.conclude(number) == result
    assert house.queries.experiment(number).results == (result,)
    (line,) = house.queries.recent(1)
    assert (line.outcome, line.got) == ("supported", Verdict.from_json(result.verdict).claims[0].got)


def test_there_is_no_result_while_a_seed_is_out(house: House) -> None:
    number = house.approved(seeds=2).number
    assert house.ledger.experiments.conclude(number) is None
    house.finish(house.queries.experiment(number).runs[1])
    assert house.ledger.experiments.conclude(number) is None
    assert house.queries.verdict(number) is None
    assert house.ledger.experiments.conclude(house.baseline()) is None


def test_a_seed_that_failed_by_its_own_fault_keeps_counting(house: House) -> None:
    number = house.approved(seeds=1).number
    house.finish(house.queries.experiment(number).runs[1], status=RunStatus.FAILED, cause=ExitCause.NAN)
    assert conclude(house, number).seeds_failed == 1
    house.finish(house.ledger.experiments.retry(number, "s1", KAI))
    again = conclude(house, number)
    assert (again.seeds_failed, again.seeds_done) == (1, 0)
    assert [result.n for result in house.queries.experiment(number).results] == [1, 2]


@pytest.mark.parametrize(
    ("status", "cause"),
    [(RunStatus.CANCELED, ExitCause.STOPPED), (RunStatus.FAILED, ExitCause.INFRASTRUCTURE)],
)
def test_a_newer_run_replaces_one_that_was_stopped_or_lost(
    house: House, status: RunStatus, cause: ExitCause
) -> None:
    number = house.approved(seeds=1).number
    house.finish(house.queries.experiment(number).runs[1], status=status, cause=cause)
    assert conclude(house, number).seeds_done == 0
    house.finish(house.ledger.experiments.retry(number, "s1", KAI))
    assert conclude(house, number).seeds_done == 1


def test_who_stopped_it_is_in_the_verdict(house: House) -> None:
    number = house.approved(seeds=5).number
    house.ledger.experiments.request_stop(number, ZOE)
    verdict = conclude(house, number)
    assert verdict.outcome == "inconclusive"
    assert "Zoe" in str(verdict.to_json())


def test_alongside_the_comparator_of_the_claim_is_what_ran_beside_it(house: House) -> None:
    number = house.approved(seeds=5, run_alongside=True, expected="oscillation falls by 20% vs parent").number
    for run in house.queries.experiment(number).runs[1:]:
        base = 0.1 if run.kind is RunKind.SEED else 0.19
        house.finish(run, metrics={"final_reward": 500.0, "oscillation": base + run.seed_index / 1000})
    verdict = conclude(house, number)
    assert (verdict.outcome, verdict.comparator_seeds) == ("supported", 5)
    assert list(house.queries.comparators(number)) == [house.baseline()]
    assert [run.label for run in house.queries.comparators(number)[house.baseline()]] == [
        "c1",
        "c2",
        "c3",
        "c4",
        "c5",
    ]


def test_a_comparator_has_its_own_seeds_unless_it_ran_beside(house: House) -> None:
    first = house.approved(seeds=3).number
    house.finish_all(first, {"final_reward": 400.0, "oscillation": 0.3})
    second = house.approved(seeds=3, expected=f"final reward > E-{first} + 20").number
    house.finish_all(second, GOOD)
    verdict = conclude(house, second)
    assert verdict.comparators == {f"E-{first}": 3}
    assert [seed.state for seed in house.queries.comparator_outcomes(second)[first]] == ["done"] * 3


def test_a_reward_that_changed_between_package_versions_is_told_and_nothing_is_decided(house: House) -> None:
    house.join(cpu_slots=16)
    old: JsonObject = {"env_id": "CartPole-v1", "gymnasium": "1.4.0", "rewards": "r1", "behaviour": "b1"}
    new: JsonObject = {"env_id": "CartPole-v1", "gymnasium": "1.5.0", "rewards": "r2", "behaviour": "b2"}
    first = house.approved(seeds=3).number
    for run in house.queries.experiment(first).runs[1:]:
        house.finish(run, metrics={"final_reward": 400.0, "oscillation": 0.3}, fingerprint=old)
    second = house.approved(seeds=3, expected=f"final reward > E-{first} + 20").number
    for run in house.queries.experiment(second).runs[1:]:
        house.finish(run, metrics=GOOD, fingerprint=new)
    verdict = conclude(house, second)
    assert verdict.outcome == "inconclusive"
    assert "CartPole-v1 pays other rewards (gymnasium 1.4.0 → 1.5.0); run it alongside" in str(
        verdict.to_json()
    )


def test_a_newer_version_that_changed_nothing_is_compared(house: House) -> None:
    house.join(cpu_slots=16)
    same: JsonObject = {"env_id": "CartPole-v1", "rewards": "r1", "behaviour": "b1", "source": "s1"}
    first = house.approved(seeds=3).number
    for run in house.queries.experiment(first).runs[1:]:
        worse = {"final_reward": 300.0 + run.seed_index, "oscillation": 0.3}
        house.finish(run, metrics=worse, fingerprint={**same, "gymnasium": "1.4.0"})
    second = house.approved(seeds=3, expected=f"final reward > E-{first} + 20").number
    for run in house.queries.experiment(second).runs[1:]:
        house.finish(run, metrics=GOOD, fingerprint={**same, "gymnasium": "1.5.0"})
    assert conclude(house, second).outcome == "supported"


def test_a_comparator_whose_seeds_are_still_out_decides_nothing(house: House) -> None:
    house.join(cpu_slots=16)
    first = house.approved(seeds=5).number
    for run in house.queries.experiment(first).runs[1:4]:
        house.finish(run, metrics={"final_reward": 100.0, "oscillation": 0.9})
    second = house.approved(seeds=5, expected=f"final reward > E-{first} + 20").number
    house.finish_all(second, GOOD)
    verdict = conclude(house, second)
    assert verdict.outcome == "inconclusive"
    assert f"2 of E-{first}'s seeds have not ended yet" in verdict.claims[0].reason


def test_a_failed_smoke_run_ends_in_a_result_that_claims_nothing(house: House) -> None:
    number = house.approved(smoke=False).number
    smoke = house.queries.experiment(number).runs[0]
    house.finish(smoke, status=RunStatus.FAILED, cause=ExitCause.CODE_ERROR)
    assert conclude(house, number).outcome == "inconclusive"


def test_more_seeds_need_an_approval_of_their_own(house: House) -> None:
    number = house.approved(seeds=3).number
    extend = house.ledger.experiments.extend
    with pytest.raises(Refused, match="no result yet"):
        extend(number, extra_seeds=2, author=KAI)
    house.finish_all(number, GOOD)
    assert conclude(house, number).needs_more_seeds == 2
    with pytest.raises(Refused, match="add 2 or 7"):
        extend(number, extra_seeds=3, author=KAI)
    extension = extend(number, extra_seeds=2, author=KAI, view_id="V7")
    assert extend(number, extra_seeds=2, author=KAI, view_id="V7") == extension
    with pytest.raises(Conflict, match="proposed already"):
        extend(number, extra_seeds=7, author=ANA)
    assert (extension.first_seed, extension.seeds) == (4, 2)
    assert extension.approval_hash != house.queries.experiment(number).revision.approval_hash


def test_approved_seeds_lead_to_the_next_result(house: House) -> None:
    number = house.approved(seeds=3, run_alongside=True).number
    house.finish_all(number, GOOD)
    assert conclude(house, number).outcome == "inconclusive"
    extension = house.ledger.experiments.extend(number, extra_seeds=2, author=KAI)

    def approve(by: object = ANA) -> None:
        house.ledger.experiments.decide_extension(
            number,
            extension=1,
            approval_hash=extension.approval_hash[:16],
            kind=DecisionKind.APPROVE,
            decider=KAI if by is KAI else ANA,
            policy=ANYONE,
        )

    with pytest.raises(Refused, match="own proposal"):
        approve(by=KAI)
    approve()
    with pytest.raises(Conflict, match="already approved by Ana"):
        approve()
    queued = [run.label for run in house.queries.queue()]
    assert queued == ["s4", "s5", "c4", "c5"]
    house.finish_all(number, GOOD)
    assert conclude(house, number).outcome == "supported"
    experiment = house.queries.experiment(number)
    assert [result.n for result in experiment.results] == [1, 2]
    assert [(each.n, each.decider) for each in experiment.extensions] == [(1, ANA)]


def test_a_rejected_extension_adds_nothing(house: House) -> None:
    number = house.approved(seeds=3).number
    house.finish_all(number, GOOD)
    conclude(house, number)
    extension = house.ledger.experiments.extend(number, extra_seeds=2, author=KAI)
    house.ledger.experiments.decide_extension(
        number,
        extension=1,
        approval_hash=extension.approval_hash,
        kind=DecisionKind.REJECT,
        decider=ANA,
        policy=ANYONE,
        reason="enough",
    )
    assert house.queries.queue() == ()
    assert house.ledger.experiments.extend(number, extra_seeds=2, author=KAI).n == 2


def test_what_people_conclude_can_be_found(house: House) -> None:
    number = house.approved().number
    for _ in range(2):
        house.ledger.experiments.write_conclusion(number, "The wobble is gone. ", KAI)
    experiment = house.ledger.experiments.write_conclusion(number, "The wobbling came back.", ANA)
    assert experiment.conclusion is not None
    assert (experiment.conclusion.text, experiment.conclusion.author) == ("The wobbling came back.", ANA)
    assert [line.number for line in search(house.database, "wobble", 5).results] == [number]
    kinds = [event.kind for event in house.queries.events(number)]
    assert kinds.count("experiment.concluded") == 2


def test_tags_are_kept_once(house: House) -> None:
    number = house.propose(tags=("smooth",)).number
    for _ in range(2):
        tagged = house.ledger.experiments.add_tags(number, ["Smooth", " gait ", "", "x" * 100], KAI)
    assert tagged.tags == ("gait", "smooth", "x" * 64)


def test_questions_are_asked_once_and_answered(house: House) -> None:
    first = house.ledger.questions.create("What makes it wobble? ", KAI)
    assert house.ledger.questions.create("What makes it wobble?", KAI) == first
    assert house.propose(question=first.number).revision.intent.question == first.number
    answered = house.ledger.questions.answer(first.number, "The reward.", ANA)
    assert house.queries.questions() == (answered,)
    assert answered.answer == "The reward."
