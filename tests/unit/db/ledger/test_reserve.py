from datetime import timedelta

import pytest

from db.errors import LeaseLost, Refused
from db.lifecycle import AttemptStatus, ExitCause, RunStatus
from db.records import Attempt, Gpu, Runtime
from tests.builders import HOST, KAI, RUNTIME, House

GPUS = (Gpu("GPU-a", "H200", 141_000), Gpu("GPU-b", "H200", 141_000))


def labels(house: House, attempts: tuple[Attempt, ...]) -> list[str]:
    return [house.queries.run(attempt.run_id).key for attempt in attempts]


def live(house: House) -> list[str]:
    """The runs that hold slots, after another pass."""
    house.reserve()
    return labels(house, house.queries.live_attempts(HOST))


def end_first(house: House) -> None:
    house.end(house.queries.live_attempts(HOST)[0])


def test_no_seed_starts_before_the_smoke_run_has_passed(house: House) -> None:
    number = house.approved(smoke=False).number
    assert labels(house, house.reserve()) == [f"E-{number}/smoke"]
    assert house.reserve() == ()


def test_seeds_start_first_in_first_out_two_at_a_time(house: House) -> None:
    first, second = house.approved(seeds=3).number, house.approved(seeds=1).number
    assert live(house) == [f"E-{first}/s1", f"E-{first}/s2"]
    assert house.reserve() == ()
    end_first(house)
    assert live(house) == [f"E-{first}/s2", f"E-{first}/s3"]
    assert [run.key for run in house.queries.queue()] == [f"E-{second}/s1"]


def test_the_smoke_lane_is_free_while_every_cpu_is_taken(house: House) -> None:
    house.approved(seeds=2)
    assert len(house.reserve()) == 2
    number = house.propose().number
    assert labels(house, house.reserve()) == [f"E-{number}/smoke"]


def test_an_attempt_has_its_folder_and_its_slots_from_the_start(house: House) -> None:
    number = house.approved(seeds=1).number
    (attempt,) = house.reserve()
    assert (attempt.status, attempt.n, attempt.folder) == (
        AttemptStatus.RESERVED,
        1,
        f"E-{number}/s1/a1",
    )
    owners = [slot.owner_attempt_id for slot in house.queries.slots(HOST)]
    assert owners.count(attempt.id) == 1
    assert house.queries.run(attempt.run_id).status is RunStatus.STARTING


def test_gpu_runs_take_their_gpus_by_name_and_keep_their_turn(house: House) -> None:
    house.join(cpu_slots=1, gpus=GPUS)
    one = house.approved(seeds=2, device="cuda", gpus=1).number
    assert live(house) == [f"E-{one}/s1", f"E-{one}/s2"]
    assert {slot.device for slot in house.queries.slots(HOST) if slot.owner_attempt_id} == {"GPU-a", "GPU-b"}
    two = house.decide(house.propose(seeds=1, device="cuda", gpus=2).number).number
    three = house.decide(house.propose(seeds=1, device="cuda", gpus=1).number).number
    end_first(house)
    assert live(house) == [f"E-{one}/s2"], "the small one does not overtake"
    end_first(house)
    house.pass_smoke(two)
    house.reserve()
    house.finish(house.queries.experiment(three).runs[0], smoke=True)
    assert live(house) == [f"E-{two}/s1"]
    end_first(house)
    assert live(house) == [f"E-{three}/s1"]


def test_a_run_that_needs_more_gpus_than_the_host_has_blocks_nobody(house: House) -> None:
    house.join(gpus=GPUS)
    house.approved(seeds=1, device="cuda", gpus=2)
    house.join(gpus=GPUS[:1])
    other = house.approved(seeds=1, device="cuda", gpus=1).number
    assert labels(house, house.reserve()) == [f"E-{other}/s1"]


def test_another_program_does_not_run_what_was_signed(house: House) -> None:
    number = house.approved(seeds=1).number
    house.join(runtime=Runtime("sha256:2", {}, HOST, "process"))
    assert house.reserve() == ()
    house.join(runtime=RUNTIME)
    assert labels(house, house.reserve()) == [f"E-{number}/s1"]


