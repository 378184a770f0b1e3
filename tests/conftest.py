"""Fixtures that tests of several rooms share."""

import pytest

from tests.postgresql import database_url, migrated, postgresql_url
from tests.service.docker.fixtures import docker_engine, fragile_engine, trainer_image

__all__ = [
    "database_url",
    "docker_engine",
    "fragile_engine",
    "migrated",
    "postgresql_url",
    "trainer_image",
]

# The first test that asks for the trainer's image may have to build it.
BUILD_TIMEOUT_S = 1200


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if (
            "docker_engine" in getattr(item, "fixturenames", ())
            and item.get_closest_marker("timeout") is None
        ):
            item.add_marker(pytest.mark.timeout(BUILD_TIMEOUT_S))
