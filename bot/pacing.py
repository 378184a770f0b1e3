"""When Slack may be called next: one message a second and channel, and every 429 honoured. Pure."""

from dataclasses import dataclass, field

POST = "chat.postMessage"

POSTS_EVERY_S = 1.05
"""Slack takes one message a second and channel; the surplus covers the network's jitter."""

EDITS_EVERY_S = 1.2
"""chat.update is a tier 3 method: 50 calls a minute in the whole workspace."""

EDITS_IN_A_ROW = 8
"""Edits that may follow each other at once before they are spread out."""

CARD_EDITS_EVERY_S = 3.0
"""The shortest time between two edits of one living card."""


@dataclass
class Bucket:
    """A token bucket: `burst` calls at once, then one every `every_s` seconds."""

    every_s: float
    burst: int = 1
    full_at_s: float = 0.0

    def wait_s(self, now_s: float) -> float:
        """Seconds from `now_s` until the next call is allowed; 0.0 when it is allowed now."""
        return max(0.0, self.full_at_s - (self.burst - 1) * self.every_s - now_s)

    def take(self, now_s: float) -> None:
        """Count one call made at `now_s`."""
        self.full_at_s = max(self.full_at_s, now_s) + self.every_s


@dataclass
class Pace:
    """The state of all buckets and holds. Times are seconds of any clock that never jumps back."""

    posts: dict[str, Bucket] = field(default_factory=dict)
    edits: Bucket = field(default_factory=lambda: Bucket(EDITS_EVERY_S, EDITS_IN_A_ROW))
    holds: dict[tuple[str, str], float] = field(default_factory=dict)

    def wait_s(self, channel_id: str, *, method: str, now_s: float) -> float:
        """Seconds until `method` may be called for the channel."""
        bucket = self._bucket(channel_id, method)
        everywhere = self.holds.get((method, ""), 0.0) - now_s
        held = self.holds.get(_held(method, channel_id), 0.0) - now_s
        return max(0.0, held, everywhere, bucket.wait_s(now_s))

    def called(self, channel_id: str, *, method: str, now_s: float) -> None:
        """Count a call, whatever came of it: Slack counts the ones whose answer was lost, too."""
        self._bucket(channel_id, method).take(now_s)

    def hold(self, channel_id: str, *, method: str, until_s: float, now_s: float) -> None:
        """Honour a 429: no call of `method` before `until_s`, in the channel or in the whole workspace.

        A post that is refused while another channel is held has met the limit of the whole workspace.
        """
        key = _held(method, channel_id)
        others = [
            until for (name, place), until in self.holds.items() if name == POST and place != channel_id
        ]
        if method == POST and any(until > now_s for until in others):
            key = (POST, "")
        self.holds[key] = max(until_s, self.holds.get(key, until_s))

    def _bucket(self, channel_id: str, method: str) -> Bucket:
        if method == "chat.update":
            return self.edits
        return self.posts.setdefault(channel_id, Bucket(POSTS_EVERY_S))


def _held(method: str, channel_id: str) -> tuple[str, str]:
    """What a 429 is about: chat.postMessage has a limit for each channel, every other method one for the
    workspace. The calls of an upload hold each other.
    """
    if method == POST:
        return method, channel_id
    return method.partition(".")[0] if method.startswith("files.") else method, ""
