"""Start weights: what a proposal's `init.from` is fixed to, and when it is refused."""

from typing import Any

import pytest

from db.config.resolve import value_at
from db.errors import StartRefused
from db.lifecycle import ExitCause, RunStatus
from db.records import Experiment
from tests.builders import House, result

HASH = "ab" * 32


def _from(source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"init": {"from": source, **more}}


@pytest.fixture
def trained(house: House) -> Experiment:
    """An experiment with two finished seeds."""
    return house.finish_all(house.approved(seeds=2).number)


def test_the_checkpoints_hash_and_steps_are_part_of_what_is_signed(house: House, trained: Experiment) -> None:
    source = f"{trained.key}/s1"
    made = house.propose(delta=_from(source, load="optimizer"))
    fixed = {"from": source, "load": "optimizer", "sha256": HASH, "timesteps": 1000}
    assert made.revision.config["init"] == made.revision.delta["init"] == fixed
    assert house.queries.resolved(made.number).config == made.revision.config
    other = house.propose(delta=_from(f"{trained.key}/s2", load="optimizer"))
    hashes = {(one.revision.spec_hash, one.revision.approval_hash) for one in (made, other)}
    assert len(hashes) == 2


def test_what_was_typed_as_hash_is_not_believed(house: House, trained: Experiment) -> None:
    made = house.propose(delta=_from(f"{trained.key}/s1", sha256="cd" * 32, timesteps=1))
    assert value_at(made.revision.config, ("init", "sha256")) == HASH


def test_inherited_steps_add_up_and_a_child_keeps_what_its_parent_was_signed_with(
    house: House, trained: Experiment
) -> None:
    first = house.approved(delta=_from(f"{trained.key}/s1"), seeds=1)
    house.finish_all(first.number)
    child = house.propose(parent=first.number, delta={"hyperparams": {"gamma": 0.9}})
    assert child.revision.config["init"] == first.revision.config["init"]
    without = house.propose(parent=first.number, delta={"init": {"from": None}})
    assert "init" not in without.revision.config


def test_of_a_whole_experiment_each_seed_takes_a_run_of_its_own(house: House, trained: Experiment) -> None:
    made = house.propose(delta=_from(trained.key))
    sources = [
        {"from": f"{trained.key}/{label}", "sha256": HASH, "timesteps": 1000} for label in ("s1", "s2")
    ]
    assert made.revision.config["init"] == {"from": trained.key, "sources": sources}
    typed = house.propose(delta=_from(f"{trained.key}/s2, {trained.key}"))
    assert typed.revision.config["init"] == {
        "from": [f"{trained.key}/s2", trained.key],
        "sources": [sources[1], *sources],
    }
    assert made.revision.spec_hash != typed.revision.spec_hash


def test_one_kind_of_beginning_leaves_nothing_of_the_other(house: House, trained: Experiment) -> None:
    several = house.approved(delta=_from(trained.key), seeds=1)
    house.finish_all(several.number)
    one = house.approved(parent=several.number, delta=_from(f"{trained.key}/s2"), seeds=1)
    assert one.revision.config["init"] == {
        "from": f"{trained.key}/s2",
        "sha256": HASH,
        "timesteps": 1000,
    }
    house.finish_all(one.number)
    again = house.propose(parent=one.number, delta=_from([trained.key]))
    assert value_at(again.revision.config, ("init", "sha256")) is None
    assert value_at(again.revision.config, ("init", "from")) == trained.key


def test_a_whole_experiment_is_those_of_its_seeds_that_have_finished(house: House) -> None:
    experiment = house.approved(seeds=3)
    runs = {run.label: run for run in experiment.runs}
    house.finish(runs["s2"], status=RunStatus.FAILED, cause=ExitCause.NAN)
    house.finish_all(experiment.number)
    made = house.propose(delta=_from(experiment.key))
    sources = value_at(made.revision.config, ("init", "sources"))
    assert isinstance(sources, list)
    assert [value_at(one, ("from",)) for one in sources] == [f"{experiment.key}/s1", f"{experiment.key}/s3"]


def test_of_a_seed_that_was_run_again_the_newest_finished_run_counts(house: House) -> None:
    experiment = house.approved(seeds=1)
    run = next(run for run in experiment.runs if run.label == "s1")
    house.finish(run, status=RunStatus.FAILED, cause=ExitCause.INFRASTRUCTURE)
    house.ledger.experiments.retry(experiment.number, "s1", experiment.author)
    house.finish_all(experiment.number)
    made = house.propose(delta=_from(f"{experiment.key}/s1"))
    assert value_at(made.revision.config, ("init", "from")) == f"{experiment.key}/s1.2"


def test_what_is_not_there_is_refused(house: House, trained: Experiment) -> None:
    running = house.approved(seeds=1)
    refusals: tuple[tuple[str | list[str], str], ...] = (
        ("E-99/s1", "E-99/s1 is not in the ledger"),
        (f"{trained.key}/s7", "is not in the ledger"),
        (f"{running.key}/s1", "has no finished run with a checkpoint that can be named (queued)"),
        ("E-x", "is no run; name a seed such as E-12/s1, or E-12"),
        ("E-99", "E-99 has no finished seed"),
        (running.key, "has no finished seed"),
        ([], "names 0 runs"),
    )
    for source, words in refusals:
        with pytest.raises(StartRefused) as refused:
            house.propose(delta=_from(source))
        assert words in str(refused.value)
    with pytest.raises(StartRefused, match=r"add init\.from"):
        house.propose(delta={"init": {"load": "all"}})


@pytest.mark.parametrize("named", ["../E-1-s1-a1/checkpoints/1000", "/etc", "checkpoints/../x", None])
def test_a_checkpoint_outside_of_the_runs_own_folder_is_none(house: House, named: str | None) -> None:
    experiment = house.approved(seeds=1)
    run = next(run for run in experiment.runs if run.label == "s1")
    attempt = house.start(run)
    house.end(attempt, exit_code=0)
    left = result(run, attempt.n).model_copy(update={"checkpoint": named})
    house.ledger.runs.finish(
        run.id, status=RunStatus.SUCCEEDED, cause=ExitCause.FINISHED, result=left, message=""
    )
    with pytest.raises(StartRefused, match="no finished run with a checkpoint that can be named"):
        house.propose(delta=_from(f"{experiment.key}/s1"))


def test_normalisation_is_there_on_both_sides_or_on_none(house: House, trained: Experiment) -> None:
    normalized = value_at(trained.revision.config, ("env", "normalize")) is not None
    delta = {**_from(f"{trained.key}/s1"), "env": {"normalize": None if normalized else {"norm_obs": True}}}
    with pytest.raises(StartRefused, match=r"keep its env\.normalize"):
        house.propose(delta=delta)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"algo": "a2c", "hyperparams": None}, "its algorithm is .*ppo, here it is a2c"),
        ({"hyperparams": {"policy_kwargs": {"net_arch": [8]}}}, "its policy_kwargs is"),
        ({"program": {"name": "climb"}}, "its training program is Signoff's, here it is climb"),
        ({"env": {"id": "Acrobot-v1"}}, "CartPole-v1 has observations .*, Acrobot-v1 has"),
    ],
)
def test_weights_that_cannot_fit_are_refused(
    house: House, trained: Experiment, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(StartRefused, match=words):
        house.propose(delta={**_from(f"{trained.key}/s1"), **more})
