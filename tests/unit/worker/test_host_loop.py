"""The host loop over a real ledger: what becomes of runs, whatever doorbells and launchers do."""

import json
import shutil
from dataclasses import replace

import pytest

from db.doorbell import Task
from db.errors import LeaseLost
from db.lifecycle import AttemptStatus, ExitCause, RunStatus
from db.records import Experiment
from tests.unit.worker.house import KAI, SMOKE, House
from tests.unit.worker.test_run_folder import save
from trainer.contract import RunKind, RunSpec
from worker.launch import _launch_spec
from worker.launchers.fake import FakeLauncher
from worker.launchers.launcher import LaunchFailed, LaunchRefused
from worker.names import attempt_token
from worker.tasks import perform


@pytest.fixture
def training(house: House) -> Experiment:
    """Two seeds that run."""
    experiment = house.approve(seeds=2)
    house.pass_smoke(experiment)
    house.turns_until(lambda: house.running(experiment, "s1") and house.running(experiment, "s2"))
    return experiment


def cause(house: House, experiment: Experiment, label: str = "s1") -> ExitCause | None:
    return house.run(experiment, label).cause


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


def test_a_launch_that_crashed_before_it_was_recorded_is_adopted(house: House) -> None:
    experiment = house.approve(seeds=1)
    house.step()
    reserved = house.run(experiment, "smoke").attempt
    assert reserved is not None
    run = house.run(experiment, "smoke")
    house.launcher.launch(_launch_spec(house.work, run, reserved), attempt_token(reserved, run))
    house.bell.take()
    house.step()
    house.step()
    assert house.running(experiment, "smoke")
    house.deliver()
    assert len(house.launcher.launches) == 1


def test_what_is_gone_is_resumed_from_its_newest_whole_checkpoint(house: House, training: Experiment) -> None:
    house.clock.passes(100)
    run = house.run(training, "s1")
    save(house.folder(run), 500)
    (save(house.folder(run), 900) / "model.zip").write_text("half")
    house.launcher.vanishes(house.handle(run))
    house.turn()
    house.turn()
    assert house.run(training, "s1").status is RunStatus.RUNNING
    house.turns_until(lambda: (house.run(training, "s1").attempt or run.attempt).n == 2)  # type: ignore[union-attr]  # it has one
    house.turns_until(lambda: house.running(training, "s1"))
    again = house.run(training, "s1")
    spec = json.loads((house.folder(again) / "spec.json").read_text())
    assert spec["resume_from"] == str(house.folder(run) / "checkpoints" / "500")
    assert again.resumes == 1


def test_after_three_resumes_it_has_failed(house: House, training: Experiment) -> None:
    house.clock.passes(100)
    for _ in range(4):
        house.turns_until(lambda: house.running(training, "s1"))
        house.launcher.vanishes(house.handle(house.run(training, "s1")))
        house.turns_until(lambda: not house.running(training, "s1"))
    house.turns_until(lambda: house.ended(training, "s1"))
    run = house.run(training, "s1")
    assert (run.status, run.cause) == (RunStatus.FAILED, ExitCause.INFRASTRUCTURE)
    assert run.attempt is not None
    assert run.attempt.n == 4


def test_a_launcher_that_does_not_answer_decides_nothing(house: House, training: Experiment) -> None:
    house.clock.passes(100)
    house.launcher.down = True
    for _ in range(50):
        house.turn()
    assert house.running(training, "s1")
    assert house.queries.hosts()[0].flags == ("launcher_down",)
    house.launcher.down = False
    house.turn()
    house.turn()
    assert house.queries.hosts()[0].flags == ()
    assert house.running(training, "s1")


def test_a_restarted_host_adopts_what_runs_and_learns_its_exit(house: House, training: Experiment) -> None:
    house.restart()
    house.turn()
    assert house.running(training, "s1")
    house.finishes(house.run(training, "s1"))
    house.turns_until(lambda: house.ended(training, "s1"))
    assert house.run(training, "s1").status is RunStatus.SUCCEEDED
    assert len(house.launcher.launches) == 3


