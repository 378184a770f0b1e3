"""GPUs in parts, memory, priorities, limits, hosts that are kept, marked or dead."""

from dataclasses import dataclass
from typing import Any

import pytest

from db.errors import LeaseLost, NotFound, Refused
from db.ledger import Ledger
from db.ledger.newruns import cancel_queued
from db.ledger.proposals import newest_revision
from db.ledger.smoke import newest_smoke
from db.ledger.transition import Act, lock_experiment
from db.lifecycle import AttemptStatus, ExitCause, RunStatus
from db.limits import Limits
from db.records import Attempt, Experiment, Gpu, Host, Runtime
from tests.builders import ANA, HOST, KAI, RUNTIME, ZOE, House
from trainer.contract import Phase, Progress

FIRST, SECOND = Gpu("GPU-a", "H200", 141_000), Gpu("GPU-b", "H200", 141_000)
OTHER = "gpu-2"


@dataclass
class Second:
    """Another host of the same ledger."""

    house: House
    epoch: int

    @classmethod
    def join(cls, house: House, runtime: Runtime = RUNTIME, **offer: Any) -> "Second":
        host = house.ledger.hosts.register(
            OTHER, owner="other", runtime=runtime, boot_id="boot", lease_s=30, **{"cpu_slots": 1, **offer}
        )
        return cls(house, host.epoch)

    def reserve(self) -> list[str]:
        return keys_of(self.house, self.house.ledger.runs.reserve(OTHER, self.epoch))


def queued(house: House, **changes: Any) -> Experiment:
    """An approved experiment whose seeds may start, while none of any other has been started."""
    number = house.approved(smoke=False, **changes).number
    with house.database.write() as session:
        experiment = lock_experiment(session, number)
        smoke = newest_smoke(session, newest_revision(session, experiment))
        assert smoke is not None
        cancel_queued(session, experiment, smoke, Act("test", house.clock()), cause=ExitCause.STOPPED)
        experiment.smoke_passed_at = house.clock()
    return house.queries.experiment(number)


def keys_of(house: House, attempts: tuple[Attempt, ...]) -> list[str]:
    return [house.queries.run(attempt.run_id).key for attempt in attempts]


def starts(house: House) -> list[str]:
    return keys_of(house, house.reserve())


def held_parts(house: House, device: str) -> int:
    slots = house.queries.slots(HOST)
    return sum(slot.device == device and slot.owner_attempt_id is not None for slot in slots)


def end(house: House, key: str) -> None:
    live = house.queries.live_attempts(HOST)
    house.end(next(attempt for attempt in live if house.queries.run(attempt.run_id).key == key))


def host(house: House, name: str = HOST) -> Host:
    return next(host for host in house.queries.hosts() if host.id == name)


def test_a_host_says_what_it_has(house: House) -> None:
    house.join(gpus=(FIRST,), gpu_shares=4, memory_mb=8192, measured={"driver": "550.54"})
    joined = host(house)
    assert (joined.gpus, joined.gpu_shares, joined.memory_mb) == ((FIRST,), 4, 8192)
    assert joined.measured == {"driver": "550.54"}
    parts = [slot.part for slot in house.queries.slots(HOST) if slot.kind == "gpu"]
    assert parts == [0, 1, 2, 3]


def test_shares_are_packed_so_that_other_gpus_stay_whole(house: House) -> None:
    house.join(gpus=(FIRST, SECOND), gpu_shares=4)
    small = queued(house, seeds=3, device="cuda", gpus=1, gpu_share=0.25).number
    whole = queued(house, seeds=1, device="cuda", gpus=1).number
    assert starts(house) == [*(f"E-{small}/s{n}" for n in (1, 2, 3)), f"E-{whole}/s1"]
    assert (held_parts(house, "GPU-a"), held_parts(house, "GPU-b")) == (3, 4)


def test_a_share_is_rounded_up_to_parts(house: House) -> None:
    house.join(gpus=(FIRST,), gpu_shares=4)
    number = queued(house, seeds=3, device="cuda", gpus=1, gpu_share=0.3).number
    assert starts(house) == [f"E-{number}/s1", f"E-{number}/s2"]
    assert held_parts(house, "GPU-a") == 4


