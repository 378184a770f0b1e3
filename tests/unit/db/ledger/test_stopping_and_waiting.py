"""Runs that a contract's rule stops, and runs that wait for a host with the signed program."""

from dataclasses import replace

from db.records import Person, Run
from tests.builders import RUNTIME, House
from trainer.contract import Phase, Progress, RunKind


def test_a_stop_rule_asks_its_seed_to_stop_once_and_says_so(house: House) -> None:
    rule = "final reward < 50 after 10k steps"
    number = house.approved(seeds=2, stop_rule=rule).number
    first, second = (run for run in house.queries.experiment(number).runs if run.kind is RunKind.SEED)
    house.start(first)
    house.start(second)

    def report(run: Run, timesteps: int, reward: float) -> Run:
        progress = Progress(
            phase=Phase.TRAINING,
            timesteps=timesteps,
            total_timesteps=100_000,
            metrics={"final_reward": reward},
            evaluated_at=timesteps,
            updated_at=0,
        )
        attempt = house.queries.run(run.id).attempt
        assert attempt is not None
        house.ledger.runs.record_progress(attempt.id, progress, house.epoch)
        return house.queries.run(run.id)

    assert report(first, 9_000, 10).cancel_requested_at is None
    stopped = report(first, 10_000, 10)
    assert stopped.cancel_requested_by == Person("stop-rule", "the stop rule")
    assert report(second, 10_000, 60).cancel_requested_at is None
    report(first, 11_000, 9)
    asked = [event for event in house.queries.events(number) if event.kind == "run.stop_requested"]
    assert [event.payload["by"] for event in asked] == ["the stop rule"]


def test_runs_whose_signed_program_left_wait_and_are_named(house: House) -> None:
    number = house.approved(seeds=1).number
    seed = house.queries.experiment(number).runs[-1]
    assert house.queries.hostless_runs() == frozenset()
    house.join(runtime=replace(RUNTIME, digest="sha256:2"))
    assert house.reserve() == ()
    assert house.queries.hostless_runs() == {seed.id}
    house.join()
    assert house.queries.hostless_runs() == frozenset()
    assert [attempt.run_id for attempt in house.reserve()] == [seed.id]
