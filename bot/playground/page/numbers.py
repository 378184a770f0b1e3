"""The numbers by which a page resumes, different in each run of the playground."""

import re

from bot.playground.feed import Feed

_NUMBER = re.compile("[0-9]{1,20}")


class PageNumbers:
    """The feed's numbers, moved by the microseconds of the start: a page of another run is found out."""

    def __init__(self, started_at_s: float) -> None:
        self._start = int(started_at_s * 1_000_000)

    def of_page(self, number: int) -> int:
        return self._start + number

    def of_feed(self, given: str | None, feed: Feed) -> int | None:
        """The feed's number for a page's; without one its end; None for one that is not of this run."""
        if not given:
            return feed.last
        if not _NUMBER.fullmatch(given):
            return None
        number = int(given) - self._start
        return number if 0 <= number <= feed.last else None
