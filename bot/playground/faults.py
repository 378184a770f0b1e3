"""Bad days on demand: the next calls, events or acks fail as real networks and Slack do."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The faults that wait for something to hit; `fault_kinds` has words for them and for all others."""

    RATE_LIMITED = "ratelimited"
    SERVER_ERROR = "server_error"
    ERROR = "error"
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a kind of fault
    SLOW = "slow"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    NEVER_SHARED = "never_shared"
    DUPLICATE = "duplicate"
    SLOW_ACK = "slow_ack"


BEFORE = frozenset({FaultKind.TIMEOUT_BEFORE, FaultKind.DROP_BEFORE})
LOST = frozenset({*BEFORE, FaultKind.TIMEOUT_AFTER, FaultKind.DROP_AFTER})

EVENTS = "events"
ACKS = "acks"
_NO_CALLS = frozenset({EVENTS, ACKS})


@dataclass
class Fault:
    """`method` is a Web API method, `upload`, `response_url`, `*` (any of them), or EVENTS or ACKS.

    `times` says how often it still comes; `channel` narrows it to calls about one channel, `envelope` to
    acks of one type of envelope. Times in seconds.
    """

    kind: FaultKind
    method: str
    times: int = 1
    retry_after_s: int = 1
    delay_s: float = 30.0
    code: str = "fatal_error"
    channel: str | None = None
    envelope: str | None = None


class FaultPlan:
    """The faults that are still to come, oldest first. `on_change` hears whenever they change."""

    def __init__(self, *, on_change: Callable[[], None] = lambda: None) -> None:
        self.faults: list[Fault] = []
        self._on_change = on_change

    def add(self, fault: Fault) -> None:
        self.faults.append(fault)
        self._on_change()

    def clear(self) -> None:
        self.faults.clear()
        self._on_change()

    def take(self, method: str, channel: str | None = None, *, envelope: str | None = None) -> Fault | None:
        """The fault that hits this call, used up once; None on a good day."""
        for fault in self.faults:
            if not _hits(fault, method, channel, envelope):
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            self._on_change()
            return fault
        return None


def _hits(fault: Fault, method: str, channel: str | None, envelope: str | None) -> bool:
    wanted = fault.method == method or (fault.method == "*" and method not in _NO_CALLS)
    return wanted and fault.channel in (None, channel) and fault.envelope in (None, envelope)
