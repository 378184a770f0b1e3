"""Who may decide: ids and user groups, looked up when somebody clicks, closed where Slack is silent."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.patience import Patience
from bot.settings import ANYONE
from db.errors import Refused
from db.lifecycle import ApprovalPolicy

log = structlog.get_logger(__name__)

CACHE_S = 60.0
WITHIN_S = 0.8
"""How long a click waits for all groups together; then nothing is decided."""
GROUP = "S"


class GroupUnknown(Refused):
    """Slack did not say who is in the approvers' user group, so nothing was decided; try again."""


@dataclass(frozen=True)
class _Members:
    ids: frozenset[str]
    until_s: float


class Approvers:
    """The configured approvers. `is_playground`: only there does `anyone`, or an empty list, mean anyone.

    A click must be answered within 3 seconds, so that Slack is not waited for: `patience` asks.
    """

    def __init__(
        self,
        entries: Sequence[str],
        client: WebClient,
        patience: Patience,
        *,
        is_playground: bool,
        allow_self: bool = False,
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ids = frozenset(e for e in entries if not e.startswith(GROUP) and e.lower() != ANYONE)
        self._groups = tuple(e for e in entries if e.startswith(GROUP))
        asks_anyone = any(entry.lower() == ANYONE for entry in entries) or not entries
        self._anyone = is_playground and asks_anyone
        self._client = client
        self._patience = patience
        self._allow_self = allow_self
        self._ticking = ticking
        self._lock = threading.Lock()
        self._known: dict[str, _Members] = {}

    @property
    def rule(self) -> str:
        """The policy as it is signed: part of the approval hash."""
        who = ANYONE if self._anyone else ",".join(sorted([*self._ids, *self._groups])) or "nobody"
        return f"approvers={who};self={'yes' if self._allow_self else 'no'}"

    @property
    def groups(self) -> tuple[str, ...]:
        return self._groups

    def policy(self, decider_id: str) -> ApprovalPolicy:
        """The policy for a decision of this person; groups are asked only where it matters.

        Raises GroupUnknown where only a group could allow it and Slack does not answer.
        """
        if self._anyone:
            return ApprovalPolicy(None, allow_self=self._allow_self)
        approvers = self._ids
        if decider_id not in approvers:
            approvers |= self._ask_groups(decider_id)
        return ApprovalPolicy(approvers, allow_self=self._allow_self)

    def _ask_groups(self, decider_id: str) -> frozenset[str]:
        """The members of the groups that answered in time; GroupUnknown where that cannot settle it."""
        questions = [partial(self._members, group) for group in self._groups]
        found: frozenset[str] = frozenset()
        unknown: GroupUnknown | None = None
        asked = self._patience.ask_all(questions, WITHIN_S)
        for group, answer in zip(self._groups, asked, strict=True):
            try:
                found |= answer.result(0)
            except TimeoutError:
                log.warning("approvers.group_unknown", group=group, error=f"no answer within {WITHIN_S} s")
                unknown = unknown or GroupUnknown(_unknown(group))
            except GroupUnknown as error:
                unknown = unknown or error
        if unknown is not None and decider_id not in found:
            raise unknown
        return found

    def _members(self, group: str) -> frozenset[str]:
        with self._lock:
            known = self._known.get(group)
        if known is not None and known.until_s > self._ticking():
            return known.ids
        try:
            answer = self._client.usergroups_users_list(usergroup=group)
        except (SlackApiError, OSError) as error:
            log.warning("approvers.group_unknown", group=group, error=str(error))
            raise GroupUnknown(_unknown(group)) from None
        members = _Members(frozenset(answer["users"]), self._ticking() + CACHE_S)
        with self._lock:
            self._known[group] = members
        return members.ids


def _unknown(group: str) -> str:
    return (
        f"Slack does not say who is in the user group {group}, so nothing was decided; try again in a "
        "moment, or name the approvers by their user ids in SIGNOFF_APPROVERS"
    )
