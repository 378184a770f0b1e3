from datetime import datetime

import pytest

from db.errors import Conflict, NotFound, Refused
from db.lifecycle import MAX_RESUMES, AttemptStatus, ExitCause, RunStatus
from db.models import RunRow
from db.records import Attempt, Run
from tests.builders import HOST, KAI, House, result
from trainer.contract import Phase, Progress


def only_seed(house: House, number: int) -> Run:
    return house.queries.experiment(number).runs[-1]


@pytest.fixture
def running(house: House) -> Attempt:
    """The attempt of an experiment's only seed, STARTED."""
    return house.start(only_seed(house, house.approved(seeds=1).number))


def test_reports_that_come_twice_change_nothing(house: House, running: Attempt) -> None:
    run = house.queries.run(running.run_id)
    house.ledger.runs.attempt_created(running.id, "other", house.epoch)
    house.ledger.runs.attempt_started(running.id, boot_id="x", started_at=house.clock(), epoch=house.epoch)
    assert house.queries.run(running.run_id) == run
    ended = house.end(running, exit_code=3)
    again = house.ledger.runs.attempt_exited(
        running.id, exit_code=0, finished_at=house.clock.forward(9), epoch=house.epoch
    )
    assert (again.exit_code, again.status) == (3, AttemptStatus.EXITED)
    assert house.ledger.runs.attempt_gone(running.id, house.epoch) == again == ended


def test_an_exit_that_was_missed_from_the_start_is_still_recorded(house: House) -> None:
    house.approved(seeds=1)
    (attempt,) = house.reserve()
    ended = house.ledger.runs.attempt_exited(
        attempt.id, exit_code=137, signal=9, oom_killed=True, finished_at=house.clock(), epoch=house.epoch
    )
    assert (ended.status, ended.exit_code, ended.signal, ended.oom_killed) == (
        AttemptStatus.EXITED,
        137,
        9,
        True,
    )
    assert house.queries.run(attempt.run_id).status is RunStatus.FINALIZING


def test_terminal_is_terminal(house: House, running: Attempt) -> None:
    house.end(running)
    run = house.queries.run(running.run_id)
    first = house.ledger.runs.finish(
        run.id, status=RunStatus.SUCCEEDED, cause=ExitCause.FINISHED, result=result(run)
    )
    second = house.ledger.runs.finish(run.id, status=RunStatus.FAILED, cause=ExitCause.NAN)
    assert second == first
    with pytest.raises(Conflict):
        house.ledger.runs.resume(run.id, "checkpoints/1")
    assert house.ledger.experiments.request_stop(run.experiment, KAI) == 0


def test_only_what_has_ended_is_finished(house: House, running: Attempt) -> None:
    with pytest.raises(Conflict, match="RUNNING"):
        house.ledger.runs.finish(running.run_id, status=RunStatus.FAILED, cause=ExitCause.NAN)
    with pytest.raises(NotFound):
        house.ledger.runs.finish(9999, status=RunStatus.FAILED, cause=ExitCause.NAN)


def test_resumes_start_where_the_checkpoint_is_three_times_at_most(house: House, running: Attempt) -> None:
    attempt = running
    for resumes in range(1, MAX_RESUMES + 1):
        house.end(attempt, exit_code=137)
        run = house.ledger.runs.resume(attempt.run_id, f"E-1/s1/a{resumes}/checkpoints/9")
        assert house.ledger.runs.resume(attempt.run_id, "again") == run
        assert (run.status, run.resumes) == (RunStatus.QUEUED, resumes)
        attempt = house.start(run)
        assert (attempt.n, attempt.resume_from) == (resumes + 1, f"E-1/s1/a{resumes}/checkpoints/9")
    house.end(attempt)
    with pytest.raises(Refused, match="resumed 3 times"):
        house.ledger.runs.resume(attempt.run_id, "checkpoints/9")


def test_what_a_person_stopped_is_not_resumed(house: House, running: Attempt) -> None:
    run = house.queries.run(running.run_id)
    assert house.ledger.experiments.request_stop(run.experiment, KAI) == 1
    assert house.ledger.experiments.request_stop(run.experiment, KAI) == 0
    assert house.queries.run(run.id).cancel_requested_by == KAI
    house.end(running, exit_code=12)
    with pytest.raises(Refused, match="asked to stop"):
        house.ledger.runs.resume(run.id, "checkpoints/9")
    ended = house.ledger.runs.finish(run.id, status=RunStatus.CANCELED, cause=ExitCause.STOPPED)
    assert ended.status is RunStatus.CANCELED


def test_progress_is_no_change_of_state(house: House, running: Attempt) -> None:
    before = house.queries.run(running.run_id)
    events = house.queries.events(before.experiment)
    progress = Progress(phase=Phase.TRAINING, timesteps=10, total_timesteps=100, updated_at=1.0)
    house.ledger.runs.record_progress(running.id, progress, house.epoch, stalled=True)
    after = house.queries.run(before.id)
    assert (after.progress, after.stalled, after.version) == (progress, True, before.version)
    assert house.queries.events(before.experiment) == events


