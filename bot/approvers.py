"""Who may decide: ids and user groups, looked up when somebody clicks, closed where Slack is silent."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.settings import ANYONE
from db.errors import Refused
from db.lifecycle import ApprovalPolicy

log = structlog.get_logger(__name__)

CACHE_S = 60.0
GROUP = "S"


class GroupUnknown(Refused):
    """Slack did not say who is in the approvers' user group, so nothing was decided; try again."""


@dataclass(frozen=True)
class _Members:
    ids: frozenset[str]
    until_s: float


class Approvers:
    """The configured approvers. `is_playground`: only there does `anyone`, or an empty list, mean anyone.

    `client` should have a short timeout: a click must be answered within 3 seconds.
    """

    def __init__(
        self,
        entries: Sequence[str],
        client: WebClient,
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
        for group in () if decider_id in self._ids else self._groups:
            approvers |= self._members(group)
        return ApprovalPolicy(approvers, allow_self=self._allow_self)

    def _members(self, group: str) -> frozenset[str]:
        with self._lock:
            known = self._known.get(group)
        if known is not None and known.until_s > self._ticking():
            return known.ids
        try:
            answer = self._client.usergroups_users_list(usergroup=group)
        except (SlackApiError, OSError) as error:
            log.warning("approvers.group_unknown", group=group, error=str(error))
            raise GroupUnknown(
                f"Slack does not say who is in the user group {group}, so nothing was decided; try again "
                "in a moment, or name the approvers by their user ids in SIGNOFF_APPROVERS"
            ) from None
        members = _Members(frozenset(answer["users"]), self._ticking() + CACHE_S)
        with self._lock:
            self._known[group] = members
        return members.ids