def test_slots_are_freed_only_after_death(house: House) -> None:
    house.approved(seeds=1)
    (attempt,) = house.reserve()
    with pytest.raises(Refused, match="stay taken"):
        house.ledger.runs.free_slots(attempt.id, house.epoch)
    house.ledger.runs.attempt_gone(attempt.id, house.epoch)
    assert any(slot.owner_attempt_id for slot in house.queries.slots(HOST))
    for _ in range(2):
        house.ledger.runs.free_slots(attempt.id, house.epoch)
    assert not any(slot.owner_attempt_id for slot in house.queries.slots(HOST))


def test_a_host_that_offers_less_keeps_what_is_held(house: House) -> None:
    house.approved(seeds=2)
    held = house.reserve()
    house.join(cpu_slots=1)
    assert sum(slot.owner_attempt_id is not None for slot in house.queries.slots(HOST)) == 2
    for attempt in held:
        house.ledger.runs.attempt_gone(attempt.id, house.epoch)
        house.ledger.runs.free_slots(attempt.id, house.epoch)
    assert [(slot.kind, slot.device) for slot in house.queries.slots(HOST)] == [("cpu", "0"), ("smoke", "0")]


def test_an_older_process_of_the_host_can_write_nothing(house: House) -> None:
    number = house.approved(seeds=1).number
    attempt = house.start(house.queries.experiment(number).runs[-1])
    old = house.epoch
    house.join()
    assert house.epoch == old + 1
    run = house.queries.run(attempt.run_id)
    for write in (
        lambda: house.ledger.runs.reserve(HOST, old),
        lambda: house.ledger.runs.attempt_created(attempt.id, "h", old),
        lambda: house.ledger.runs.attempt_gone(attempt.id, old),
        lambda: house.ledger.runs.free_slots(attempt.id, old),
        lambda: house.ledger.hosts.renew(HOST, "test", old),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert house.queries.run(attempt.run_id) == run


def test_renewing_keeps_the_lease_and_the_flags(house: House) -> None:
    house.clock.forward(20)
    renewed = house.ledger.hosts.renew(HOST, "test", house.epoch, ("docker_down",))
    assert renewed.lease_until == house.clock() + timedelta(seconds=30)
    assert house.queries.hosts() == (renewed,)
    with pytest.raises(LeaseLost, match="belongs to test"):
        house.ledger.hosts.renew(HOST, "somebody", house.epoch)


def test_a_start_that_may_work_later_is_tried_again_later(house: House) -> None:
    number = house.approved(seeds=1).number
    for failures in range(1, 5):
        (attempt,) = house.reserve()
        assert attempt.n == failures
        house.ledger.runs.start_failed(attempt.id, message="no answer", retryable=True, epoch=house.epoch)
        house.ledger.runs.free_slots(attempt.id, house.epoch)
        assert house.queries.experiment(number).runs[-1].status is RunStatus.QUEUED
        assert house.reserve() == ()
        house.clock.forward(5 * 2 ** (failures - 1))
    (attempt,) = house.reserve()
    house.ledger.runs.start_failed(attempt.id, message="no answer", retryable=True, epoch=house.epoch)
    run = house.queries.experiment(number).runs[-1]
    assert (run.status, run.message) == (RunStatus.FINALIZING, "no answer")


def test_a_start_that_can_not_work_ends_the_run(house: House) -> None:
    number = house.approved(seeds=1).number
    (attempt,) = house.reserve()
    for _ in range(2):
        failed = house.ledger.runs.start_failed(
            attempt.id, message="bad image", retryable=False, epoch=house.epoch
        )
    assert failed.status is AttemptStatus.START_FAILED
    run = house.ledger.runs.finish(
        attempt.run_id, status=RunStatus.FAILED, cause=ExitCause.START_FAILURE, message="bad image"
    )
    assert run.status is RunStatus.FAILED
    assert house.queries.experiment(number).runs[-1] == run


def test_a_stopped_run_is_not_queued_again(house: House) -> None:
    number = house.approved(seeds=1).number
    (attempt,) = house.reserve()
    assert house.ledger.experiments.request_stop(number, KAI) == 1
    house.ledger.runs.start_failed(attempt.id, message="no answer", retryable=True, epoch=house.epoch)
    run = house.queries.run(attempt.run_id)
    assert (run.status, run.cause) == (RunStatus.CANCELED, ExitCause.STOPPED)
