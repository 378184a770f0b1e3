"""Limits as they are set, and what they allow."""

import pytest
from pydantic import ValidationError

from db.limit_settings import LimitSettings
from db.limits import Allowance, Limits, could_run
from db.records import Budget, Host, Needs
from tests.builders import Clock


def test_what_is_left_out_has_no_limit() -> None:
    limits = LimitSettings().limits
    assert limits == Limits()
    assert not limits.restrict_starts
    assert Allowance(limits, [("U1", Needs(gpus=64))]).refusal("U1", Needs(gpus=64)) is None


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_PERSON_GPUS", "2.5")
    monkeypatch.setenv("SIGNOFF_MAX_HOURS", "24")
    monkeypatch.setenv("SIGNOFF_TEAMS", "vision: U01 U02; driving: W03 ;")
    limits = LimitSettings().limits
    assert (limits.person_gpus, limits.run_hours) == (2.5, 24)
    assert limits.teams == {"vision": frozenset({"U01", "U02"}), "driving": frozenset({"W03"})}
    assert (limits.team_of("U02"), limits.team_of("U04")) == ("vision", None)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SIGNOFF_TEAMS", "vision=U01", "is no team; write for example"),
        ("SIGNOFF_TEAMS", "vision: ana", "is no team"),
        ("SIGNOFF_TEAMS", "vision: U01; driving: U01", "U01 is in vision and in driving"),
        ("SIGNOFF_PERSON_GPUS", "-1", "greater than 0"),
        ("SIGNOFF_MAX_GPUS", "many", "valid integer"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=said):
        LimitSettings()


def test_shares_of_a_gpu_add_up() -> None:
    quarter = Needs(gpus=1, gpu_share=0.25, cpus=0)
    allowance = Allowance(Limits(person_gpus=1), [("U1", quarter)] * 3)
    assert allowance.refusal("U1", quarter) is None
    allowance.use("U1", quarter)
    assert allowance.refusal("U1", quarter) == "the limit of its author"
    assert allowance.refusal("U2", quarter) is None


def test_who_is_over_a_limit_of_gpus_may_still_use_cpus() -> None:
    allowance = Allowance(Limits(person_gpus=1), [("U1", Needs(gpus=2, cpus=0))])
    assert allowance.refusal("U1", Needs()) is None


def test_a_team_shares_its_limit() -> None:
    limits = Limits(team_cpu_slots=3, teams={"vision": frozenset({"U1", "U2"})})
    allowance = Allowance(limits, [("U1", Needs(cpus=2))])
    assert allowance.refusal("U2", Needs(cpus=2)) == "the limit of team vision"
    assert allowance.refusal("U2", Needs()) is None
    assert allowance.refusal("U3", Needs(cpus=2)) is None


def test_a_host_that_does_not_say_its_memory_is_believed_to_have_enough() -> None:
    host = Host("h", 1, Clock().now, 2, (), None)
    assert could_run(Budget(memory_gb=64).needs, host)
    assert not could_run(Budget(cpus=4).needs, host)