def test_an_older_process_of_the_host_writes_nothing_any_more(house: House, training: Experiment) -> None:
    older, loop = house.work, house.loop
    house.restart()
    house.launcher.exits(house.handle(house.run(training, "s1")), 0)
    with pytest.raises(LeaseLost):
        loop.step()
    perform(older, Task.SCHEDULE, 0)
    assert house.running(training, "s1")


def test_nothing_is_declared_gone_right_after_a_restart(house: House, training: Experiment) -> None:
    house.restart()
    house.launcher.vanishes(house.handle(house.run(training, "s1")))
    for _ in range(25):
        house.turn()
    assert house.running(training, "s1")
    house.turns_until(lambda: not house.running(training, "s1"))


def test_a_stop_says_who_asked(house: House, training: Experiment) -> None:
    house.launcher.code_when_stopped = 12
    house.ledger.experiments.request_stop(training.number, KAI)
    house.turns_until(lambda: house.ended(training, "s1", "s2"))
    run = house.run(training, "s1")
    assert (run.status, run.cause) == (RunStatus.CANCELED, ExitCause.STOPPED)
    assert "Kai" in run.message


def test_what_ignores_a_stop_is_killed_after_the_grace(house: House, training: Experiment) -> None:
    house.launcher.code_when_stopped = None
    house.ledger.experiments.request_stop(training.number, KAI)
    for _ in range(29):
        house.turn()
    assert house.running(training, "s1")
    house.turns_until(lambda: house.ended(training, "s1", "s2"))
    run = house.run(training, "s1")
    assert (run.status, run.cause) == (RunStatus.CANCELED, ExitCause.STOPPED)
    assert "killed" in run.message


def test_a_stop_before_the_launch_starts_nothing(house: House) -> None:
    experiment = house.approve(seeds=1)
    house.step()
    assert house.run(experiment, "smoke").status is RunStatus.STARTING
    house.ledger.experiments.request_stop(experiment.number, KAI)
    house.deliver()
    house.turns_until(lambda: house.ended(experiment, "smoke", "s1"))
    assert house.launcher.launches == []
    assert house.run(experiment, "smoke").cause is ExitCause.STOPPED
    house.turns_until(lambda: not any(slot.owner_attempt_id for slot in house.queries.slots("here")))


def test_a_stop_that_comes_after_the_end_changes_nothing(house: House, training: Experiment) -> None:
    house.finishes(house.run(training, "s1"))
    house.ledger.experiments.request_stop(training.number, KAI)
    house.turns_until(lambda: house.ended(training, "s1", "s2"))
    assert house.run(training, "s1").status is RunStatus.SUCCEEDED
    assert house.run(training, "s2").status is RunStatus.CANCELED


def test_a_run_over_its_time_limit_is_ended_by_the_backstop(house: House, training: Experiment) -> None:
    house.launcher.code_when_stopped = 143
    house.clock.passes(3600)
    house.turns_until(lambda: house.ended(training, "s1", "s2"), at_most=100)
    run = house.run(training, "s1")
    assert (run.status, run.cause) == (RunStatus.FAILED, ExitCause.TIME_LIMIT)


def test_progress_reaches_the_ledger_and_silence_is_flagged(house: House, training: Experiment) -> None:
    house.says_progress(house.run(training, "s1"), 300)
    version = house.run(training, "s1").version
    house.turn()
    run = house.run(training, "s1")
    assert run.progress is not None
    assert (run.progress.timesteps, run.stalled, run.version) == (300, False, version)
    house.clock.passes(1800)
    house.turn()
    assert house.run(training, "s1").stalled
    house.says_progress(house.run(training, "s1"), 400)
    house.turn()
    assert not house.run(training, "s1").stalled


def test_a_damaged_heartbeat_is_not_the_end(house: House, training: Experiment) -> None:
    (house.folder(house.run(training, "s1")) / "progress.json").write_text("{")
    house.turn()
    assert house.running(training, "s1")


def test_silence_without_any_heartbeat_is_flagged_too(house: House, training: Experiment) -> None:
    house.clock.passes(1800)
    house.turn()
    assert house.run(training, "s1").stalled


