"""Ways to reach a limit: payloads of a size, and calls that answer with Slack's code or None."""

import json
from typing import Any

from bot.playground import limits
from bot.playground.errors import SlackError
from bot.playground.records import Channel, Json
from bot.playground.volume import EventVolume
from tests.unit.bot.playground.builders import (
    EXPERIMENTS,
    Clock,
    Stage,
    actions,
    button,
    input_block,
    modal,
    options,
    plain,
    section,
    text_input,
    view_code,
)


def select(**rest: Any) -> Json:
    return section(accessory={"type": "static_select", "action_id": "s", **rest})


def image(**rest: Any) -> Json:
    return {"type": "image", "image_url": "https://x.invalid/i.png", "alt_text": "i", **rest}


def confirm(**rest: Any) -> Json:
    texts = {"title": plain("t"), "text": plain("t"), "confirm": plain("y"), "deny": plain("n")}
    return actions(button(confirm={**texts, **rest}))


def cells(count: int) -> list[Json]:
    return [{"type": "raw_text", "text": "x"}] * count


def table(rows: list[list[Json]]) -> Json:
    return {"type": "table", "rows": rows}


def data_table(rows: list[list[Json]], **rest: Any) -> Json:
    return {"type": "data_table", "caption": "c", "rows": rows, **rest}


def chart(series: int = 1, points: int = 1, name: str = "s", **rest: Any) -> Json:
    labels = [str(n) for n in range(points)]
    data = [{"label": label, "value": 1.5} for label in labels]
    lines = [{"name": name, "data": data} for _ in range(series)]
    axes = {"categories": labels, **rest.pop("axes", {})}
    return {
        "type": "data_visualization",
        "title": "t",
        "chart": {"type": "line", "series": lines, "axis_config": axes},
        **rest,
    }


def card(**rest: Any) -> Json:
    return {"type": "card", "title": plain("t"), **rest}


def plan(count: int) -> Json:
    tasks = [
        {"type": "task_card", "task_id": str(n), "title": "t", "status": "pending"} for n in range(count)
    ]
    return {"type": "plan", "title": "Plan", "tasks": tasks}


def long_texts(total: int) -> list[list[Json]]:
    """Rows of one cell with so many characters in all."""
    return [[{"type": "raw_text", "text": "x" * min(500, total - at)}] for at in range(0, total, 500)]


def choices(kind: str, count: int) -> Json:
    return section(accessory={"type": kind, "action_id": "c", "options": options(count)})


def message(**rest: Any) -> str | None:
    return Stage().code("chat.postMessage", **{"channel": EXPERIMENTS, "text": "hi", **rest})


def update(**rest: Any) -> str | None:
    stage = Stage()
    return stage.code("chat.update", channel=EXPERIMENTS, ts=stage.post()["ts"], **rest)


def cut_text(length: int) -> str | None:
    answer = Stage().ok("chat.postMessage", channel=EXPERIMENTS, text="x" * length)
    assert len(answer["message"]["text"]) == min(length, limits.MESSAGE_TEXT.number)
    warning: str | None = answer.get("warning")
    return warning


def metadata_of(size: int) -> Json:
    empty = '{"event_type": "e", "event_payload": {"k": ""}}'
    return {"event_type": "e", "event_payload": {"k": "x" * (size - len(empty))}}


def reactions(count: int) -> str | None:
    stage = Stage()
    ts = stage.post()["ts"]
    codes = []
    for n in range(count):
        stage.clock.now += 60
        codes.append(stage.code("reactions.add", channel=EXPERIMENTS, timestamp=ts, name=f"emoji{n}"))
    return codes[-1]


def stacked(count: int) -> str | None:
    stage = Stage()
    top = stage.open()["id"]
    codes = []
    for _ in range(count - 1):
        answer = stage.call("views.push", trigger_id=stage.trigger(view_id=top), view=modal()).body
        codes.append(answer.get("error"))
        top = answer["view"]["id"] if answer["ok"] else top
    return codes[-1]


