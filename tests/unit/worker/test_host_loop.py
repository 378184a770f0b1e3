"""The host loop over a real ledger: from an approval to a result, whatever doorbells do."""

import shutil

import pytest

from db.artifacts_mark import MARK
from db.doorbell import Task
from db.lifecycle import AttemptStatus, ExitCause, RunStatus
from db.records import Experiment
from tests.unit.worker.house import House
from trainer.contract import RunKind, RunSpec
from worker.launchers.launcher import LaunchFailed, LaunchRefused
from worker.tasks import perform


def test_an_approved_experiment_runs_to_its_result(house: House) -> None:
    experiment = house.approve(seeds=3)
    house.pass_smoke(experiment)
    house.turns_until(lambda: house.running(experiment, "s1") and house.running(experiment, "s2"))
    assert house.run(experiment, "s3").status is RunStatus.QUEUED
    house.finishes(house.run(experiment, "s1"))
    house.turns_until(lambda: house.running(experiment, "s3"))
    house.finishes(house.run(experiment, "s2"))
    house.finishes(house.run(experiment, "s3"))
    house.turns_until(lambda: bool(house.queries.experiment(experiment.number).results))
    result = house.queries.experiment(experiment.number).results[0]
    assert result.plot_path == f"experiments/{experiment.key}/result-1.png"
    assert (house.work.artifacts / result.plot_path).exists()
    assert result.plot_alt == f"picture of {experiment.key}"


def test_the_trainer_is_told_everything_and_no_more(house: House) -> None:
    experiment = house.approve(seeds=1, guards="solves at 475 within 50k steps")
    house.turns_until(lambda: house.running(experiment, "smoke"))
    smoke = RunSpec.model_validate_json(
        (house.folder(house.run(experiment, "smoke")) / "spec.json").read_text()
    )
    assert smoke.kind is RunKind.SMOKE
    assert smoke.smoke is not None
    assert smoke.solve_targets == ()
    house.pass_smoke(experiment)
    house.turns_until(lambda: house.running(experiment, "s1"))
    run = house.run(experiment, "s1")
    spec = RunSpec.model_validate_json((house.folder(run) / "spec.json").read_text())
    assert (spec.experiment, spec.run, spec.attempt) == (experiment.key, run.key, 1)
    assert (spec.kind, spec.smoke, spec.resume_from) == (RunKind.SEED, None, None)
    assert spec.config == run.config
    assert spec.time_limit_s == 3600
    assert [(t.threshold, t.within_steps) for t in spec.solve_targets] == [(475, 50_000)]


def test_every_doorbell_ten_times_has_one_effect(house: House) -> None:
    experiment = house.approve(seeds=2)
    labels = ("smoke", "s1", "s2")
    for _ in range(16):
        house.step()
        house.deliver(times=10)
        for label in labels:
            run = house.run(experiment, label)
            if run.status is RunStatus.RUNNING:
                house.finishes(run)
    shown = house.queries.experiment(experiment.number)
    assert [run.status for run in shown.runs] == [RunStatus.SUCCEEDED] * 3
    assert len(shown.results) == 1
    assert len(house.launcher.launches) == len(set(house.launcher.launches)) == 3
    assert [run.attempt.n for run in shown.runs if run.attempt] == [1, 1, 1]


def test_without_any_doorbell_the_sweep_rings_for_everything(house: House) -> None:
    """Every ring is lost but those of the sweep, which come late."""
    experiment = house.approve(seeds=1)
    swept: list[tuple[Task, int]] = []
    for _ in range(30):
        house.step(5)
        rung = house.bell.take()
        swept += rung
        for task, number in rung:
            perform(house.work, task, number)
            house.bell.take()  # what a task rings is never heard
        for label in ("smoke", "s1"):
            run = house.run(experiment, label)
            if run.status is RunStatus.RUNNING:
                house.finishes(run)
    assert house.ended(experiment, "smoke", "s1")
    assert len(house.queries.experiment(experiment.number).results) == 1


