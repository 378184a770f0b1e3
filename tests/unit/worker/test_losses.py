"""The host loop over a real ledger: what vanishes, crashes or is left over, and who writes about it."""

import json
from dataclasses import replace

import pytest

from bot.cards import Cards
from bot.curves import Curves
from bot.messages.facts import Links
from db.doorbell import Task
from db.errors import LeaseLost
from db.lifecycle import ExitCause, RunStatus
from db.models import OutboxEntry
from db.queries import assemble
from db.records import Experiment, OutboxKind, OutboxRow
from tests.unit.worker.house import KAI, SMOKE, House
from tests.unit.worker.test_run_folder import save
from worker.launch import _launch_spec
from worker.launchers.fake import FakeLauncher
from worker.names import attempt_token
from worker.tasks import perform


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


def test_what_cannot_be_read_is_neither_gone_nor_in_the_way_of_others(
    house: House, training: Experiment
) -> None:
    house.clock.passes(100)
    run = house.run(training, "s1")
    before = house.launcher.becomes_unclear(house.handle(run))
    for _ in range(5):
        house.turn()
    assert house.run(training, "s1").status is RunStatus.RUNNING
    assert house.queries.hosts()[0].flags == ("runs_unclear",)
    house.launcher.becomes(before)
    house.launcher.exits(before.handle, 137, signal=9)
    house.turns_until(lambda: house.run(training, "s1").resumes == 1)


def test_a_resumed_run_has_only_what_is_left_of_its_time_limit(house: House, training: Experiment) -> None:
    house.clock.passes(100)
    run = house.run(training, "s1")
    house.launcher.exits(house.handle(run), 137, signal=9)
    house.turns_until(lambda: (house.run(training, "s1").attempt or run.attempt).n == 2)  # type: ignore[union-attr]  # it has one
    house.turns_until(lambda: house.running(training, "s1"))
    again = house.run(training, "s1")
    assert again.used_s >= 100
    spec = json.loads((house.folder(again) / "spec.json").read_text())
    assert (spec["used_s"], spec["time_limit_s"]) == (again.used_s, run.time_limit_s)
    resumed = [event for event in house.queries.events(training.number) if "resumed" in event.payload]
    assert [event.payload["resumed"] for event in resumed] == [1]
    house.clock.passes(again.time_limit_s - again.used_s + 121)
    house.turns_until(lambda: house.ended(training, "s1"))
    assert house.run(training, "s1").cause is ExitCause.TIME_LIMIT


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


def test_another_host_leaves_the_end_of_a_run_to_its_own(house: House, training: Experiment) -> None:
    run = house.run(training, "s1")
    house.finishes(run)
    house.step()
    house.bell.take()
    settings = house.work.settings.model_copy(update={"host_id": "elsewhere"})
    perform(replace(house.work, settings=settings), Task.FINALIZE, run.id)
    assert house.run(training, "s1").status is RunStatus.FINALIZING
    assert house.bell.take() == [(Task.FINALIZE, run.id)]


def test_what_has_exited_is_kept_until_its_end_is_stored(house: House, training: Experiment) -> None:
    run = house.run(training, "s1")
    handle = house.handle(run)
    house.finishes(run)
    house.step()
    for _ in range(3):  # for days, no finalizer has come to it
        house.bell.take()
        house.step(90_000)
    assert house.run(training, "s1").status is RunStatus.FINALIZING
    assert house.launcher.inspect(handle) is not None
    house.turns_until(lambda: house.ended(training, "s1"))
    house.step(90_000)
    assert house.launcher.inspect(handle) is None


def test_the_thread_says_that_a_lost_run_goes_on_by_itself(house: House, training: Experiment) -> None:
    run = house.run(training, "s1")
    save(house.folder(run), 500)
    house.launcher.exits(house.handle(run), 137, signal=9)
    house.turns_until(lambda: house.run(training, "s1").resumes == 1)
    told = [row for row in outbox(house) if row.kind is OutboxKind.RESUMED]
    assert [(row.key, row.n) for row in told] == [(f"E-{training.number}/resumed/s1/1", 1)]
    said = cards(house).message(told[0], None, "").text
    assert "s1 was interrupted" in said
    assert "SIGKILL, exit code 137" in said
    assert "from its checkpoint at step 500" in said


def test_the_thread_says_that_a_run_gives_no_sign_of_life(house: House, training: Experiment) -> None:
    house.says_progress(house.run(training, "s1"), 500)
    house.turn()
    for _ in range(2):  # one silence is told once
        house.turn(1_000)
    told = [row for row in outbox(house) if row.kind is OutboxKind.STALLED]
    assert {row.key for row in told} == {f"E-{training.number}/stalled/{label}/1" for label in ("s1", "s2")}
    assert "no sign of life for 33" in cards(house).message(told[0], None, "").text
    assert house.running(training, "s1")


def outbox(house: House) -> list[OutboxRow]:
    with house.database.read() as session:
        return [assemble.message(row, "1.0") for row in session.query(OutboxEntry).order_by(OutboxEntry.id)]


def cards(house: House) -> Cards:
    return Cards(house.queries, Curves(house.work.artifacts), Links(), house.clock.now)