@pytest.mark.parametrize(
    ("updated_after_s", "steps_per_s", "first_after_s"),
    [(10.0, 20.0, 5.0), (10.0, None, 10.0), (10.0, 1e-300, 0.0), (1e300, 20.0, 60.0), (-1e300, 20.0, 0.0)],
)
def test_the_first_step_is_reckoned_once(
    house: House,
    running: Attempt,
    updated_after_s: float,
    steps_per_s: float | None,
    first_after_s: float,
) -> None:
    assert running.started_at is not None
    began = running.started_at.timestamp()
    house.clock.forward(60 - (house.clock() - running.started_at).total_seconds())

    def record(timesteps: int, updated_at: float) -> datetime | None:
        progress = Progress(
            phase=Phase.TRAINING,
            timesteps=timesteps,
            total_timesteps=1000,
            steps_per_s=steps_per_s,
            updated_at=updated_at,
        )
        house.ledger.runs.record_progress(running.run_id, progress, house.epoch)
        with house.database.read() as session:
            return session.get_one(RunRow, running.run_id).first_step_at

    assert record(0, began + 1) is None
    first = record(100, began + updated_after_s)
    assert first is not None
    assert (first - running.started_at).total_seconds() == pytest.approx(first_after_s)
    assert record(900, began + 50) == first


def test_progress_after_the_end_is_ignored(house: House, running: Attempt) -> None:
    house.end(running)
    progress = Progress(phase=Phase.TRAINING, timesteps=10, total_timesteps=100, updated_at=1.0)
    house.ledger.runs.record_progress(running.id, progress, house.epoch)
    assert house.queries.run(running.run_id).progress is None


def test_a_stop_ends_what_waits_and_asks_what_runs(house: House) -> None:
    number = house.approved(seeds=4).number
    house.start(house.queries.experiment(number).runs[1])
    assert house.ledger.experiments.request_stop(number, KAI) == 4
    runs = house.queries.experiment(number).runs[1:]
    assert [run.status for run in runs] == [
        RunStatus.RUNNING,
        RunStatus.STARTING,
        RunStatus.CANCELED,
        RunStatus.CANCELED,
    ]
    assert all(run.cancel_requested_by == KAI for run in runs)


def test_what_was_stopped_is_resumed_once_seed_by_seed(house: House) -> None:
    number = house.approved(seeds=2).number
    house.ledger.experiments.request_stop(number, KAI)
    house.finish_all(number)
    assert house.ledger.experiments.resume_stopped(number, KAI) == 2
    labels = [run.label for run in house.queries.experiment(number).runs if run.status is RunStatus.QUEUED]
    assert {"s1.2", "s2.2"} <= set(labels)
    with pytest.raises(Refused, match="no seed of E-"):
        house.ledger.experiments.resume_stopped(number, KAI)


def test_the_smoke_run_of_a_proposal_can_be_stopped_and_comes_again(house: House) -> None:
    house.approved()
    number = house.propose().number
    assert house.ledger.experiments.request_stop(number, KAI) == 1
    approved = house.decide(number)
    assert [(run.label, run.status) for run in approved.runs][:2] == [
        ("smoke", RunStatus.CANCELED),
        ("smoke.2", RunStatus.QUEUED),
    ]


def test_a_smoke_run_that_fails_takes_the_approved_seeds_along(house: House) -> None:
    number = house.approved(smoke=False, run_alongside=True).number
    smoke = house.queries.experiment(number).runs[0]
    house.finish(smoke, status=RunStatus.FAILED, cause=ExitCause.OUT_OF_MEMORY, message="needs 80 GB")
    experiment = house.queries.experiment(number)
    assert {(run.status, run.cause) for run in experiment.runs[1:]} == {(RunStatus.CANCELED, ExitCause.SMOKE)}
    assert experiment.smoke_message == "needs 80 GB"
    assert len(experiment.runs) == 5


def test_a_retried_smoke_run_brings_the_seeds_back(house: House) -> None:
    number = house.approved(smoke=False).number
    house.finish(
        house.queries.experiment(number).runs[0], status=RunStatus.FAILED, cause=ExitCause.INFRASTRUCTURE
    )
    retried = house.ledger.experiments.retry(number, "smoke", KAI)
    assert house.ledger.experiments.retry(number, "smoke", KAI) == retried
    house.pass_smoke(number)
    labels = [run.label for run in house.queries.queue()]
    assert labels == ["s1.2", "s2.2"]


