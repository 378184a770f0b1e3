"""The record of all traffic: its order, what it hides, and its file."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.playground.server import Setup
from bot.playground.traffic import Traffic
from bot.playground.traffic_file import TrafficFile
from tests.unit.bot.playground.builders import Clock


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_exchanges_come_in_order_after_a_number() -> None:
    traffic = Traffic(Clock())
    for name in ("a", "b", "a"):
        traffic.note("web_api", name, {}, {})
    assert [entry["n"] for entry in traffic.after(1)] == [2, 3]
    assert [entry["n"] for entry in traffic.after(0, "a")] == [1, 3]
    assert traffic.last == 3


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"token": "x", "text": "y"}, {"token": "(hidden)", "text": "y"}),
        ([{"deep": "Bearer xoxb-playground!"}], [{"deep": "Bearer (hidden)!"}]),
        ("xapp-1-A-b", "(hidden)"),
        ("http://h/response/T0PLAY/abc", "http://h/response/(hidden)"),
        ("ws://h/link/?ticket=abc&app_id=A0", "ws://h/link/?ticket=(hidden)&app_id=A0"),
        ("170.12.ab", "170.12.ab"),
        (7, 7),
    ],
)
def test_secrets_are_hidden_in_questions_and_answers(value: object, shown: object) -> None:
    entry = Traffic(Clock()).note("web_api", "x", value, value)
    assert (entry["arguments"], entry["answer"]) == (shown, shown)


def test_each_exchange_is_a_line_of_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "traffic.jsonl"
    traffic = Traffic(Clock(), keep=TrafficFile(path).write)
    first = traffic.note("web_api", "chat.postMessage", {"text": "Grüße"}, {"ok": True})
    assert lines(path) == [first]
    Traffic(Clock(), keep=TrafficFile(path).write).note("web_api", "second", {}, {})
    assert [entry["name"] for entry in lines(path)] == ["chat.postMessage", "second"]


def test_a_full_file_makes_room_and_one_before_it_is_kept(tmp_path: Path) -> None:
    file = TrafficFile(tmp_path / "traffic.jsonl", at_most=100)
    for n in range(50):
        file.write({"n": n})
    kept = [*lines(file.before), *(lines(tmp_path / "traffic.jsonl"))]
    assert [entry["n"] for entry in kept] == list(range(50 - len(kept), 50))
    assert all(path.stat().st_size < 120 for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) <= 2


def test_the_file_stands_in_the_data_folder_unless_named(tmp_path: Path) -> None:
    assert Setup("http://x").traffic_file is None
    assert Setup("http://x", tmp_path).traffic_file == tmp_path / "traffic.jsonl"
    named = tmp_path / "t.jsonl"
    assert Setup("http://x", traffic=named).traffic_file == named
