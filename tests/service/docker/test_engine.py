"""The engine that other tests build on."""

import pytest

from tests.service.docker.engine import Engine

pytestmark = pytest.mark.service


def test_the_image_runs_without_network_root_and_rights(docker_engine: Engine, trainer_image: str) -> None:
    with docker_engine.client() as client:
        said = client.containers.run(
            trainer_image,
            ["python", "-c", "import os, torch, stable_baselines3; print(os.getuid(), torch.version.cuda)"],
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            remove=True,
        )
    assert said == b"10001 None\n"
