"""What the engine says of a container, as the rest of the room understands it. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from worker.launchers.docker_config import ATTEMPT, RUN, TOKEN
from worker.launchers.launcher import Container, ContainerState

# Paused and restarting are alive; `removing` and `dead` were stopped before.
STATES: Mapping[str, ContainerState] = {
    "created": ContainerState.CREATED,
    "running": ContainerState.RUNNING,
    "paused": ContainerState.RUNNING,
    "restarting": ContainerState.RUNNING,
    "removing": ContainerState.EXITED,
    "exited": ContainerState.EXITED,
    "dead": ContainerState.EXITED,
}
SIGNAL_BASE, LAST_SIGNAL = 128, 64
_NEVER = "0001-"
_FRACTION = re.compile(r"\.(\d{6})\d*")


def read_container(found: Mapping[str, Any]) -> Container:
    """A container from `docker inspect`. Raises `KeyError` or `ValueError` where it is none of ours."""
    state, labels = found["State"], found["Config"]["Labels"]
    status = STATES[state["Status"]]
    ended = status is ContainerState.EXITED
    code = int(state["ExitCode"])
    return Container(
        handle=str(found["Name"]).removeprefix("/"),
        run=labels[RUN],
        attempt=int(labels[ATTEMPT]),
        token=labels[TOKEN],
        state=status,
        created_at=_required(read_time(found["Created"])),
        started_at=read_time(state["StartedAt"]),
        exit_code=code if ended else None,
        signal=signal_of(code) if ended else None,
        oom_killed=bool(state["OOMKilled"]) and ended,
        finished_at=read_time(state["FinishedAt"]) if ended else None,
    )


def signal_of(code: int) -> int | None:
    """The signal that an exit code stands for: 137 is 9."""
    return code - SIGNAL_BASE if SIGNAL_BASE < code <= SIGNAL_BASE + LAST_SIGNAL else None


def read_time(text: str) -> float | None:
    """Seconds since the epoch of "2026-11-20T21:11:32.706123456Z"; None for the engine's "never"."""
    if text.startswith(_NEVER):
        return None
    shorter = _FRACTION.sub(r".\1", text)
    at = datetime.fromisoformat(shorter)
    return at.replace(tzinfo=at.tzinfo or UTC).timestamp()


def _required(at: float | None) -> float:
    if at is None:
        raise ValueError("a container without a time of creation")
    return at
