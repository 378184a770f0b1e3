"""What the playground's server takes for the page's questions, with 5,000 messages in the channel.

    python -m bench.run playground_answers

How quick the page itself is: playground_page.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median

import httpx
from websockets.asyncio.client import connect

from bench.figure import Figure, at_most
from bot.playground.records import Message

CHANNEL = "C0EXPERIMENTS"
MESSAGES = 5_000
BURST = 60
ROUNDS = 100


def figures() -> list[Figure]:
    with _playground() as url:
        look = f"{url}/page/messages?user=UKAI&channel={CHANNEL}"
        asked = {
            "/page/state, nothing read of 5,000": f"{url}/page/state?user=UKAI",
            "/page/messages, the newest": look,
            "/page/messages, before the middle": f"{look}&before={_ts(MESSAGES // 2)}",
            "/page/messages, around the middle": f"{look}&around={_ts(MESSAGES // 2)}",
        }
        found = [at_most(name, _answer_ms(address), 10, "ms") for name, address in asked.items()]
        frames = asyncio.run(_frames(url))
        return [*found, at_most(f"frames for a burst of {BURST} messages", frames, 20, "frames")]


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
    if n % 3:
        return Message(CHANNEL, _ts(n), "UANA", text)
    section = {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": text}}
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    buttons = {"type": "actions", "block_id": "a", "elements": [button]}
    return Message(CHANNEL, _ts(n), "USIGNOFF", text, bot_id="B0SIGNOFF", blocks=[section, buttons])


def _ts(n: int) -> str:
    return f"{1_700_000_000 + n * 60}.000100"


def _answer_ms(address: str) -> float:
    """The median over one connection, after a first answer that counts what is unread."""
    with httpx.Client() as client:
        client.get(address).raise_for_status()
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - started) * 1000)
    return median(times)


async def _frames(url: str) -> int:
    """How many frames tell a page of messages that people write one after the other, without a pause."""
    live = f"{url.replace('http', 'ws', 1)}/page/live?user=UKAI"
    async with connect(live) as page, httpx.AsyncClient(base_url=url) as client:
        writing = asyncio.create_task(_write(client))
        told, frames = 0, 0
        while told < BURST:
            events = json.loads(await page.recv())["events"]
            told += sum(event["kind"] == "message" for event in events)
            frames += 1
        await writing
        return frames


async def _write(client: httpx.AsyncClient) -> None:
    body = {"user": "UANA", "channel": CHANNEL}
    for n in range(BURST):
        await client.post("/control/message", json=body | {"text": f"burst {n}"})
