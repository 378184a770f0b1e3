"""`python -m worker` as people run it, with real training: killed, restarted, stopped, deaf."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.doorbell import Task
from db.lifecycle import ExitCause, RunStatus
from db.records import Run
from tests.service.worker.premises import HOST, KAI, Premises
from tests.service.worker.test_process_launcher import has_ended

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

LONG = 2_000_000
SHORT = 512


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    premises = Premises(tmp_path)
    yield premises
    premises.close()


def test_two_seeds_run_to_one_result_though_every_doorbell_rings_ten_times(premises: Premises) -> None:
    premises.start()
    experiment = premises.approve(seeds=2, steps=SHORT)
    rung = set()

    def ring_at_every_change() -> bool:
        for run in premises.queries.experiment(experiment.number).runs:
            if (run.id, run.status) not in rung:
                rung.add((run.id, run.status))
                premises.ring_everything(experiment.number, run, times=10)
        return premises.concluded(experiment)

    premises.wait_for(ring_at_every_change, what="the result")
    for _ in range(10):
        premises.bell.ring(Task.CONCLUDE, experiment.number)
    premises.wait_for(premises.no_messages, what="all is heard")
    premises.wait_for(premises.all_slots_free, what="free slots")
    assert premises.end() == 0

    shown = premises.queries.experiment(experiment.number)
    assert [run.status for run in shown.runs] == [RunStatus.SUCCEEDED] * 3
    assert [run.attempt.n for run in shown.runs if run.attempt] == [1, 1, 1]
    assert [run.result.n_eval_episodes for run in shown.runs[1:] if run.result] == [100, 100]
    assert shown.smoke is not None
    assert len(shown.results) == 1
    kinds = [event.kind for event in premises.queries.events(experiment.number)]
    assert kinds.count("attempt.reserved") == 3
    plot = premises.shared.artifacts_folder / str(shown.results[0].plot_path)
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert shown.key in shown.results[0].plot_alt
    sheet = premises.shared.artifacts_folder / str(shown.results[0].sheet_path)
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert "diagnostics of 2 seeds" in shown.results[0].sheet_alt


def test_training_survives_the_worker_and_is_adopted(premises: Premises) -> None:
    """SIGKILL to the Celery worker, SIGKILL to the host loop, SIGTERM to the host loop, a person's Stop."""
    premises.start()
    experiment = premises.approve(seeds=2, steps=LONG)
    premises.wait_for(lambda: premises.steps(experiment, "s1") > 0, what="s1 trains")
    premises.wait_for(lambda: premises.steps(experiment, "s2") > 0, what="s2 trains")
    s1, s2 = (premises.pid(premises.run(experiment, label)) for label in ("s1", "s2"))

    dead = premises.kill_celery()
    premises.wait_for(lambda: premises.celery_id() not in (None, dead), what="a new Celery worker")
    celery = premises.celery_id()
    premises.kill_host_loop()
    premises.wait_for(lambda: celery is not None and has_ended(celery), what="Celery ends with its host")
    assert not has_ended(s1)
    assert not has_ended(s2)

    os.kill(s1, signal.SIGTERM)  # nobody is there to see how it ends
    premises.wait_for(lambda: has_ended(s1), what="s1 saves and ends")
    premises.start()
    premises.wait_for(lambda: premises.attempt(experiment, "s1") == 2, what="s1 goes on")
    premises.wait_for(lambda: premises.steps(experiment, "s1") > 0, what="s1 trains again")
    resumed = premises.run(experiment, "s1")
    spec = json.loads((premises.folder(resumed) / "spec.json").read_text())
    assert Path(spec["resume_from"]).parent.parent == premises.folder(resumed).parent / "a1"
    exits = [event for event in premises.queries.events(experiment.number) if "exit_code" in event.payload]
    assert 12 in [event.payload["exit_code"] for event in exits]

    assert premises.end() == 0
    assert "worker ended; 2 runs go on training" in premises.said
    assert not has_ended(s2)
    premises.start()
    premises.ledger.experiments.request_stop(experiment.number, KAI)
    premises.wait_for(lambda: premises.concluded(experiment), what="the result")
    assert_stopped_by_kai(premises.run(experiment, "s1"), attempt=2)
    assert_stopped_by_kai(premises.run(experiment, "s2"), attempt=1)
    assert has_ended(s2)
    assert len(premises.queries.experiment(experiment.number).results) == 1


def assert_stopped_by_kai(run: Run, *, attempt: int) -> None:
    assert (run.status, run.cause) == (RunStatus.CANCELED, ExitCause.STOPPED)
    assert run.attempt is not None
    assert (run.attempt.n, run.attempt.exit_code) == (attempt, 12)
    assert run.result is not None
    assert run.result.checkpoint is not None
    assert "Kai" in run.message


def test_what_no_doorbell_announced_is_found_by_the_sweep(premises: Premises) -> None:
    """What nobody hears is rung again; here the first ring for each task is lost, whoever rings."""
    premises.start()
    experiment = premises.approve(seeds=1, steps=SHORT)
    lost = set()

    def lose_first_rings() -> bool:
        for message in premises.messages():
            about = premises.about(message)
            if about is not None and about not in lost:
                message.unlink(missing_ok=True)
                lost.add(about)
        return premises.concluded(experiment)

    premises.pause_celery()
    premises.wait_for(
        lambda: premises.run(experiment, "smoke").status is RunStatus.STARTING, what="a reservation"
    )
    lose_first_rings()
    premises.continue_celery()
    premises.wait_for(lose_first_rings, what="the result", deadline_s=180)
    assert lost
    assert len(premises.queries.experiment(experiment.number).results) == 1


def test_a_second_worker_of_the_same_host_is_refused(premises: Premises) -> None:
    premises.start()
    environment = {**os.environ, "SIGNOFF_DATA_DIR": str(premises.root), "SIGNOFF_HOST_ID": HOST}
    second = subprocess.run(
        [sys.executable, "-m", "worker"], env=environment, capture_output=True, text=True, check=False
    )
    assert second.returncode == 2
    assert "already runs" in second.stderr


def test_a_launcher_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    environment = {**os.environ, "SIGNOFF_DATA_DIR": str(tmp_path), "SIGNOFF_LAUNCHER": "kubernetes"}
    refused = subprocess.run(
        [sys.executable, "-m", "worker"], env=environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "SIGNOFF_LAUNCHER=kubernetes: Input should be 'process' or 'docker'" in refused.stderr


def test_a_worker_without_a_ledger_names_the_remedy(tmp_path: Path) -> None:
    environment = {**os.environ, "SIGNOFF_DATA_DIR": str(tmp_path / "nothing")}
    refused = subprocess.run(
        [sys.executable, "-m", "worker"], env=environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "signoff migrate" in refused.stderr
