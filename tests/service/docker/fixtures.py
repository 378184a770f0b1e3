"""Fixtures of the tests that need a Docker Engine, wherever they stand (see `tests/conftest.py`)."""

import os
from collections.abc import Iterator

import pytest

from tests.service.docker import images
from tests.service.docker.engine import Engine


def require_engine() -> None:
    """In CI a missing engine is a failure, elsewhere a skipped test that says so."""
    reason = images.missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"CI must have a Docker Engine: {reason}")
    if reason:
        pytest.skip(f"no Docker Engine: {reason}")


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[Engine]:
    """One engine for all tests that do it no harm; it has the trainer's image."""
    require_engine()
    with images.data_root() as data:
        engine = Engine(data)
        try:
            engine.start()
            yield engine
        finally:
            engine.close()


@pytest.fixture
def fragile_engine(docker_engine: Engine) -> Iterator[Engine]:
    """The same engine, for a test that kills or restarts it: the next test finds it up."""
    yield docker_engine
    docker_engine.stop()
    docker_engine.start()


@pytest.fixture(scope="session")
def trainer_image(docker_engine: Engine) -> str:
    """The id of the trainer's image in `docker_engine`."""
    with docker_engine.client() as client:
        return str(client.images.get(images.IMAGE).id)
