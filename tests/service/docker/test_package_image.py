"""`signoff package --image`: the image of a policy, built without a network, evaluates it and serves it."""

import json
from pathlib import Path

import pytest

from bot.cli.package_image import build_image
from db.errors import Refused
from tests.service.docker.engine import Engine, wait_until
from tests.service.trainer.runs import finish, log_of, prepare
from tests.unit.trainer.configs import config
from trainer.bundle import make_bundle

pytestmark = pytest.mark.service

IMAGE = "signoff-test-policy"
ASK = """
import json, urllib.request
batch = json.dumps({"observations": [[0.0, 0.0, 0.1, 0.0], [0.0, 0.0, -0.1, 0.0]]}).encode()
print(urllib.request.urlopen("http://127.0.0.1:8000/act", batch, timeout=60).read().decode())
"""


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    """A policy that balances a pole a little, as a package."""
    code, _ = finish(prepare(tmp_path / "run", config("ppo")))
    assert code == 0, log_of(tmp_path / "run")
    make_bundle(tmp_path / "run", {"title": "Packaged"}, tmp_path / "policy.zip")
    return tmp_path / "policy.zip"


@pytest.mark.timeout(600)
def test_the_image_of_a_policy_evaluates_it_and_serves_it(
    packaged: Path, docker_engine: Engine, trainer_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_engine.url)
    build_image(packaged, IMAGE, trainer_image)
    with docker_engine.client() as client:
        played = client.containers.run(
            IMAGE, ["evaluate.py"], network_mode="none", read_only=True, tmpfs={"/tmp": ""}, remove=True
        )
        report = json.loads(played)
        assert (report["reproduced"], report["same_environment"]) == (True, True)

        serving = client.containers.run(IMAGE, network_mode="none", detach=True)

        def serves() -> bool:
            serving.reload()
            assert serving.status != "exited", serving.logs()
            return b"serving" in serving.logs()

        wait_until(serves, "it serves")
        code, answer = serving.exec_run(["python", "-c", ASK])
        serving.remove(force=True)
    assert code == 0, answer
    assert isinstance(answer, bytes)
    actions = json.loads(answer)["actions"]
    assert len(actions) == 2
    assert set(actions) <= {0, 1}


@pytest.mark.timeout(600)
def test_what_docker_does_not_build_is_told(
    packaged: Path, docker_engine: Engine, trainer_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_engine.url)
    with pytest.raises(Refused, match="Docker did not build No Such Name"):
        build_image(packaged, "No Such Name", trainer_image)