def test_parts_keep_their_size_while_somebody_holds_one(house: House) -> None:
    house.join(gpus=(FIRST,), gpu_shares=2)
    number = queued(house, seeds=2, device="cuda", gpus=1, gpu_share=0.5).number
    assert starts(house) == [f"E-{number}/s1", f"E-{number}/s2"]
    end(house, f"E-{number}/s2")
    house.join(gpus=(FIRST,), gpu_shares=4)
    assert len([slot for slot in house.queries.slots(HOST) if slot.kind == "gpu"]) == 2
    end(house, f"E-{number}/s1")
    house.join(gpus=(FIRST,), gpu_shares=4)
    assert len([slot for slot in house.queries.slots(HOST) if slot.kind == "gpu"]) == 4


def test_declared_memory_is_promised_once(house: House) -> None:
    house.join(cpu_slots=4, memory_mb=10 * 1024)
    number = queued(house, seeds=3, memory_gb=4).number
    assert starts(house) == [f"E-{number}/s1", f"E-{number}/s2"]
    end(house, f"E-{number}/s1")
    assert starts(house) == [f"E-{number}/s3"]


def test_a_run_takes_all_of_its_cpus_or_none(house: House) -> None:
    house.join(cpu_slots=3)
    wide = queued(house, seeds=2, cpus=2).number
    assert starts(house) == [f"E-{wide}/s1"]
    narrow = queued(house, seeds=1).number
    assert starts(house) == [], "the last CPU is kept for the run that waits for two"
    end(house, f"E-{wide}/s1")
    assert starts(house) == [f"E-{wide}/s2", f"E-{narrow}/s1"]


def test_a_higher_priority_starts_first_and_the_signature_stays(house: House) -> None:
    house.join(cpu_slots=1)
    early, late = queued(house, seeds=1), queued(house, seeds=1)
    raised = house.ledger.experiments.set_priority(late.number, 1, ANA, frozenset({ANA.id}))
    assert raised.priority == 1
    assert raised.revision == late.revision
    assert [run.key for run in house.queries.queue()] == [f"E-{late.number}/s1", f"E-{early.number}/s1"]
    assert starts(house) == [f"E-{late.number}/s1"]
    assert house.queries.events(late.number)[-1].kind == "attempt.reserved"
    assert "experiment.priority" in [event.kind for event in house.queries.events(late.number)]


def test_who_may_set_priorities(house: House) -> None:
    number = queued(house, seeds=1).number
    set_priority = house.ledger.experiments.set_priority
    with pytest.raises(Refused, match="approvers and administrators"):
        set_priority(number, 1, ZOE, frozenset({ANA.id}))
    with pytest.raises(Refused, match="approvers and administrators"):
        set_priority(number, 1, KAI, frozenset({ANA.id}))
    assert set_priority(number, -1, KAI, frozenset({ANA.id})).priority == -1, "authors may step back"
    with pytest.raises(Refused, match="5 is no priority"):
        set_priority(number, 5, ANA, None)


def test_one_host_is_kept_for_a_big_run_and_the_other_goes_on(house: House) -> None:
    house.join(cpu_slots=1, gpus=(FIRST, SECOND))
    other = Second.join(house, gpus=(Gpu("GPU-c"), Gpu("GPU-d")))
    first = queued(house, seeds=1, device="cuda", gpus=1).number
    assert starts(house) == [f"E-{first}/s1"]
    again = queued(house, seeds=1, device="cuda", gpus=1, author=ZOE).number
    house.clock.forward(1)
    assert other.reserve() == [f"E-{again}/s1"]
    big = queued(house, seeds=1, device="cuda", gpus=2).number
    small = queued(house, seeds=1, device="cuda", gpus=1, author=ZOE).number
    assert starts(house) == []
    assert house.queries.experiment(big).runs[-1].kept_on == HOST
    assert other.reserve() == [f"E-{small}/s1"], "only one host stands idle for it"
    end(house, f"E-{first}/s1")
    assert starts(house) == [f"E-{big}/s1"]
    assert house.queries.experiment(big).runs[-1].kept_on is None


