"""A dataset from its registration to a result: signed, found by the worker, learnt from, drawn."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.doorbell import Task
from db.lifecycle import ApprovalPolicy, RunStatus
from db.records import Budget, Dataset, DecisionKind, Experiment, Intent, Proposal
from tests.service.worker.premises import ANA, KAI, Premises
from tests.unit.trainer.offline.datasets import flat_file
from trainer.contract import JsonObject
from trainer.dataset_files import dataset_sha256

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

NAME = "cartpole.hdf5"
DEADLINE_S = 400.0


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    premises = Premises(tmp_path)
    yield premises
    premises.close()


def _approve(premises: Premises) -> Experiment:
    encoder: JsonObject = {"type": "vector", "hidden_units": [16]}
    delta: JsonObject = {
        "algo": "cql",
        "total_timesteps": 60,
        "n_envs": None,
        "hyperparams": {"learning_rate": 1e-3, "encoder_factory": encoder, "n_steps": None, "batch_size": 16},
        "dataset": {"id": NAME},
    }
    inherited = premises.queries.resolved(premises.baseline()).config["hyperparams"]
    assert isinstance(inherited, dict)
    delta["hyperparams"] = {**dict.fromkeys(inherited), **delta["hyperparams"]}  # type: ignore[dict-item]  # an object
    intent = Intent(title="Offline", objective="learn", hypothesis="it does", expected="final reward > 400")
    proposal = Proposal(
        ANA, premises.baseline(), delta, intent, Budget(seeds=1, time_limit_s=600), channel_id="C1"
    )
    proposed = premises.ledger.experiments.propose(proposal)
    return premises.ledger.experiments.decide(
        proposed.number,
        revision=1,
        approval_hash=proposed.revision.approval_hash,
        kind=DecisionKind.APPROVE,
        decider=KAI,
        policy=ApprovalPolicy(approvers=None),
    )


def test_a_seed_learns_from_the_dataset_that_was_signed(premises: Premises) -> None:
    path = flat_file(premises.shared.datasets_folder / NAME, "CartPole-v1")
    dataset = Dataset(NAME, dataset_sha256(path), path.stat().st_size, "ana", datetime.now(UTC))
    premises.ledger.datasets.register(dataset)
    premises.start()
    premises.wait_for(lambda: premises.queries.runtime() is not None, what="a worker joins")
    experiment = _approve(premises)
    premises.bell.ring(Task.SCHEDULE, 0)
    premises.wait_for(lambda: premises.concluded(experiment), what="the result", deadline_s=DEADLINE_S)
    assert premises.end() == 0
    run = premises.run(experiment, "s1")
    assert run.status is RunStatus.SUCCEEDED, run.message
    assert run.result is not None
    assert run.result.timesteps == 60
    assert run.result.versions["d3rlpy"]
    (result,) = premises.queries.experiment(experiment.number).results
    for drawn in (result.plot_path, result.sheet_path):
        assert (premises.shared.artifacts_folder / str(drawn)).read_bytes().startswith(b"\x89PNG")
