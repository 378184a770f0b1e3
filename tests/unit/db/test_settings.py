from pathlib import Path

import pytest
from pydantic import ValidationError

from db.settings import LedgerSettings


def settings(**given: object) -> LedgerSettings:
    return LedgerSettings(_env_file=None, **given)  # type: ignore[arg-type] # settings by name


def test_everything_lies_in_the_data_folder_unless_it_is_said(tmp_path: Path) -> None:
    default = settings(data_dir=tmp_path)
    assert default.ledger_url == f"sqlite:///{tmp_path}/ledger.db"
    assert default.artifacts_folder == tmp_path / "runs"
    assert default.broker_folder == tmp_path / "broker"
    elsewhere = settings(data_dir=tmp_path, database_url="postgresql://db/x", artifacts_dir="/nas/runs")
    assert elsewhere.ledger_url == "postgresql://db/x"
    assert elsewhere.artifacts_folder == Path("/nas/runs")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIGNOFF_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SIGNOFF_INSTANCE", "lab-2")
    monkeypatch.setenv("SIGNOFF_BROKER_URL", "")
    found = settings()
    assert (found.data_dir, found.instance, found.broker_url) == (tmp_path, "lab-2", None)


@pytest.mark.parametrize("name", ["", "Lab", "a b", "-lab", "x" * 40])
def test_an_instance_has_a_name_that_containers_can_carry(name: str) -> None:
    with pytest.raises(ValidationError):
        settings(instance=name)


def test_environments_are_patterns_of_ids() -> None:
    found = settings(environments="lab_envs:Arm-*, Leg-v?,ALE/*,").allowed_environments
    assert found == ("lab_envs:Arm-*", "Leg-v?", "ALE/*")
    assert settings().allowed_environments == ()


@pytest.mark.parametrize(
    "pattern", ["*", "*:*", "lab*:Arm-v0", "lab_envs:*", "a:b:c", "x y", "lab-e:Arm", "?"]
)
def test_a_pattern_that_allows_anything_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="no pattern of environment ids"):
        settings(environments=pattern)
