"""The sender's place: where several bots run, one of them sends, and the others wait for its place."""

import os
import socket
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import structlog

from db.errors import SignoffError

log = structlog.get_logger(__name__)

LEASE_S = 20.0
CALL_S = 12.0
"""A call to Slack may take this long, and must have come to its end before another bot may begin."""


class Superseded(SignoffError):
    """Another bot sends now."""


class Leases(Protocol):
    """The two verbs of the outbox that a desk needs."""

    def lead(self, owner: str, now: datetime, *, lease_s: float, over: str = "") -> str: ...
    def resign(self, owner: str) -> None: ...


class Desk:
    """One sender's hold on the place. Times are of a clock that never jumps back."""

    def __init__(
        self, leases: Leases, owner: str, clock: Callable[[], datetime], ticking: Callable[[], float]
    ) -> None:
        self._leases = leases
        self._owner = owner
        self._clock = clock
        self._ticking = ticking
        self._until = float("-inf")

    def hold(self) -> bool:
        """Take the place, or keep it for long enough to make one call; False where another bot has it.

        What is still known to last is not asked for again. Raises Busy where the ledger does not answer.
        """
        asked_at = self._ticking()
        if self._until - asked_at >= CALL_S:
            return True
        holder = self._leases.lead(self._owner, self._clock(), lease_s=LEASE_S)
        if holder != self._owner and is_gone(holder):
            log.info("desk.taken_over", dead=holder)
            holder = self._leases.lead(self._owner, self._clock(), lease_s=LEASE_S, over=holder)
        self._until = asked_at + LEASE_S if holder == self._owner else float("-inf")
        return holder == self._owner

    def insist(self) -> None:
        """Raises Superseded where another bot sends by now."""
        if not self.hold():
            raise Superseded("another bot sends now")

    def leave(self) -> None:
        """Let another bot begin at once; a ledger that does not answer lets it begin a little later."""
        self._until = float("-inf")
        with suppress(SignoffError):
            self._leases.resign(self._owner)


def own_name() -> str:
    """A name for this process that tells others on the same machine whether it still lives."""
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:12]}"


def is_gone(owner: str) -> bool:
    """Whether the owner was a process of this machine that has certainly ended."""
    host, _, rest = owner.partition("/")
    number = rest.partition("/")[0]
    if host != socket.gethostname() or not number.isascii() or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
