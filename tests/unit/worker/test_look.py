"""When a run ends, however it ends, what its tables show is kept with it."""

import shutil

import pytest

from db.lifecycle import RunStatus
from db.records import Experiment, FindingKind
from tests.unit.worker.house import House
from tests.unit.worker.recorded import FOLDER
from trainer.contract import JsonObject
from worker.look import _environment


def put(house: House, experiment: Experiment, recording: str) -> None:
    """As if s1 had written this recording."""
    folder = house.folder(house.run(experiment, "s1"))
    for name in ("metrics.csv", "evaluations.csv"):
        shutil.copy(FOLDER / recording / name, folder / name)


def kinds(house: House, experiment: Experiment) -> list[FindingKind]:
    return [finding.kind for finding in house.run(experiment, "s1").findings]


@pytest.mark.parametrize("code", [0, 1])
def test_a_run_that_ended_is_looked_at(house: House, training: Experiment, code: int) -> None:
    put(house, training, "collapse")
    house.finishes(house.run(training, "s1"), code)
    house.turns_until(lambda: house.ended(training, "s1"))
    assert house.run(training, "s1").status is (RunStatus.FAILED if code else RunStatus.SUCCEEDED)
    assert FindingKind.COLLAPSE in kinds(house, training)
    assert FindingKind.ENTROPY_COLLAPSE in kinds(house, training)


def test_a_run_that_met_a_nan_says_where(house: House, training: Experiment) -> None:
    house.finishes(house.run(training, "s1"), 11, result={"timesteps": 4096})
    house.turns_until(lambda: house.ended(training, "s1"))
    (finding,) = house.run(training, "s1").findings
    assert (finding.kind, finding.since_step) == (FindingKind.NAN, 4096)


def test_a_run_that_left_nothing_has_no_findings(house: House, training: Experiment) -> None:
    house.finishes(house.run(training, "s1"))
    house.turns_until(lambda: house.ended(training, "s1"))
    assert kinds(house, training) == []


def test_only_another_environment_than_the_yardsticks_can_pay_for_something_else() -> None:
    env: JsonObject = {"id": "Hopper-v5", "kwargs": {}, "normalize": {"norm_obs": True}}
    same: JsonObject = {"id": "Hopper-v5", "wrappers": []}
    other: JsonObject = {"id": "Hopper-v5", "kwargs": {"forward_reward_weight": -1.0}}
    assert _environment(env) == _environment(same)
    assert _environment(env) != _environment(other)
