"""`python -m worker` with the Docker launcher: real ledger, doorbells, containers and training."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.lifecycle import ExitCause, RunStatus
from tests.service.docker.engine import Engine
from tests.service.docker.images import IMAGE
from tests.service.worker.premises import KAI, Premises

pytestmark = [pytest.mark.service, pytest.mark.timeout(1500)]

LONG = 50_000_000
SHORT = 512


@pytest.fixture
def premises(docker_engine: Engine, trainer_image: str, tmp_path: Path) -> Iterator[Premises]:
    instance = f"whole-{uuid.uuid4().hex[:8]}"
    premises = Premises(
        tmp_path,
        SIGNOFF_LAUNCHER="docker",
        SIGNOFF_INSTANCE=instance,
        SIGNOFF_TRAINER_IMAGE=IMAGE,
        DOCKER_HOST=docker_engine.url,
    )
    yield premises
    premises.close()
    with docker_engine.client() as client:
        for container in client.containers.list(all=True, ignore_removed=True):
            if container.labels.get("signoff.instance") == instance:
                container.remove(force=True)


def test_an_experiment_runs_in_containers_of_the_signed_image(
    premises: Premises, docker_engine: Engine, trainer_image: str
) -> None:
    premises.start()
    experiment = premises.approve(seeds=1, steps=SHORT)
    premises.wait_for(lambda: premises.concluded(experiment), what="the result", deadline_s=300)
    premises.wait_for(premises.all_slots_free, what="free slots")
    assert premises.end() == 0

    runs = premises.queries.experiment(experiment.number).runs
    assert [(run.label, run.status) for run in runs] == [
        ("smoke", RunStatus.SUCCEEDED),
        ("s1", RunStatus.SUCCEEDED),
    ], premises.log()
    result = runs[1].result
    assert result is not None
    assert result.backend is not None
    assert result.backend.name == "fast"
    assert result.backend.prepared_s < 5, "the image's compiled code is used"
    signed_for = premises.queries.runtime_of(runs[1].id)
    assert (signed_for.digest, signed_for.launcher) == (trainer_image, "docker")
    assert signed_for.versions["torch"].startswith("2.")
    assert len(signed_for.versions["trainer"].removesuffix("-changed")) == 40
    with docker_engine.client() as client:
        found = client.containers.get(
            f"signoff-{premises.settings['SIGNOFF_INSTANCE']}-E-{experiment.number}-s1-a1"
        )
        assert found.attrs["Image"] == trainer_image
        assert found.attrs["HostConfig"]["NetworkMode"] == "none"
        assert found.status == "exited"


def test_a_restart_of_docker_ends_training_which_goes_on_by_itself(
    premises: Premises, fragile_engine: Engine
) -> None:
    """kill -9 of dockerd without live-restore: at its restart it kills what has survived."""
    premises.start()
    experiment = premises.approve(seeds=1, steps=LONG)

    def has_saved() -> bool:
        run = premises.run(experiment, "s1")
        return run.attempt is not None and any((premises.folder(run) / "checkpoints").glob("*/manifest.json"))

    premises.wait_for(has_saved, what="a checkpoint", deadline_s=300)
    fragile_engine.kill()
    premises.wait_for(lambda: "launcher_down" in premises.flags(), what="the host says so")
    assert premises.run(experiment, "s1").status is RunStatus.RUNNING
    fragile_engine.start()
    premises.wait_for(lambda: premises.attempt(experiment, "s1") == 2, what="attempt 2", deadline_s=200)
    premises.wait_for(lambda: premises.steps(experiment, "s1") > 0, what="it trains", deadline_s=200)
    run = premises.run(experiment, "s1")
    assert run.resumes == 1
    assert (premises.folder(run) / "spec.json").read_text().count("/a1/checkpoints/") == 1
    premises.ledger.experiments.request_stop(experiment.number, KAI)
    premises.wait_for(lambda: premises.concluded(experiment), what="the result", deadline_s=200)
    run = premises.run(experiment, "s1")
    assert (run.status, run.cause) == (RunStatus.CANCELED, ExitCause.STOPPED)
    assert run.result is not None
    assert run.result.resumed_from is not None
    assert premises.end() == 0
