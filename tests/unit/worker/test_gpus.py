"""The GPUs of a host: what the probe sees, what is registered, and what happens when strangers are there."""

from types import ModuleType
from typing import Any

import pytest

from db.records import Budget, Experiment, Gpu
from tests.unit.worker.house import House
from tests.unit.worker.nvml_stand_in import Device, Library
from worker.gpus.fake import FakeGpus
from worker.gpus.nvml import NvmlGpus, find_gpus
from worker.gpus.offered import GpuMissing, offered_gpus
from worker.gpus.probe import GpuProbe, GpuProcess, GpuSilent, NoGpus
from worker.settings import WorkerSettings

A, B = Gpu("GPU-a", "H200", 143_771), Gpu("GPU-b", "H200", 143_771)
STRANGER = GpuProcess(4_000_000, "python")
ON_A_GPU = Budget(device="cuda", gpus=1, gpu_share=0.5, memory_gb=8, cpus=1, time_limit_s=3600)


def nvml(*devices: Device) -> NvmlGpus:
    library: Any = Library(list(devices))
    stand_in: ModuleType = library
    return NvmlGpus(stand_in)


def real() -> GpuProbe:
    probe = find_gpus()
    if probe.why_none:
        pytest.skip(probe.why_none)
    return probe


@pytest.fixture(params=["fake", "nvml", "real"])
def probe(request: pytest.FixtureRequest) -> GpuProbe:
    """Each kind, with at least one GPU; the real one where the machine has any."""
    if request.param == "real":
        return real()
    return FakeGpus([A, B]) if request.param == "fake" else nvml(Device("GPU-a"), Device("GPU-b"))


class TestEveryProbe:
    def test_gpus_are_named_once_and_for_ever(self, probe: GpuProbe) -> None:
        found = probe.gpus()
        assert found
        assert found == probe.gpus()
        assert len({gpu.uuid for gpu in found}) == len(found)
        assert all(gpu.uuid.startswith(("GPU-", "MIG-")) for gpu in found)
        assert all(gpu.name and gpu.memory_mb > 1000 for gpu in found)
        assert probe.driver

    def test_what_computes_can_be_asked(self, probe: GpuProbe) -> None:
        for gpu in probe.gpus():
            assert all(each.pid > 0 and each.name for each in probe.processes(gpu.uuid))

    def test_a_gpu_that_is_not_there_is_silent(self, probe: GpuProbe) -> None:
        with pytest.raises(GpuSilent):
            probe.processes("GPU-00000000-0000-0000-0000-000000000000")


def test_a_host_without_nvml_has_no_gpus_and_says_why() -> None:
    probe = find_gpus()
    if not probe.why_none:
        pytest.skip("this machine has NVML")
    assert probe.gpus() == ()
    assert "no GPU is offered" in probe.why_none


def test_a_gpu_that_is_cut_is_offered_as_its_slices() -> None:
    cut = Device("GPU-a", slices=[Device("MIG-1", "H200 MIG 3g.71gb"), None, Device("MIG-2")])
    probe = nvml(cut, Device("GPU-b", "old"))
    assert [gpu.uuid for gpu in probe.gpus()] == ["MIG-1", "MIG-2", "GPU-b"]
    assert probe.processes("MIG-2") == ()


def test_processes_have_their_programs_names() -> None:
    probe = nvml(Device("GPU-a", pids=(1, 2**22 + 1)))
    first, second = probe.processes("GPU-a")
    assert first.pid == 1
    assert first.name
    assert second.name == "a program of somebody else"


def test_a_lost_gpu_is_silent() -> None:
    with pytest.raises(GpuSilent, match="GPU is lost"):
        nvml(Device("GPU-a", lost=True)).processes("GPU-a")


