"""The image of bot and worker, built without network on a real Docker Engine, and run as compose runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.docker.engine import Engine
from tests.service.docker.images import BASE

pytestmark = pytest.mark.service

ROOT = Path(__file__).parents[3]
IMAGE = "signoff-server"
HARDENED = ("--rm", "--network=none", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL")
PROGRAM = """
import importlib.util, os, json
import bot.app, worker.app, psycopg, pynvml
found = [name for name in ("torch", "stable_baselines3", "pytest") if importlib.util.find_spec(name)]
print(json.dumps({"uid": os.getuid(), "found": found}))
"""


def run(engine: Engine, *arguments: str) -> str:
    done = subprocess.run(
        ["docker", "run", *arguments], env=engine.environment, capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    return done.stdout


@pytest.fixture
def server(docker_engine: Engine, tmp_path: Path) -> Engine:
    """An engine that has the image."""
    settings = {"BASE_IMAGE": BASE, "IMAGE": IMAGE, "PYTHON": sys.executable, "CONTEXT": str(tmp_path / "c")}
    done = subprocess.run(
        [str(ROOT / "server-image.sh")],
        env={**docker_engine.environment, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return docker_engine


def test_it_has_all_of_bot_and_worker_and_nothing_of_the_trainer(server: Engine, tmp_path: Path) -> None:
    assert run(server, *HARDENED, IMAGE, "signoff", "--version").startswith("signoff ")
    assert json.loads(run(server, *HARDENED, IMAGE, "python", "-c", PROGRAM)) == {"uid": 10001, "found": []}

    artifacts = tmp_path / "nas"
    artifacts.mkdir()
    socket = server.url.removeprefix("unix://")
    told = run(
        server,
        *HARDENED,
        "--user=0",
        f"--volume={socket}:/var/run/docker.sock",
        f"--volume={artifacts}:/srv/runs",
        "--env=SIGNOFF_LAUNCHER=docker",
        "--env=SIGNOFF_ARTIFACTS_DIR=/srv/runs",
        "--env=SIGNOFF_DATA_DIR=/tmp/signoff",
        IMAGE,
        *("signoff", "doctor", "--only", "worker", "--json"),
    )
    found = {finding["what"]: finding["level"] for finding in json.loads(told)}
    assert found[f"the artifacts are at /srv/runs here, but at {artifacts} on the host"] == "problem"
    assert any(what.startswith("the trainer's image signoff-trainer is ") for what in found), found
    assert any(what.startswith("Docker ") and level == "ok" for what, level in found.items()), found