def test_a_host_that_died_keeps_nothing(house: House) -> None:
    house.join(cpu_slots=1, gpus=(FIRST, SECOND))
    first = queued(house, seeds=1, device="cuda", gpus=1).number
    assert starts(house) == [f"E-{first}/s1"]
    big = queued(house, seeds=1, device="cuda", gpus=2).number
    small = queued(house, seeds=1, device="cuda", gpus=1).number
    assert starts(house) == []
    house.clock.forward(60)
    other = Second.join(house, gpus=(Gpu("GPU-c"), Gpu("GPU-d")))
    assert other.reserve() == [f"E-{big}/s1"]
    assert [run.key for run in house.queries.queue()] == [f"E-{small}/s1"]


@pytest.mark.parametrize(
    ("limits", "device"),
    [
        (Limits(person_gpus=1), "cuda"),
        (Limits(person_cpu_slots=1), "cpu"),
        (Limits(team_gpus=1, teams={"driving": frozenset({KAI.id, ANA.id})}), "cuda"),
    ],
)
def test_who_is_at_a_limit_lets_others_by(house: House, limits: Limits, device: str) -> None:
    house.join(cpu_slots=4, gpus=(FIRST, SECOND))
    mine = queued(house, seeds=2, device=device).number
    theirs = queued(house, seeds=1, device=device, author=ZOE).number
    house.ledger = Ledger(house.database, house.clock, limits)
    assert starts(house) == [f"E-{mine}/s1", f"E-{theirs}/s1"]
    end(house, f"E-{mine}/s1")
    assert starts(house) == [f"E-{mine}/s2"]


def test_a_limit_holds_over_all_hosts(house: House) -> None:
    house.join(cpu_slots=1)
    other = Second.join(house)
    queued(house, seeds=2)
    house.ledger = Ledger(house.database, house.clock, Limits(person_cpu_slots=1))
    assert len(starts(house)) == 1
    assert other.reserve() == []


def test_what_no_host_or_rule_allows_is_refused(house: House) -> None:
    house.join(gpus=(FIRST, SECOND), memory_mb=64 * 1024)
    for changes, said in (
        ({"gpus": 4}, "no host has 4 GPUs; the largest, gpu-1, has 2"),
        ({"memory_gb": 100}, "no host has 100 GB of memory; the largest, gpu-1, has 64"),
        ({"cpus": 8, "device": "cpu"}, "no host has 8 CPU slots; the largest, gpu-1, has 2"),
        ({"gpus": 2, "gpu_share": 0.5}, "a share is of one GPU"),
    ):
        with pytest.raises(Refused, match=said):
            house.propose(**{"device": "cuda", **changes})
    house.ledger = Ledger(house.database, house.clock, Limits(run_hours=1, experiment_gpu_hours=1.5))
    with pytest.raises(Refused, match="a seed may take 1 h at most here; this asks for 2 h"):
        house.propose(time_limit_s=7200)
    with pytest.raises(Refused, match=r"1\.5 GPU-hours at most here; 2 runs of 1 h ask for 2"):
        house.propose(device="cuda", time_limit_s=3600)
    assert house.propose(device="cuda", gpu_share=0.5, gpus=1, time_limit_s=3600).number


def test_a_gpu_with_a_stranger_on_it_is_given_to_nobody(house: House) -> None:
    house.join(gpus=(FIRST, SECOND))
    number = queued(house, seeds=2, device="cuda").number
    why = "process 4242 (python) uses it"
    assert house.ledger.hosts.mark_dirty(HOST, house.epoch, "GPU-a", why)
    assert not house.ledger.hosts.mark_dirty(HOST, house.epoch, "GPU-a", why)
    assert starts(house) == [f"E-{number}/s1"]
    assert held_parts(house, "GPU-b") == 1
    assert {slot.dirty for slot in house.queries.slots(HOST) if slot.device == "GPU-a"} == {why}
    house.join(gpus=(FIRST, SECOND))
    assert starts(house) == [], "a restart of the worker changes nothing"
    assert house.ledger.hosts.clean(HOST, "GPU-a") == ("GPU-a",)
    assert starts(house) == [f"E-{number}/s2"]
    with pytest.raises(NotFound, match="has no GPU that is marked"):
        house.ledger.hosts.clean(HOST)