def test_slots_are_freed_only_when_the_process_is_dead(house: House, training: Experiment) -> None:
    run = house.run(training, "s1")
    assert run.attempt is not None
    owners = {slot.owner_attempt_id for slot in house.queries.slots("here")}
    assert run.attempt.id in owners
    house.ledger.runs.attempt_gone(run.attempt.id, house.work.epoch)
    house.turn()
    assert run.attempt.id in {slot.owner_attempt_id for slot in house.queries.slots("here")}
    house.launcher.exits(house.handle(run), 137, signal=9)
    house.turn()
    assert run.attempt.id not in {slot.owner_attempt_id for slot in house.queries.slots("here")}


def test_an_orphan_is_stopped_late(house: House, training: Experiment) -> None:
    run = house.run(training, "s1")
    assert run.attempt is not None
    house.ledger.runs.attempt_gone(run.attempt.id, house.work.epoch)
    house.turn(290)
    assert house.launcher.inspect(house.handle(run)).exit_code is None  # type: ignore[union-attr]  # it is there
    house.turn(20)
    assert house.launcher.inspect(house.handle(run)).exit_code == 143  # type: ignore[union-attr]  # it is there


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


def test_a_run_folder_that_cannot_be_written_is_a_failed_start(house: House) -> None:
    house.work.artifacts.mkdir(parents=True)
    experiment = house.approve(seeds=1)
    (house.work.artifacts / experiment.key).write_text("in the way")
    house.turns_until(lambda: "cannot be written" in house.run(experiment, "smoke").message)
    attempt = house.run(experiment, "smoke").attempt
    assert attempt is not None
    assert attempt.status in (AttemptStatus.START_FAILED, AttemptStatus.RESERVED)


class Stubborn(FakeLauncher):
    """Fails, in a way that nobody foresaw, to stop s1."""

    def stop(self, handle: str, *, grace_s: float) -> None:
        if "-s1-" in handle:
            raise RuntimeError("never seen before")
        super().stop(handle, grace_s=grace_s)


def test_one_bad_run_does_not_stop_the_sweep_over_the_others(house: House) -> None:
    house.launcher = Stubborn(instance="test", clock=house.clock.seconds)
    house.restart()
    experiment = house.approve(seeds=2)
    house.pass_smoke(experiment)
    house.turns_until(lambda: house.running(experiment, "s1") and house.running(experiment, "s2"))
    house.ledger.experiments.request_stop(experiment.number, KAI)
    house.turns_until(lambda: house.ended(experiment, "s2"))
    house.turn()
    assert house.running(experiment, "s1")
    assert house.queries.hosts()[0].flags == ("runs_unclear",)


def test_what_came_and_went_while_nobody_looked_has_its_times(house: House) -> None:
    experiment = house.approve(seeds=1)
    house.step()
    house.deliver()
    started_at = house.clock.now()
    house.clock.passes(30)
    house.finishes(house.run(experiment, "smoke"), result={"smoke": SMOKE})
    house.turns_until(lambda: house.ended(experiment, "smoke"))
    attempt = house.run(experiment, "smoke").attempt
    assert attempt is not None
    assert attempt.finished_at is not None
    assert (attempt.started_at, (attempt.finished_at - started_at).total_seconds()) == (started_at, 30)


def test_a_smoke_run_that_hangs_is_ended_after_minutes(house: House) -> None:
    experiment = house.approve(seeds=1)
    house.turns_until(lambda: house.running(experiment, "smoke"))
    house.clock.passes(170)
    house.turn()
    assert house.running(experiment, "smoke")
    house.turn(20)
    house.turns_until(lambda: house.ended(experiment, "smoke"))
    assert house.run(experiment, "smoke").cause is ExitCause.TIME_LIMIT


def test_another_host_leaves_the_end_of_a_run_to_its_own(house: House, training: Experiment) -> None:
    run = house.run(training, "s1")
    house.finishes(run)
    house.step()
    house.bell.take()
    settings = house.work.settings.model_copy(update={"host_id": "elsewhere"})
    perform(replace(house.work, settings=settings), Task.FINALIZE, run.id)
    assert house.run(training, "s1").status is RunStatus.FINALIZING
    assert house.bell.take() == [(Task.FINALIZE, run.id)]