def test_the_settings_say_which_gpus_are_offered() -> None:
    probe = FakeGpus([A, B])
    assert offered_gpus(probe, "all") == (A, B)
    assert offered_gpus(probe, "none") == ()
    assert offered_gpus(probe, "GPU-b") == (B,)
    with pytest.raises(GpuMissing, match="names GPU-c, and there is: GPU-a, GPU-b"):
        offered_gpus(probe, "GPU-a,GPU-c")
    with pytest.raises(GpuMissing, match="names GPU-c, and there is: this host has no GPU"):
        offered_gpus(NoGpus(), "GPU-c")


@pytest.mark.parametrize("wrong", ["both", "0,1", "GPU-a,", "GPU-a GPU-b"])
def test_gpus_are_named_by_uuid(wrong: str) -> None:
    with pytest.raises(ValueError, match="gpus"):
        WorkerSettings(gpus=wrong)


@pytest.fixture
def gpus(house: House) -> FakeGpus:
    """The house's host has two GPUs from now on."""
    found = FakeGpus([A, B])
    house.gpus = found
    house.restart()
    return found


@pytest.fixture
def on_a_gpu(house: House, gpus: FakeGpus) -> Experiment:
    """A seed that waits for half a GPU."""
    experiment = house.approve(seeds=1, budget=ON_A_GPU)
    house.pass_smoke(experiment)
    return experiment


def test_a_run_is_told_which_gpu_is_its_own(house: House, on_a_gpu: Experiment) -> None:
    house.turns_until(lambda: house.running(on_a_gpu, "s1"))
    spec = house.launcher.specs[house.handle(house.run(on_a_gpu, "s1"))]
    assert spec.gpus == ("GPU-a",)
    assert (spec.memory_bytes, spec.cpus, spec.device) == (8 * 1024**3, 1, "cuda")


def test_nothing_starts_beside_a_stranger(house: House, gpus: FakeGpus) -> None:
    gpus.computes("GPU-a", STRANGER)
    gpus.falls_silent("GPU-b")
    experiment = house.approve(seeds=1, budget=ON_A_GPU)
    house.turn()
    assert house.launcher.launches == []
    gpus.computes("GPU-a")
    house.turns_until(lambda: house.running(experiment, "smoke"))


def test_a_stranger_who_stays_makes_a_gpu_dirty(house: House, gpus: FakeGpus) -> None:
    gpus.computes("GPU-b", STRANGER, GpuProcess(1, "python"))
    house.turn()
    assert not any(slot.dirty for slot in house.queries.slots("here"))
    house.turn(30)
    dirty = {slot.device: slot.dirty for slot in house.queries.slots("here") if slot.dirty}
    assert dirty == {"GPU-b": "processes 4000000 (python), 1 (python) of somebody else on it"}
    house.turn()
    assert house.queries.hosts()[0].flags == ("gpu_dirty",)
    gpus.computes("GPU-b")
    house.turn()
    assert any(slot.dirty for slot in house.queries.slots("here")), "an administrator looks first"
    house.ledger.hosts.clean("here", "GPU-b")
    house.turn()
    house.turn()
    assert house.queries.hosts()[0].flags == ()


def test_who_has_the_slot_is_no_stranger(house: House, gpus: FakeGpus, on_a_gpu: Experiment) -> None:
    house.turns_until(lambda: house.running(on_a_gpu, "s1"))
    gpus.computes("GPU-a", STRANGER)
    house.turn(30)
    house.turn(30)
    assert not any(slot.dirty for slot in house.queries.slots("here"))


def test_what_a_run_leaves_behind_may_take_its_time(
    house: House, gpus: FakeGpus, on_a_gpu: Experiment
) -> None:
    house.turns_until(lambda: house.running(on_a_gpu, "s1"))
    gpus.computes("GPU-a", STRANGER)
    house.finishes(house.run(on_a_gpu, "s1"))
    house.turns_until(lambda: house.ended(on_a_gpu, "s1"))
    gpus.computes("GPU-a")
    house.turn(30)
    assert not any(slot.dirty for slot in house.queries.slots("here"))
