"""Questions to Slack that may not be waited for: whoever clicked must hear from us within 3 seconds."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")

ASKING = 8
"""How many questions may be on their way at once; what waits for a free place counts as silent, too."""


class Patience:
    """Asks in threads and stops waiting after a while.

    A timeout of the HTTP client bounds each step of a call (names, connection, each read); this bounds
    the whole. A late answer is not lost: whoever asked keeps it in the cache that the question fills.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(ASKING, thread_name_prefix="asking")

    def ask(self, question: Callable[[], T], within_s: float) -> T:
        """The answer, or what the question raised. Raises TimeoutError after `within_s` seconds."""
        return self._threads.submit(question).result(within_s)

    def ask_all(self, questions: Sequence[Callable[[], T]], within_s: float) -> list[Future[T]]:
        """The questions, asked at once, as far as they are answered within `within_s` seconds."""
        asked = [self._threads.submit(question) for question in questions]
        wait(asked, within_s)
        return asked
