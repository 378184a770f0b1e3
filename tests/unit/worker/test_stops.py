"""The host loop over a real ledger: stops, time limits and silence."""

from db.lifecycle import ExitCause, RunStatus
from db.records import Experiment
from tests.unit.worker.house import KAI, House


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


def test_a_smoke_run_that_hangs_is_ended_after_minutes(house: House) -> None:
    experiment = house.approve(seeds=1)
    house.turns_until(lambda: house.running(experiment, "smoke"))
    house.clock.passes(170)
    house.turn()
    assert house.running(experiment, "smoke")
    house.turn(20)
    house.turns_until(lambda: house.ended(experiment, "smoke"))
    assert house.run(experiment, "smoke").cause is ExitCause.TIME_LIMIT
