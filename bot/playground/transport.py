"""How envelopes reach the app: what Socket Mode and signed HTTP requests have in common."""

from typing import Protocol

from bot.playground.records import Json


class NotDelivered(Exception):
    """The app could not be reached, or did not take the envelope.

    `reason` is Slack's word for it (`x-slack-retry-reason`); `again` is False where the app asked for no
    retry of this event.
    """

    def __init__(self, reason: str = "connection_failed", detail: str = "", *, again: bool = True) -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.again = again


class NoSocket(NotDelivered):
    """No socket of the app is open."""

    def __init__(self) -> None:
        super().__init__("connection_failed", "no app is connected")


class AckTimeout(NotDelivered):
    """The app did not ack within 3 s."""

    def __init__(self, reason: str = "timeout") -> None:
        super().__init__(reason, "the app did not respond in time")


class Transport(Protocol):
    """How envelopes reach the app."""

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        """Send one envelope (`slash_commands`, `interactive` or `events_api`) and return its ack's payload.

        The payload is `{}` where the ack has none. Raises NotDelivered, AckTimeout among it.
        """