def view_of_bytes(size: int) -> str | None:
    blocks = [section("x" * 2990, fields=[plain("x" * 2000)] * 10) for _ in range(9)]
    blocks += [input_block(text_input(initial_value=""), "pad")]
    view = modal(*blocks)
    missing = size - len(json.dumps(view).encode())
    view["blocks"][-1]["element"]["initial_value"] = "x" * missing
    return view_code(view)


def trigger_after(seconds: int) -> str | None:
    stage = Stage()
    trigger = stage.trigger()
    stage.clock.now += seconds
    return stage.code("views.open", trigger_id=trigger, view=modal())


def trigger_used(times: int) -> str | None:
    stage = Stage()
    trigger = stage.trigger()
    return [stage.code("views.open", trigger_id=trigger, view=modal()) for _ in range(times)][-1]


def response_url(uses: int = 1, after_s: float = 0) -> str | None:
    stage = Stage()
    permit = stage.workspace.permits.response_url("UANA", EXPERIMENTS)
    stage.clock.now += after_s
    try:
        for _ in range(uses):
            stage.workspace.permits.use_response_url(permit.id)
    except SlackError as error:
        return error.code
    return None


def upload(**arguments: Any) -> str | None:
    return Stage().code("files.getUploadURLExternal", **{"filename": "f.txt", "length": 1, **arguments})


def calls(method: str, count: int, **arguments: Any) -> str | None:
    """The last code of so many calls at once."""
    stage = Stage()
    arguments |= {"ts": stage.post()["ts"]} if method == "chat.update" else {}
    return [stage.code(method, **arguments) for _ in range(count)][-1]


def posts(count: int) -> str | None:
    stage = Stage()
    return [stage.code("chat.postMessage", channel=EXPERIMENTS, text="x") for _ in range(count)][-1]


def posts_everywhere(count: int) -> str | None:
    """So many posts at once, each in a channel of its own."""
    stage = Stage()
    codes = []
    for n in range(count):
        stage.workspace.channels[f"C{n}"] = Channel(f"C{n}", f"c{n}", ["USIGNOFF"])
        codes.append(stage.code("chat.postMessage", channel=f"C{n}", text="x"))
    return codes[-1]


def events(count: int) -> str | None:
    """So many events within an hour; the last one's code."""
    volume = EventVolume(Clock())
    return [None if volume.take() else limits.EVENTS_PER_HOUR.code for _ in range(count)][-1]


def stream(**arguments: Any) -> tuple[Stage, str]:
    """A stage with a message that grows."""
    stage = Stage()
    started = stage.ok(
        "chat.startStream",
        **{
            "channel": EXPERIMENTS,
            "recipient_team_id": "T0PLAY",
            "recipient_user_id": "UANA",
            **arguments,
        },
    )
    return stage, started["ts"]


def streamed(*chunks: Json) -> str | None:
    stage, ts = stream()
    return stage.code("chat.appendStream", channel=EXPERIMENTS, ts=ts, chunks=list(chunks))


def streamed_for(seconds: int) -> str | None:
    stage, ts = stream()
    stage.clock.now += seconds
    return stage.code("chat.appendStream", channel=EXPERIMENTS, ts=ts, markdown_text="x")


def pins(count: int) -> str | None:
    stage = Stage()
    codes = []
    for _ in range(count):
        stage.clock.now += 60
        codes.append(stage.code("pins.add", channel=EXPERIMENTS, timestamp=stage.post()["ts"]))
    return codes[-1]


def bookmarks(count: int) -> str | None:
    stage = Stage()
    codes = []
    for n in range(count):
        stage.clock.now += 60
        link = {"title": str(n), "type": "link", "link": "https://x.invalid"}
        codes.append(stage.code("bookmarks.add", channel_id=EXPERIMENTS, **link))
    return codes[-1]
