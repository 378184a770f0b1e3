"""How many events an app is sent: past Slack's hourly volume it only hears that there were more."""

from collections.abc import Callable

from bot.playground import limits

_HOUR_S = 3600.0
_MINUTE_S = 60


class EventVolume:
    """Counts the events of each hour, from the first event of the hour on."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = float("-inf")
        self._count = 0
        self._told = -1

    def take(self) -> bool:
        """Whether one more event may be sent."""
        now = self._clock()
        if now - self._began >= _HOUR_S:
            self._began, self._count = now, 0
        self._count += 1
        return self._count <= limits.EVENTS_PER_HOUR.number

    def minute_to_tell(self) -> int | None:
        """The minute (Unix seconds) for `app_rate_limited`, once for each minute with a refused event."""
        minute = int(self._clock()) // _MINUTE_S * _MINUTE_S
        if minute == self._told:
            return None
        self._told = minute
        return minute
