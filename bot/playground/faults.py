"""Bad days on demand: the next calls of a method fail as real networks and Slack do."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    RATE_LIMITED = "ratelimited"  # 429 with Retry-After; nothing is done
    SERVER_ERROR = "server_error"  # HTTP 500; nothing is done
    ERROR = "error"  # ok: false with a code of your choice; nothing is done
    SLOW = "slow"  # the answer comes `delay_s` later
    TIMEOUT_BEFORE = "timeout_before"  # no answer for `delay_s`, then the connection breaks; nothing is done
    TIMEOUT_AFTER = "timeout_after"  # the call is done, but its answer never comes
    DROP_BEFORE = "drop_before"  # the connection breaks at once; nothing is done
    DROP_AFTER = "drop_after"  # the call is done, and the connection breaks at once
    NEVER_SHARED = "never_shared"  # completeUploadExternal answers well, and the files never appear
    DUPLICATE = "duplicate"  # the next events are delivered twice, under new event ids


BEFORE = frozenset({FaultKind.TIMEOUT_BEFORE, FaultKind.DROP_BEFORE})
LOST = frozenset({*BEFORE, FaultKind.TIMEOUT_AFTER, FaultKind.DROP_AFTER})


@dataclass
class Fault:
    """`method` is a Web API method, `*` (any of them), `upload` (the upload URL) or `events`.

    `times` says how often it still comes; `channel` narrows it to calls about one channel.
    """

    kind: FaultKind
    method: str
    times: int = 1
    retry_after_s: int = 1
    delay_s: float = 30.0
    code: str = "fatal_error"
    channel: str | None = None


class FaultPlan:
    """The faults that are still to come, oldest first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.faults.append(fault)

    def clear(self) -> None:
        self.faults.clear()

    def take(self, method: str, channel: str | None = None) -> Fault | None:
        """The fault that hits this call, used up once; None on a good day."""
        for fault in self.faults:
            if fault.method not in (method, "*") or (fault.channel is not None and fault.channel != channel):
                continue
            if fault.method == "*" and method == "events":
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None
