"""The playground's page with 5,000 messages in the channel, and a burst of 60 while somebody types.

python -m bench.run playground_page
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figure import Figure, at_most, figure
from bot.cli.playground_client import PlaygroundClient

MESSAGES = 5_000
BURST = 60
ROUNDS = 5
CHANNEL_PAGE = 50
TYPED = "the quick brown fox jumps over the lazy dog and back again"
_READY = "playground ready "
_PEOPLE = ("UANA", "UKAI", "UZOE")

# How long each key waits for its turn in the page's one thread, as the page itself sees it.
_WATCH_KEYS = """() => {
  window.waits = [];
  const field = document.querySelector("[data-testid=message-input]");
  field.addEventListener("keydown", (event) => window.waits.push(performance.now() - event.timeStamp));
}"""


@contextmanager
def _playground() -> Iterator[str]:
    command = [sys.executable, "-m", "bot.playground"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().removeprefix(_READY).strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _load_ms(browser: Browser, address: str) -> float:
    """From the request to the newest messages on the screen and a field to write in; nothing cached."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.locator(f":nth-match(.message, {CHANNEL_PAGE})").wait_for()
    page.locator("[data-testid=message-input]:focus").wait_for()
    took: float = page.evaluate("performance.now()")
    context.close()
    return took


def _waits_ms(page: Page, people: PlaygroundClient) -> list[float]:
    page.evaluate(_WATCH_KEYS)
    field = page.get_by_test_id("message-input")
    field.focus()
    burst = threading.Thread(target=lambda: [people.write("UANA", f"burst {i} " * 20) for i in range(BURST)])
    burst.start()
    for letter in TYPED:
        page.keyboard.press("Space" if letter == " " else letter)
        time.sleep(0.01)
    burst.join()
    page.locator(".message", has_text=f"burst {BURST - 1}").wait_for()
    assert field.input_value() == TYPED
    waits: list[float] = page.evaluate("window.waits")
    return waits


def figures() -> list[Figure]:
    with (
        _playground() as base_url,
        PlaygroundClient(base_url) as people,
        sync_playwright() as playwright,
    ):
        for number in range(MESSAGES):
            people.write(_PEOPLE[number // 3 % 3], f"message {number} " + "and so on " * (number % 20))
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        address = f"{base_url}/?user=UKAI"
        loads = [_load_ms(browser, address) for _ in range(ROUNDS)]
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        waits = _waits_ms(page, people)
        browser.close()
    return [
        at_most(f"page with {MESSAGES:,} messages in the channel, ready to write", median(loads), 1000, "ms"),
        figure(f"the slowest of {ROUNDS} such loads, the first after the start included", max(loads), "ms"),
        at_most(f"longest wait of a key while {BURST} messages arrive", max(waits), 100, "ms"),
    ]