def test_a_gpu_can_be_left_out_for_one_pass(house: House) -> None:
    house.join(gpus=(FIRST,))
    number = queued(house, seeds=1, device="cuda").number
    assert house.ledger.runs.reserve(HOST, house.epoch, avoid=("GPU-a",)) == ()
    assert starts(house) == [f"E-{number}/s1"]


def test_a_host_that_is_heard_is_not_declared_dead(house: House) -> None:
    with pytest.raises(Refused, match="was heard less than 30 s ago"):
        house.ledger.hosts.declare_dead(HOST, ANA)
    with pytest.raises(NotFound, match="no host is called gpu-9; there are: gpu-1"):
        house.ledger.hosts.declare_dead("gpu-9", ANA)


def test_what_ran_on_a_dead_host_resumes_elsewhere(house: House) -> None:
    number = queued(house, seeds=1).number
    attempt = house.start(house.queries.experiment(number).runs[-1])
    house.clock.forward(31)
    other = Second.join(house)
    lost = house.ledger.hosts.declare_dead(HOST, ANA, "the power supply has burnt")
    assert lost == (f"E-{number}/s1",)
    assert house.queries.attempt(attempt.id).status is AttemptStatus.GONE
    assert host(house).dead_by == ANA.name
    assert house.queries.slots(HOST) == ()
    assert house.queries.holdings() == ()
    progress = Progress(phase=Phase.TRAINING, timesteps=1, total_timesteps=2, updated_at=1.0)
    for write in (
        lambda: house.ledger.runs.record_progress(attempt.id, progress, house.epoch),
        lambda: house.ledger.hosts.renew(HOST, "test", house.epoch),
        house.reserve,
    ):
        with pytest.raises(LeaseLost):
            write()
    house.clock.forward(6)
    run = house.queries.run(attempt.run_id)
    assert run.status is RunStatus.FINALIZING
    assert house.ledger.runs.sweep(OTHER).runs == (run.id,), "another host finalizes what it ran"
    house.ledger.runs.resume(run.id, attempt=1)
    assert other.reserve() == [f"E-{number}/s1"]
    said = [event.payload["reason"] for event in house.queries.events(number) if "reason" in event.payload]
    assert "the power supply has burnt" in said
    assert house.ledger.hosts.declare_dead(HOST, ANA) == (), "a second time changes nothing"
    house.join()
    assert host(house).dead_by is None


def test_the_word_of_an_older_attempt_is_not_heard(house: House) -> None:
    """A host that was declared dead and another one may well be at the same epoch."""
    number = queued(house, seeds=1).number
    old = house.start(house.queries.experiment(number).runs[-1])
    house.ledger.runs.attempt_gone(old.id, house.epoch)
    house.ledger.runs.free_slots(old.id, house.epoch)
    house.ledger.runs.resume(old.run_id, attempt=1)
    house.reserve()
    progress = Progress(phase=Phase.TRAINING, timesteps=1, total_timesteps=2, updated_at=1.0)
    house.ledger.runs.record_progress(old.id, progress, house.epoch)
    assert house.queries.run(old.run_id).progress is None


def test_more_of_an_experiment_needs_a_host_with_its_program(house: House) -> None:
    number = queued(house, seeds=1).number
    house.ledger.experiments.request_stop(number, KAI)
    house.join(runtime=Runtime("sha256:2", {}, HOST, "process"))
    with pytest.raises(Refused, match="no worker has the program"):
        house.ledger.experiments.retry(number, "s1", KAI)
    with pytest.raises(Refused, match="no worker has the program"):
        house.ledger.experiments.resume_stopped(number, KAI)
    house.join()
    assert house.ledger.experiments.retry(number, "s1", KAI).label == "s1.2"


def test_holdings_say_who_has_which_gpu(house: House) -> None:
    house.join(gpus=(FIRST, SECOND), gpu_shares=2)
    number = queued(house, seeds=1, device="cuda", gpus=2).number
    house.reserve()
    (holding,) = house.queries.holdings()
    assert (holding.run.key, holding.host_id, holding.person) == (f"E-{number}/s1", HOST, KAI)
    assert holding.devices == ("GPU-a", "GPU-b")
