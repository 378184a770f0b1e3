"""Code bundles on a host: what is launched with them, what is refused, what the trainer finds in them."""

import json
from pathlib import Path

import pytest

from db.code import store, wheel
from db.errors import CodeRefused
from db.lifecycle import ExitCause, RunStatus
from db.records import Bundle
from tests.unit.db.code.wheels import ENTRY_POINTS, made
from tests.unit.worker.house import House
from trainer.contract import DESCRIBED_FILE, JsonObject
from worker.code import unpacked
from worker.describe import LIMIT_S
from worker.launchers.launcher import LaunchFailed

NOTHING: JsonObject = {"algorithms": {}, "environments": {}, "common": {}, "versions": {}}


def push(house: House, text: str = "x = 1\n", points: str = ENTRY_POINTS) -> str:
    content = wheel.canonical(made({"toy/a.py": text}, entry_points=points))
    sha256 = store.keep(house.work.artifacts, content, {}, None)
    named = {"signoff.rewards": ("action_penalty",)}
    pushed_at = house.clock.now()
    bundle = Bundle(sha256, "toy-cars", "0.1", "c" * 40, "main", False, 9, {}, named, "Ana", pushed_at)
    house.ledger.code.push(bundle)
    return sha256


def job(house: House) -> str:
    return next(handle for handle in house.launcher.launches if "-code-" in handle)


def folder(house: House, handle: str) -> Path:
    name = handle.removeprefix("signoff-test-").removesuffix("-a1")
    return house.work.state / "described" / name


def test_a_bundle_is_unpacked_once_and_cannot_be_written(house: House) -> None:
    sha256 = push(house)
    path = unpacked(house.work, sha256)
    assert (path / "toy" / "a.py").read_text() == "x = 1\n"
    assert (path / "toy" / "a.py").stat().st_mode & 0o777 == 0o444
    assert path.stat().st_mode & 0o777 == 0o555
    assert unpacked(house.work, sha256) == path
    assert [one.name for one in path.parent.iterdir()] == [sha256]


def test_what_was_changed_on_the_host_is_refused(house: House) -> None:
    sha256 = push(house)
    changed = unpacked(house.work, sha256) / "toy" / "a.py"
    changed.chmod(0o644)
    changed.write_text("x = 2\n")
    with pytest.raises(CodeRefused, match="was changed after it was unpacked"):
        unpacked(house.work, sha256)
    changed.unlink()
    changed.symlink_to("/etc/passwd")
    with pytest.raises(CodeRefused, match="is a link"):
        unpacked(house.work, sha256)


def test_a_file_beside_the_signed_ones_is_refused(house: House) -> None:
    path = unpacked(house.work, sha256 := push(house))
    path.chmod(0o755)
    (path / "torch.py").write_text("evil = 1\n")
    with pytest.raises(CodeRefused, match="was changed"):
        unpacked(house.work, sha256)


def test_a_tampered_bundle_never_starts(house: House) -> None:
    sha256 = push(house)
    experiment = house.approve(seeds=1, delta={"code": "latest"})
    path = store.folder_of(house.work.artifacts, sha256) / store.WHEEL_FILE
    path.write_bytes(path.read_bytes() + b" ")
    house.turns_until(lambda: house.run(experiment, "smoke").status is RunStatus.FAILED)
    assert not [handle for handle in house.launcher.launches if "-E-" in handle]
    run = house.run(experiment, "smoke")
    assert run.cause is ExitCause.START_FAILURE
    assert "is not what was pushed" in run.message


