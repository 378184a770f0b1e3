"""`signoff host`."""

from db.records import Gpu
from tests.builders import HOST, House
from tests.unit.bot.cli.conftest import Run


def test_a_dirty_gpu_is_offered_again(signoff: Run, house: House) -> None:
    house.join(gpus=(Gpu("GPU-a"), Gpu("GPU-b")))
    house.ledger.hosts.mark_dirty(HOST, house.epoch, "GPU-b", "somebody is on it")
    done = signoff("host", "clean", HOST)
    assert (done.exit_code, done.stdout.strip()) == (0, f"{HOST} offers 1 GPU again: GPU-b.")
    again = signoff("host", "clean", HOST, "GPU-b")
    assert again.exit_code == 1
    assert "has no GPU-b that is marked as dirty" in again.stderr


def test_a_silent_host_is_declared_dead(signoff: Run, house: House) -> None:
    """The house's clock stands long ago, so that its lease has run out by ours."""
    house.join()
    number = house.approved(seeds=1).number
    house.start(house.queries.experiment(number).runs[-1])
    done = signoff("host", "dead", HOST, "--reason", "it has burnt")
    assert done.exit_code == 0
    assert f"1 run will resume elsewhere: E-{number}/s1" in done.stdout
    assert "it has burnt" in str([event.payload for event in house.queries.events(number)])
    unknown = signoff("host", "dead", "gpu-9")
    assert f"no host is called gpu-9; there are: {HOST}" in unknown.stderr
