import pytest

from db.errors import ConfigError, Conflict, ExpectationError, NotFound, Refused
from db.lifecycle import ExperimentStatus, RunStatus
from db.records import DecisionKind, Runtime
from db.search import search
from tests.builders import KAI, House
from trainer.contract import RunKind


def test_a_child_stores_its_delta_alone_and_inherits_the_rest(house: House) -> None:
    parent = house.queries.experiment(house.baseline())
    child = house.propose(delta={"hyperparams": {"learning_rate": 0.002}})
    assert child.revision.delta == {"hyperparams": {"learning_rate": 0.002}}
    assert child.revision.config["env"] == parent.revision.config["env"]
    resolved = house.queries.resolved(child.number)
    assert resolved.config == child.revision.config
    assert resolved.provenance["hyperparams", "learning_rate"] == child.key
    assert resolved.provenance["algo",] == parent.key


def test_the_same_view_makes_one_experiment(house: House) -> None:
    first = house.ledger.experiments.propose(house.proposal(), view_id="V1")
    again = house.ledger.experiments.propose(house.proposal(title="Other words"), view_id="V1")
    other = house.ledger.experiments.propose(house.proposal(), view_id="V2")
    assert again == first
    assert other.number == first.number + 1


def test_a_proposal_can_be_found_at_once(house: House) -> None:
    number = house.propose(title="Calmer balancing").number
    assert [line.number for line in search(house.database, "calmer balance", 5).results] == [number]


def test_a_null_deletes_what_was_inherited(house: House) -> None:
    child = house.propose(delta={"hyperparams": {"ent_coef": None}})
    hyperparams = child.revision.config["hyperparams"]
    assert isinstance(hyperparams, dict)
    assert "ent_coef" not in hyperparams
    assert house.queries.recent()[0].changes == ("ent_coef 0.0 → not set",)


def test_without_a_worker_nothing_can_be_proposed(house: House) -> None:
    house.ledger.hosts.register("empty", owner="o", cpu_slots=1)
    assert house.propose().number  # the newest runtime counts, not the newest host


def test_the_newest_runtime_is_what_is_signed(house: House) -> None:
    first = house.propose()
    house.clock.forward(1)
    house.join(runtime=Runtime("sha256:2", {"torch": "2.8"}, "gpu-1", "process"))
    assert house.propose().revision.spec_hash != first.revision.spec_hash


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"parent": 9999}, NotFound),
        ({"question": 77}, NotFound),
        ({"expected": "it gets better"}, ExpectationError),
        ({"expected": "oscillation falls by 20% vs E-9999"}, NotFound),
        ({"delta": {"hyperparams": {"learning_rate": float("nan")}}}, ConfigError),
        ({"stop_rule": "when it looks bad"}, ExpectationError),
        ({"seeds": 0}, Refused),
        ({"seeds": 1_000_000}, Refused),
        ({"time_limit_s": 10**12}, Refused),
    ],
)
def test_what_can_not_be_used_is_refused_and_leaves_nothing(
    house: House, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        house.propose(**changes)
    assert house.queries.recent() == ()


def test_nothing_starts_from_a_proposal_that_may_still_change(house: House) -> None:
    open_one = house.propose()
    with pytest.raises(Refused, match="may still change"):
        house.propose(parent=open_one.number)


def test_a_delta_of_the_yardstick_starts_a_new_root(house: House) -> None:
    delta = {"eval": {"n_eval_episodes": 50}}
    child = house.propose(delta=delta)
    assert child.root == child.number
    house.decide(child.number)
    grandchild = house.propose(parent=child.number)
    assert grandchild.root == child.number
    with pytest.raises(Refused, match="another yardstick"):
        house.propose(delta=delta, expected="oscillation falls by 20%")


def test_a_revision_voids_what_was_shown(house: House) -> None:
    first = house.propose()
    second = house.ledger.experiments.revise(
        first.number, house.proposal(delta={"reward": {"action_change_penalty": 0.2}})
    )
    assert second.revision.n == 2
    assert second.revision.approval_hash != first.revision.approval_hash
    assert house.queries.revision(first.number, 1) == first.revision


def test_a_revision_answers_a_request_for_changes(house: House) -> None:
    number = house.propose().number
    assert house.decide(number, DecisionKind.REQUEST_CHANGES).status is ExperimentStatus.CHANGES_REQUESTED
    revised = house.ledger.experiments.revise(number, house.proposal(title="Better"), view_id="V9")
    again = house.ledger.experiments.revise(number, house.proposal(title="Better"), view_id="V9")
    assert revised.status is ExperimentStatus.PROPOSED
    assert again == revised


def test_what_is_signed_is_never_revised(house: House) -> None:
    number = house.approved().number
    with pytest.raises(Conflict, match="fork"):
        house.ledger.experiments.revise(number, house.proposal())


def test_the_first_proposal_of_a_program_has_no_smoke_run_before_approval(house: House) -> None:
    assert house.propose().runs == ()
    house.approved()
    assert [run.kind for run in house.propose().runs] == [RunKind.SMOKE]


def test_a_revision_of_the_same_spec_keeps_its_smoke_run(house: House) -> None:
    house.approved()
    number = house.propose().number
    house.pass_smoke(number)
    revised = house.ledger.experiments.revise(number, house.proposal(title="Better words"))
    assert revised.smoke is not None
    assert len(revised.runs) == 1


def test_a_revision_of_the_spec_has_a_smoke_run_of_its_own(house: House) -> None:
    house.approved()
    number = house.propose().number
    revised = house.ledger.experiments.revise(number, house.proposal(delta={"n_envs": 4}))
    assert [(run.label, run.status) for run in revised.runs] == [
        ("smoke", RunStatus.CANCELED),
        ("smoke.2", RunStatus.QUEUED),
    ]
    house.pass_smoke(number)
    back = house.ledger.experiments.revise(number, house.proposal())
    assert back.smoke is None
    assert [run.label for run in back.runs] == ["smoke", "smoke.2", "smoke.3"]


def test_only_its_author_withdraws_a_proposal(house: House) -> None:
    number = house.propose().number
    with pytest.raises(Refused, match="only Kai"):
        house.ledger.experiments.withdraw(number, house.queries.experiment(house.baseline()).author)
    withdrawn = house.ledger.experiments.withdraw(number, KAI)
    assert withdrawn.status is ExperimentStatus.WITHDRAWN
    assert house.ledger.experiments.withdraw(number, KAI) == withdrawn