def test_a_training_program_of_the_bundle_runs_in_place_of_the_trainer(house: House) -> None:
    sha256 = push(house, points="[signoff.trainers]\nclimb = toy.a:train\n")
    experiment = house.approve(seeds=1, delta={"code": "latest", "program": {"name": "climb"}})
    assert experiment.revision.config["program"] == {"name": "climb"}
    assert house.queries.parents_like(f"{experiment.number}")[0].algo == "climb"
    house.turns_until(lambda: house.running(experiment, "smoke"))
    (spec,) = [spec for handle, spec in house.launcher.specs.items() if "-E-" in handle]
    assert (spec.module, spec.runs_bundle) == ("toy.a", True)
    assert spec.code == unpacked(house.work, sha256)


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        ({"code": "latest"}, "has no training program 'climb'; it has none"),
        ({}, "climb is in a code bundle, and the config names none"),
    ],
)
def test_a_program_that_is_not_there_is_refused(house: House, delta: JsonObject, said: str) -> None:
    push(house)
    experiment = house.approve(seeds=1, delta={**delta, "program": {"name": "climb"}})
    house.turns_until(lambda: house.run(experiment, "smoke").status is RunStatus.FAILED)
    run = house.run(experiment, "smoke")
    assert run.cause is ExitCause.START_FAILURE
    assert said in run.message


def test_the_trainer_looks_at_each_bundle_once(house: House) -> None:
    sha256 = push(house)
    house.turns_until(lambda: len(house.launcher.launches) == 1)
    (folder(house, job(house)) / DESCRIBED_FILE).write_text(json.dumps(NOTHING))
    house.launcher.exits(job(house), 0)
    house.turns_until(lambda: house.queries.description(sha256) is not None)
    found = house.queries.description(sha256)
    assert found is not None
    assert (found.catalogue, found.message) == (NOTHING, "")
    house.turn()
    assert len(house.launcher.launches) == 1
    assert not folder(house, job(house)).exists()


def test_a_failure_is_told_by_the_last_line_with_the_log(house: House) -> None:
    sha256 = push(house)
    house.turns_until(lambda: bool(house.launcher.launches))
    house.launcher.says(job(house), "Traceback\nThe code of toy-cars cannot be loaded: no way.\n")
    house.launcher.exits(job(house), 1)
    house.turn()
    found = house.queries.description(sha256)
    assert found is not None
    assert found.catalogue is None
    assert found.message == "The code of toy-cars cannot be loaded: no way."
    assert found.log_tail.startswith("Traceback")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"common": {}}', "[" * 100_000])
def test_what_a_hostile_bundle_leaves_is_not_believed(house: House, text: str) -> None:
    sha256 = push(house)
    house.turns_until(lambda: bool(house.launcher.launches))
    (folder(house, job(house)) / DESCRIBED_FILE).write_text(text)
    house.launcher.exits(job(house), 0)
    house.turn()
    found = house.queries.description(sha256)
    assert found is not None
    assert found.catalogue is None
    assert "cannot be read" in found.message


def test_one_that_never_ends_is_ended(house: House) -> None:
    sha256 = push(house)
    house.launcher.code_when_stopped = None
    house.turns_until(lambda: bool(house.launcher.launches))
    house.turns_until(lambda: house.queries.description(sha256) is not None, seconds=LIMIT_S / 3)
    found = house.queries.description(sha256)
    assert found is not None
    assert f"longer than {LIMIT_S:.0f} s" in found.message


def test_a_launcher_that_does_not_answer_decides_nothing(house: House) -> None:
    sha256 = push(house)
    house.launcher.down = True
    house.step()
    assert house.queries.description(sha256) is None
    house.launcher.down = False
    house.turns_until(lambda: bool(house.launcher.launches))


def test_a_start_that_failed_is_tried_again(house: House) -> None:
    sha256 = push(house)
    house.launcher.next_failure = LaunchFailed("no room")
    house.step()
    assert house.queries.description(sha256) is None
    house.turns_until(lambda: bool(house.launcher.launches))


def test_an_unreadable_bundle_is_told_without_a_launch(house: House) -> None:
    sha256 = push(house)
    (store.folder_of(house.work.artifacts, sha256) / store.WHEEL_FILE).unlink()
    house.turn()
    found = house.queries.description(sha256)
    assert found is not None
    assert "push it again" in found.message
    assert not house.launcher.launches
