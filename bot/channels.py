"""Where the bot may post: it must be a member, because uploads need membership."""

import threading
import time
from collections.abc import Callable

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.patience import Patience

log = structlog.get_logger(__name__)

CACHE_S = 60.0
WITHIN_S = 0.8
"""How long a form waits for Slack; together with `bot.approvers` well below the 3 seconds of an ack."""

NOT_A_MEMBER = "Signoff is not in this channel. Type /invite @Signoff there, or choose another channel."
SILENT = "Slack did not say whether Signoff is in this channel; nothing was saved, submit again."
ARCHIVED = "This channel is archived; choose another one."

_CLOSED = frozenset({"channel_not_found", "not_in_channel", "is_archived", "missing_scope", "no_permission"})


class Channels:
    """Membership by channel id; a good answer is kept for a minute, a bad one is asked again."""

    def __init__(
        self, client: WebClient, patience: Patience, *, ticking: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._patience = patience
        self._ticking = ticking
        self._lock = threading.Lock()
        self._open_until: dict[str, float] = {}

    def problem(self, channel_id: str) -> str:
        """Why the bot cannot post there, in a sentence for the form; empty where it can."""
        with self._lock:
            if self._open_until.get(channel_id, 0.0) > self._ticking():
                return ""
        try:
            return self._patience.ask(lambda: self._look(channel_id), WITHIN_S)
        except TimeoutError:
            log.warning("channels.silent", channel_id=channel_id, error=f"no answer within {WITHIN_S} s")
            return SILENT

    def forget(self) -> None:
        """Ask again about every channel."""
        with self._lock:
            self._open_until.clear()

    def _look(self, channel_id: str) -> str:
        try:
            channel = self._client.conversations_info(channel=channel_id)["channel"]
        except SlackApiError as error:
            return NOT_A_MEMBER if error.response.get("error") in _CLOSED else SILENT
        except OSError as error:
            log.warning("channels.silent", channel_id=channel_id, error=str(error))
            return SILENT
        if channel.get("is_archived"):
            return ARCHIVED
        if not channel.get("is_member"):
            return NOT_A_MEMBER
        with self._lock:
            self._open_until[channel_id] = self._ticking() + CACHE_S
        return ""
