"""How quick the playground's page is: 5,000 messages in the channel, and 60 that arrive while somebody types.

    python -m bench.run playground_page

Needs Chromium on the PATH.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Page, WebSocket, sync_playwright

from bench.figure import Figure, at_most
from bot.cli.playground_client import PlaygroundClient
from bot.playground.records import Message

CHANNEL = "C0EXPERIMENTS"
MESSAGES = 5_000
BURST = 60
ROUNDS = 5
TYPED = "the quick brown fox jumps over the lazy dog"
_LAST = f"burst {BURST - 1}."
_TIME_KEYS = """
window.keyTimes = [];
addEventListener("keydown", () => {
  const pressed = performance.now();
  requestAnimationFrame(() => setTimeout(() => keyTimes.push(performance.now() - pressed)));
}, true);
"""
"""From a key to the frame that shows it, in ms."""


def figures() -> list[Figure]:
    with _playground() as url, sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            loads = [_load_ms(browser.new_page(), url) for _ in range(ROUNDS)]
            frames, slowest = _burst(browser.new_page(), url)
        finally:
            browser.close()
        return [
            at_most(
                f"page with {MESSAGES:,} messages in the channel, until they show", median(loads), 1000, "ms"
            ),
            at_most("/page/state", _answer_ms(f"{url}/page/state?user=UKAI"), 10, "ms"),
            at_most(
                "/page/messages from the middle",
                _answer_ms(f"{url}/page/messages?user=UKAI&channel={CHANNEL}&before={_ts(MESSAGES // 2)}"),
                10,
                "ms",
            ),
            at_most(f"frames for a burst of {BURST} messages", frames, 20, "frames"),
            at_most(f"slowest key while {BURST} messages arrive, until it shows", slowest, 100, "ms"),
        ]


@contextmanager
def _playground() -> Iterator[str]:
    """A playground that starts with the messages; its address."""
    with tempfile.TemporaryDirectory() as folder:
        lines = (json.dumps({"kind": "message", "data": asdict(_message(n))}) for n in range(MESSAGES))
        (Path(folder) / "journal.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "bot.playground", "--data", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def _message(n: int) -> Message:
    text = f"Message {n} with *some* words, for <@UKAI>"
    section = {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": text}}
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    buttons = {"type": "actions", "block_id": "a", "elements": [button]}
    if n % 3:
        return Message(CHANNEL, _ts(n), "UANA", text)
    return Message(CHANNEL, _ts(n), "USIGNOFF", text, bot_id="B0SIGNOFF", blocks=[section, buttons])


def _ts(n: int) -> str:
    return f"{1_700_000_000 + n * 60}.000100"


def _load_ms(page: Page, url: str) -> float:
    """From the address to the newest message, in a tab that has nothing yet."""
    started = time.perf_counter()
    page.goto(f"{url}/?user=UKAI")
    page.get_by_text(f"Message {MESSAGES - 1} ").wait_for()
    took = time.perf_counter() - started
    page.context.close()
    return took * 1000


def _answer_ms(address: str) -> float:
    with httpx.Client() as client:
        client.get(address).raise_for_status()
        times = []
        for _ in range(50):
            started = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - started) * 1000)
    return median(times)


def _burst(page: Page, url: str) -> tuple[int, float]:
    """How many frames the burst came in, and how long the slowest key took to show, in ms."""
    frames: list[str] = []

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: frames.append(str(payload)))

    page.on("websocket", watch)
    page.goto(f"{url}/?user=UKAI")
    page.get_by_text(f"Message {MESSAGES - 1} ").wait_for()
    page.evaluate(_TIME_KEYS)
    page.get_by_test_id("message-input").click()
    frames.clear()
    writing = threading.Thread(target=_write, args=(url,))
    writing.start()
    page.keyboard.type(TYPED, delay=20)
    page.get_by_text(_LAST).wait_for()
    writing.join()
    assert page.get_by_test_id("message-input").input_value() == TYPED
    slowest: float = page.evaluate("Math.max(...keyTimes)")
    return sum('"message"' in frame for frame in frames), slowest


def _write(url: str) -> None:
    with PlaygroundClient(url) as people:
        for n in range(BURST):
            people.write("UANA", f"burst {n}.")
