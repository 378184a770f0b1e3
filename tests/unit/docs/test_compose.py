"""docker-compose.yml keeps what docs/production.md promises: limits, health checks, and who reaches what."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import BotSettings
from tests.unit.docs.test_settings_table import CLASSES, environment_names

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "bot", "worker")
SOCKET = "/var/run/docker.sock"
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")


def binds(service: str) -> dict[str, dict[str, Any]]:
    """Source on the host -> the mount."""
    mounts = SERVICES[service].get("volumes", [])
    return {mount["source"]: mount for mount in mounts if isinstance(mount, dict)}


def test_the_services_are_those_of_the_design() -> None:
    assert set(SERVICES) == {"postgres", "redis", *OURS}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_limits_a_policy_and_a_bounded_log(service: str) -> None:
    described = SERVICES[service]
    assert {"mem_limit", "cpus", "pids_limit"} <= set(described)
    assert described["restart"] == ("no" if service == "migrate" else "unless-stopped")
    assert described["logging"]["options"] == {"max-size": "20m", "max-file": "5"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_whether_it_is_well(service: str) -> None:
    check = SERVICES[service]["healthcheck"]
    if service == "migrate":
        assert check == {"disable": True}, "it runs once"
        return
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries"} <= set(check)


def test_redis_keeps_what_it_is_given_and_wants_a_password() -> None:
    command = SERVICES["redis"]["command"]
    for part in ("--requirepass", "--appendonly yes", "--appendfsync everysec", "noeviction"):
        assert part in command


def test_the_ledger_is_migrated_once_before_anything_uses_it() -> None:
    assert SERVICES["migrate"]["command"] == ["signoff", "migrate"]
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for service in ("bot", "worker"):
        needed = SERVICES[service]["depends_on"]["migrate"]
        assert needed == {"condition": "service_completed_successfully"}


def test_a_worker_gets_the_time_to_end_its_tasks() -> None:
    assert SERVICES["worker"]["stop_grace_period"] == "70s"
    assert SERVICES["worker"]["environment"]["SIGNOFF_LAUNCHER"] == "docker"


def test_only_the_worker_reaches_docker() -> None:
    assert [service for service in SERVICES if SOCKET in yaml.safe_dump(SERVICES[service])] == ["worker"]
    assert "group_add" in SERVICES["worker"]


def test_only_the_bot_has_tokens_of_slack() -> None:
    holders = {
        service
        for service, described in SERVICES.items()
        if any(name.startswith("SLACK_") for name in described.get("environment", {}))
    }
    assert holders == {"bot"}
    assert all("env_file" not in described for described in SERVICES.values())


def test_the_artifacts_are_one_folder_at_one_path() -> None:
    folder = "${SIGNOFF_ARTIFACTS_DIR}"
    assert binds("bot")[folder] == {"type": "bind", "source": folder, "target": folder, "read_only": True}
    assert binds("worker")[folder] == {"type": "bind", "source": folder, "target": folder}
    assert set(COMPOSE["volumes"]) == {"postgres", "redis"}
    for service in OURS:
        assert all(isinstance(mount, dict) for mount in SERVICES[service].get("volumes", [])), service


@pytest.mark.parametrize("service", OURS)
def test_our_own_services_have_no_rights_that_they_do_not_need(service: str) -> None:
    described = SERVICES[service]
    assert described["cap_drop"] == ["ALL"]
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert described["read_only"] is True
    assert "privileged" not in described
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()


def test_nothing_listens_on_all_addresses_of_the_host() -> None:
    ports = [port for described in SERVICES.values() for port in described.get("ports", [])]
    assert len(ports) == 6
    assert all(port.startswith(("127.0.0.1:", "${SIGNOFF_LISTEN:-127.0.0.1}:")) for port in ports)


def test_every_setting_that_is_passed_on_exists() -> None:
    known = {name for settings in CLASSES for name in environment_names(settings)}
    passed = {name for service in OURS for name in SERVICES[service]["environment"]}
    assert passed <= known
    required = {name for name, field in BotSettings.model_fields.items() if field.is_required()}
    assert {name.upper() for name in required} <= set(SERVICES["bot"]["environment"])


def test_the_example_names_every_variable() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", TEXT))
    named = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert used <= named
    assert named - used == {"COMPOSE_PROJECT_NAME"}
    secrets = re.findall(r"^(\w*(?:PASSWORD|TOKEN|SECRET))=(.*)$", EXAMPLE, re.MULTILINE)
    assert [value for _, value in secrets] == [""] * 5, "an example holds no secret"


@pytest.mark.parametrize("files", [("docker-compose.yml",), ("docker-compose.yml", "docker-compose.gpu.yml")])
def test_compose_itself_accepts_the_files(files: tuple[str, ...], tmp_path: Path) -> None:
    if shutil.which("docker-compose") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("docker-compose is not installed; run tests/install_services.sh")
        pytest.skip("docker-compose is not installed")
    values = {"POSTGRES_PASSWORD": "p", "REDIS_PASSWORD": "r", "DOCKER_GID": "999"}
    filled = "".join(f"{name}={value}\n" for name, value in values.items())
    (tmp_path / ".env").write_text(EXAMPLE + filled)
    for file in files:
        shutil.copy(ROOT / file, tmp_path)
    options = [option for file in files for option in ("--file", file)]
    done = subprocess.run(
        ["docker-compose", *options, "config"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    described = yaml.safe_load(done.stdout)
    worker = described["services"]["worker"]
    assert worker["environment"]["SIGNOFF_DATABASE_URL"] == "postgresql://signoff:p@postgres:5432/signoff"
    assert ("pid" in worker) == (len(files) > 1)


def test_without_passwords_compose_says_which_is_missing() -> None:
    demanded = set(re.findall(r"\$\{([A-Z_]+):\?", TEXT))
    assert demanded == {
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "SIGNOFF_ARTIFACTS_DIR",
        "SIGNOFF_HOST_ID",
        "DOCKER_GID",
    }
