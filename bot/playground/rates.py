"""How often an app may call: a token bucket for each method, and one for each channel it posts in."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bot.playground import limits
from bot.playground.errors import SlackError


@dataclass
class _Bucket:
    capacity: float
    per_s: float
    level: float
    at: float


class Rates:
    """Buckets start full. A call that finds its bucket empty is refused with 429 and Retry-After."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, method: str, tier: limits.Limit) -> None:
        """One call of a method with `tier` calls a minute."""
        self._take((method, ""), capacity=tier.number, per_s=tier.number / 60)

    def take_post(self, channel: str) -> None:
        """One chat.postMessage in a channel; the whole workspace has a limit, too."""
        key = ("chat.postMessage", channel)
        self._take(key, capacity=limits.POST_BURST.number, per_s=limits.POSTS_PER_S.number)
        self.take("chat.postMessage in all channels", limits.POSTS_PER_MINUTE)

    def _take(self, key: tuple[str, str], *, capacity: float, per_s: float) -> None:
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(capacity, per_s, capacity, now))
        bucket.level = min(bucket.capacity, bucket.level + (now - bucket.at) * bucket.per_s)
        bucket.at = now
        if bucket.level < 1:
            wait_s = max(1, math.ceil((1 - bucket.level) / bucket.per_s))
            raise SlackError("ratelimited", status=429, retry_after_s=wait_s)
        bucket.level -= 1
