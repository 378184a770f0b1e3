"""Which image this host trains with: its id, what is installed in it, which commit it was built from."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.launchers.docker_engine import Declined, DockerEngine, Missing, Taken
from worker.launchers.launcher import LauncherDown
from worker.machine import VERSIONED_PACKAGES, VERSIONS_PROGRAM, TrainerMissing

REVISION = "org.opencontainers.image.revision"
PATIENCE_S = 120.0
_POLL_S = 0.05
_MEMORY_BYTES = 512 * 2**20


@dataclass(frozen=True)
class Image:
    """`id` is the SHA-256 that names its content. `versions` has the commit too, as "trainer"."""

    id: str
    versions: dict[str, str]


def look_at_image(engine: DockerEngine, name: str, *, host: str) -> Image:
    """What `name` stands for now, and what is in it. Raises `TrainerMissing`."""
    try:
        found = engine.image(name)
        versions = _versions(engine, str(found["Id"]))
    except Missing as error:
        raise TrainerMissing(
            f"the image {name} is not on host {host}; build it with `make image`, load it with `docker load` "
            "or `docker pull`, or set SIGNOFF_TRAINER_IMAGE"
        ) from error
    except (Declined, Taken, LauncherDown, ValueError) as error:
        raise TrainerMissing(f"Docker on host {host} cannot show the image {name}: {error}") from error
    if "torch" not in versions or "stable-baselines3" not in versions:
        raise TrainerMissing(f"the image {name} has no torch and stable-baselines3; see docs/docker.md")
    labels = found["Config"].get("Labels") or {}
    return Image(str(found["Id"]), {**versions, "trainer": labels.get(REVISION, "unknown")})


def _versions(engine: DockerEngine, image: str) -> dict[str, str]:
    """Asked of the image's own Python: what a team has added stands in no label."""
    name = f"signoff-versions-{image.removeprefix('sha256:')[:12]}-{time.time_ns()}"
    engine.create(name, _question(image))
    try:
        engine.start(name)
        _await_end(engine, name)
        said = engine.logs(name, lines=1)
    finally:
        engine.remove(name, force=True)
    found: dict[str, str] = json.loads(said)
    return found


def _question(image: str) -> dict[str, Any]:
    return {
        "Image": image,
        "Cmd": ["python", "-I", "-c", VERSIONS_PROGRAM, *VERSIONED_PACKAGES],
        "NetworkDisabled": True,
        "HostConfig": {
            "NetworkMode": "none",
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "PidsLimit": 64,
            "Memory": _MEMORY_BYTES,
            "MemorySwap": _MEMORY_BYTES,
        },
    }


def _await_end(engine: DockerEngine, name: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        state: Mapping[str, Any] = engine.inspect(name)["State"]
        if state["Status"] == "exited":
            if state["ExitCode"]:
                raise ValueError(f"its Python ended with {state['ExitCode']}")
            return
        if time.monotonic() > deadline:
            raise ValueError(f"its Python did not answer within {PATIENCE_S:.0f} s")
        time.sleep(_POLL_S)
