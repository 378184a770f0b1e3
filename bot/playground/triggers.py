"""Things that work once or for a short while: trigger ids and response URLs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.playground import limits
from bot.playground.errors import SlackError


@dataclass
class Trigger:
    """Permission to open one view for `user`; `view_id` is the modal it came from, if any."""

    id: str
    user: str
    made_at: float
    view_id: str | None = None
    channel: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """Permission to answer in a channel a few times; `message_ts` is the message that was acted on."""

    id: str
    user: str
    channel: str
    made_at: float
    message_ts: str | None = None
    thread_ts: str | None = None
    is_ephemeral: bool = False
    uses: int = 0


class Permits:
    """Trigger ids and response URLs of a running workspace. They do not survive a restart."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}

    def trigger(self, user: str, *, view_id: str | None = None, channel: str | None = None) -> Trigger:
        now = self._clock()
        made = Trigger(f"{int(now * 1000)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}", user, now)
        made.view_id, made.channel = view_id, channel
        self._triggers[made.id] = made
        return made

    def use_trigger(self, trigger_id: str) -> Trigger:
        """The trigger, spent."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if self._clock() - trigger.made_at > limits.TRIGGER_S.number:
            raise SlackError(limits.TRIGGER_S.code)
        if trigger.used:
            raise SlackError(limits.TRIGGER_USES.code)
        trigger.used = True
        return trigger

    def response_url(self, user: str, channel: str, message_ts: str | None = None) -> ResponseUrl:
        made = ResponseUrl(secrets.token_hex(12), user, channel, self._clock(), message_ts)
        self._responses[made.id] = made
        return made

    def use_response_url(self, response_id: str) -> ResponseUrl:
        permit = self._responses.get(response_id)
        if permit is None:
            raise SlackError("invalid_url", status=404)
        if self._clock() - permit.made_at > limits.RESPONSE_URL_S.number:
            raise SlackError(limits.RESPONSE_URL_S.code, status=404)
        if permit.uses >= limits.RESPONSE_URL_USES.number:
            raise SlackError(limits.RESPONSE_URL_USES.code, status=404)
        permit.uses += 1
        return permit