def test_retry_adds_a_run_of_the_same_seed_once(house: House, running: Attempt) -> None:
    house.end(running, exit_code=1)
    run = house.ledger.runs.finish(running.run_id, status=RunStatus.FAILED, cause=ExitCause.CODE_ERROR)
    again = house.ledger.experiments.retry(run.experiment, "s1", KAI)
    assert house.ledger.experiments.retry(run.experiment, "s1", KAI) == again
    assert (again.label, again.seed, again.status, again.spec_hash) == (
        "s1.2",
        run.seed,
        RunStatus.QUEUED,
        run.spec_hash,
    )
    house.finish(again, status=RunStatus.FAILED, cause=ExitCause.CODE_ERROR)
    with pytest.raises(Conflict, match=r"already retried as s1\.2"):
        house.ledger.experiments.retry(run.experiment, "s1", KAI)
    assert house.ledger.experiments.retry(run.experiment, "s1.2", KAI).label == "s1.3"


def test_resume_by_hand_starts_from_what_the_run_left(house: House, running: Attempt) -> None:
    house.end(running, exit_code=12)
    run = house.queries.run(running.run_id)
    house.ledger.runs.finish(
        run.id, status=RunStatus.CANCELED, cause=ExitCause.STOPPED, result=result(run, running.n)
    )
    again = house.ledger.experiments.retry(run.experiment, "s1", KAI, resume=True)
    assert house.start(again).resume_from == f"{running.folder}/checkpoints/1000"


def test_without_checkpoint_there_is_nothing_to_resume(house: House, running: Attempt) -> None:
    house.end(running, exit_code=1)
    run = house.ledger.runs.finish(running.run_id, status=RunStatus.FAILED, cause=ExitCause.CODE_ERROR)
    with pytest.raises(Refused, match="use Retry"):
        house.ledger.experiments.retry(run.experiment, "s1", KAI, resume=True)
    with pytest.raises(NotFound):
        house.ledger.experiments.retry(run.experiment, "s9", KAI)


@pytest.mark.parametrize(
    "said", ["/etc", "../../E-1/s1/a1/checkpoints/9", "checkpoints/../..", "checkpoints/9\n"]
)
def test_a_checkpoint_outside_of_the_run_s_own_folder_is_none(
    house: House, running: Attempt, said: str
) -> None:
    house.end(running, exit_code=12)
    run = house.queries.run(running.run_id)
    left = result(run, running.n).model_copy(update={"checkpoint": said})
    house.ledger.runs.finish(run.id, status=RunStatus.CANCELED, cause=ExitCause.STOPPED, result=left)
    with pytest.raises(Refused, match="has left no checkpoint"):
        house.ledger.experiments.retry(run.experiment, "s1", KAI, resume=True)


def test_a_finalizer_that_was_held_up_ends_no_newer_attempt(house: House, running: Attempt) -> None:
    runs = house.ledger.runs
    house.end(running, exit_code=137)
    again = house.start(runs.resume(running.run_id, attempt=running.n))
    house.end(again)
    with pytest.raises(Conflict, match="at attempt 2 now, not at 1"):
        runs.resume(running.run_id, attempt=running.n)
    with pytest.raises(Conflict, match="at attempt 2 now, not at 1"):
        runs.finish(running.run_id, status=RunStatus.FAILED, cause=ExitCause.NAN, attempt=running.n)
    run = house.queries.run(running.run_id)
    ended = runs.finish(
        run.id,
        status=RunStatus.SUCCEEDED,
        cause=ExitCause.FINISHED,
        result=result(run, again.n),
        attempt=again.n,
    )
    assert ended.status is RunStatus.SUCCEEDED


def test_what_succeeded_is_not_retried(house: House, running: Attempt) -> None:
    run = house.queries.run(running.run_id)
    house.end(running)
    house.ledger.runs.finish(run.id, status=RunStatus.SUCCEEDED, cause=ExitCause.FINISHED, result=result(run))
    with pytest.raises(Refused, match="succeeded"):
        house.ledger.experiments.retry(run.experiment, "s1", KAI)


def test_the_sweep_rings_again_for_what_was_not_heard(house: House) -> None:
    number = house.approved(seeds=1).number
    (attempt,) = house.reserve()
    sweep = house.ledger.runs.sweep
    assert sweep(HOST).attempts == ()
    house.clock.forward(5)
    assert sweep(HOST).attempts == (attempt.id,)
    assert sweep(HOST).attempts == ()
    house.clock.forward(15)
    assert sweep(HOST).attempts == (attempt.id,)
    assert sweep("elsewhere").attempts == ()
    house.end(attempt)
    assert sweep(HOST).runs == ()
    house.clock.forward(5)
    assert sweep(HOST).runs == (attempt.run_id,)
    house.ledger.runs.finish(attempt.run_id, status=RunStatus.FAILED, cause=ExitCause.NAN)
    house.clock.forward(5)
    assert sweep("elsewhere").experiments == (number,)
    house.clock.forward(15)
    assert sweep(HOST).experiments == (number,)
    house.ledger.experiments.conclude(number)
    house.clock.forward(60)
    assert sweep(HOST).experiments == ()