@pytest.mark.parametrize(
    ("code", "signal", "expected"),
    [
        (1, None, ExitCause.CODE_ERROR),
        (11, None, ExitCause.NAN),
        (139, 11, ExitCause.CODE_ERROR),
        (42, None, ExitCause.CODE_ERROR),
    ],
)
def test_a_crash_has_its_cause_and_its_log(
    house: House, training: Experiment, code: int, signal: int | None, expected: ExitCause
) -> None:
    run = house.run(training, "s1")
    (house.folder(run) / "train.log").write_text("line\nTraceback: token=" + "abcdef123\n")
    house.launcher.says(house.handle(run), "line\nprinted only\n")
    house.launcher.exits(house.handle(run), code, signal=signal)
    house.turns_until(lambda: house.ended(training, "s1"))
    ended = house.run(training, "s1")
    assert (ended.status, ended.cause) == (RunStatus.FAILED, expected)
    assert ended.log_tail.splitlines() == ["line", "Traceback: token=[redacted]", "printed only"]
    assert ended.attempt is not None
    assert ended.attempt.exit_code == code


def test_a_failed_start_is_tried_again(house: House) -> None:
    house.launcher.next_failure = LaunchFailed("no room")
    experiment = house.approve(seeds=1)
    house.turns_until(lambda: house.running(experiment, "smoke"))
    run = house.run(experiment, "smoke")
    assert run.attempt is not None
    assert run.attempt.n == 2
    assert [slot.owner_attempt_id for slot in house.queries.slots("here") if slot.kind == "smoke"] == [
        run.attempt.id
    ]


def test_a_start_that_can_never_succeed_ends_the_run(house: House) -> None:
    house.launcher.next_failure = LaunchRefused("no such image")
    experiment = house.approve(seeds=1)
    house.turns_until(lambda: house.ended(experiment, "smoke"))
    run = house.run(experiment, "smoke")
    assert (run.status, run.cause) == (RunStatus.FAILED, ExitCause.START_FAILURE)
    assert "no such image" in run.message
    assert house.run(experiment, "s1").status is RunStatus.CANCELED


def test_a_failed_picture_costs_no_result(house: House, training: Experiment) -> None:
    house.artist.broken = "out of ink"
    for label in ("s1", "s2"):
        house.finishes(house.run(training, label))
    house.turns_until(lambda: bool(house.queries.experiment(training.number).results))
    result = house.queries.experiment(training.number).results[0]
    assert result.plot_path is None
    assert result.plot_alt == "The plot could not be drawn: out of ink"


def test_a_result_that_cannot_be_read_is_a_failure_in_words(house: House, training: Experiment) -> None:
    run = house.run(training, "s1")
    (house.folder(run) / "result.json").symlink_to("/etc/passwd")
    house.launcher.exits(house.handle(run), 0)
    house.turns_until(lambda: house.ended(training, "s1"))
    ended = house.run(training, "s1")
    assert ended.status is RunStatus.FAILED
    assert "result.json cannot be read" in ended.message


def test_nothing_starts_on_a_disk_that_is_nearly_full(house: House) -> None:
    experiment = house.approve(seeds=1)
    free_mb = shutil.disk_usage(house.root).free // 2**20
    house.settings = house.settings.model_copy(update={"min_free_mb": 2 * free_mb})
    house.restart()
    house.turn()
    house.turn()
    assert house.run(experiment, "smoke").status is RunStatus.QUEUED
    assert house.queries.hosts()[0].flags == ("disk_low",)


def test_nothing_starts_in_the_artifacts_of_another_ledger(house: House) -> None:
    house.work.artifacts.mkdir(parents=True)
    mark = house.work.artifacts / MARK
    mark.write_text("0123456789abcdef")
    experiment = house.approve(seeds=1)
    house.turn()
    house.turn()
    assert house.run(experiment, "smoke").status is RunStatus.QUEUED
    assert house.queries.hosts()[0].flags == ("artifacts_foreign",)
    mark.unlink()
    house.turns_until(lambda: house.run(experiment, "smoke").status is not RunStatus.QUEUED)
    assert mark.read_text().strip() == house.queries.ledger_name()


def test_a_run_folder_that_cannot_be_written_is_a_failed_start(house: House) -> None:
    house.work.artifacts.mkdir(parents=True)
    experiment = house.approve(seeds=1)
    (house.work.artifacts / experiment.key).write_text("in the way")
    house.turns_until(lambda: "cannot be written" in house.run(experiment, "smoke").message)
    attempt = house.run(experiment, "smoke").attempt
    assert attempt is not None
    assert attempt.status in (AttemptStatus.START_FAILED, AttemptStatus.RESERVED)
