"""What a failing end-to-end test shows of its playgrounds: the traffic between them and the app."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

_SHOWN = 40
_WIDEST = 600
_running: list[str] = []


@contextmanager
def witnessed(base_url: str) -> Iterator[None]:
    """While the block runs, a test that fails shows this playground's traffic."""
    _running.append(base_url)
    try:
        yield
    finally:
        _running.remove(base_url)


def sections() -> list[tuple[str, str]]:
    """Title and text for each playground that runs now."""
    return [(f"traffic of {url}, the last {_SHOWN} exchanges", newest_traffic(url)) for url in _running]


def newest_traffic(base_url: str) -> str:
    """The newest exchanges, oldest first, one JSON line each; long lines are cut."""
    try:
        text = httpx.get(f"{base_url}/page/traffic.jsonl").text
    except httpx.HTTPError as error:
        return f"the playground does not answer: {error}"
    cut = (line if len(line) <= _WIDEST else f"{line[:_WIDEST]}…" for line in text.splitlines()[-_SHOWN:])
    return "\n".join(cut)
