import pytest

from db.config.hashes import config_hash
from db.errors import NotFound
from db.records import DecisionKind
from tests.builders import ANA, HOST, KAI, RUNTIME, House


def test_a_lineage_is_told_root_first_and_its_children_oldest_first(house: House) -> None:
    root = house.baseline()
    child = house.approved(delta={"n_envs": 4}).number
    grandchild = house.propose(parent=child, delta={"n_envs": 2, "hyperparams": {"n_steps": 64}})
    assert [each.number for each in house.queries.lineage(grandchild.number)] == [
        root,
        child,
        grandchild.number,
    ]
    assert [line.number for line in house.queries.children(root)] == [child]
    resolved = house.queries.resolved(grandchild.number)
    assert resolved.config["n_envs"] == 2
    assert resolved.provenance["n_envs",] == grandchild.key
    assert house.queries.recent(1)[0].changes == ("n_steps 32 → 64", "n_envs 4 → 2")


@pytest.mark.parametrize("ask", ["experiment", "lineage", "resolved", "events", "seed_outcomes", "verdict"])
def test_a_number_that_is_not_there_is_named(house: House, ask: str) -> None:
    with pytest.raises(NotFound, match="E-9999"):
        getattr(house.queries, ask)(9999)


@pytest.mark.parametrize("ask", ["run", "attempt"])
def test_an_id_that_is_not_there_is_named(house: House, ask: str) -> None:
    with pytest.raises(NotFound, match="9999"):
        getattr(house.queries, ask)(9999)


def test_what_one_may_start_from_is_found_by_a_few_letters(house: House) -> None:
    number = house.approved(title="Smoother 100%_turns", tags=("wobble",)).number
    house.propose(title="Smoother, but not approved")
    for typed in ("smoo", "SMOOTH turns", f"E-{number}", f"{number}", "100%_", "wobb", "kai smoother"):
        assert [line.number for line in house.queries.parents_like(typed)][:1] == [number], typed
    assert house.queries.parents_like("%") == house.queries.parents_like("100%_turns")
    assert house.queries.parents_like("nothing of the kind") == ()
    everything = house.queries.parents_like("", limit=3)
    assert (len(everything), everything[0].number) == (3, number)


def test_a_config_that_ran_before_is_pointed_out(house: House) -> None:
    first = house.approved()
    second = house.propose(title="The same again")
    same = house.queries.duplicates(config_hash(second.revision.config))
    assert [line.number for line in same] == [first.number, second.number]


def test_what_waits_for_a_decision_is_not_shown_to_its_author(house: House) -> None:
    number, rejected = house.propose().number, house.propose().number
    house.decide(rejected, DecisionKind.REJECT)
    assert [line.number for line in house.queries.pending_for(ANA.id)] == [number]
    assert house.queries.pending_for(KAI.id) == ()


def test_hosts_tell_what_they_can_run(house: House) -> None:
    (host,) = house.queries.hosts()
    assert (host.id, host.runtime, host.cpu_slots) == (HOST, RUNTIME, 2)
    assert house.queries.runtime() == RUNTIME


def test_the_queue_and_what_is_moving(house: House) -> None:
    number = house.approved(seeds=3).number
    house.reserve()
    assert [run.label for run in house.queries.queue()] == ["s3"]
    assert [run.label for run in house.queries.active_runs()] == ["s1", "s2"]
    assert {run.experiment for run in house.queries.active_runs()} == {number}


def test_several_experiments_at_once(house: House) -> None:
    one, two = house.propose().number, house.propose().number
    found = house.queries.experiments([two, one, 9999])
    assert found == (house.queries.experiment(one), house.queries.experiment(two))
