"""chat.startStream, appendStream, stopStream."""

import pytest

from bot.playground.records import Json
from tests.unit.bot.playground.attempts import stream
from tests.unit.bot.playground.builders import EXPERIMENTS, Stage, section


def shown(stage: Stage, ts: str) -> Json:
    return stage.workspace.shown(stage.workspace.messages.get(EXPERIMENTS, ts), metadata=True)


def append(stage: Stage, ts: str, **said: object) -> str | None:
    return stage.code("chat.appendStream", channel=EXPERIMENTS, ts=ts, **said)


def task(status: str, **rest: str) -> Json:
    return {"type": "task_update", "id": "t1", "title": "Train", "status": status, **rest}


def test_text_grows_until_the_stream_stops() -> None:
    stage, ts = stream(markdown_text="**Hel")
    assert append(stage, ts, markdown_text="lo**") is None
    metadata = {"event_type": "e", "event_payload": {}}
    stopped = stage.ok(
        "chat.stopStream",
        channel=EXPERIMENTS,
        ts=ts,
        markdown_text="!",
        blocks=[section("rate it")],
        metadata=metadata,
    )
    assert [block["type"] for block in stopped["message"]["blocks"]] == ["markdown", "section"]
    assert stopped["message"]["blocks"][0]["text"] == "**Hello**!"
    assert stopped["message"]["metadata"] == metadata
    for method in ("chat.appendStream", "chat.stopStream"):
        code = stage.code(method, channel=EXPERIMENTS, ts=ts, markdown_text="x")
        assert code == "message_not_in_streaming_state"


def test_tasks_are_replaced_and_their_details_grow() -> None:
    stage, ts = stream(task_display_mode="plan")
    title: Json = {"type": "plan_update", "title": "Five seeds"}
    assert append(stage, ts, chunks=[title, task("pending", details="a")]) is None
    assert append(stage, ts, chunks=[task("complete", details="b", output="done")]) is None
    (plan,) = shown(stage, ts)["blocks"]
    (card,) = plan["tasks"]
    assert (plan["title"], card["status"]) == ("Five seeds", "complete")
    texts = [element["text"] for element in card["details"]["elements"][0]["elements"]]
    assert texts == ["a", "b"]


def test_without_a_plan_tasks_stand_between_texts() -> None:
    stage, ts = stream(markdown_text="one")
    chunks = [task("in_progress"), {"type": "markdown_text", "text": "two"}, task("error")]
    assert append(stage, ts, chunks=chunks) is None
    blocks = shown(stage, ts)["blocks"]
    assert [block["type"] for block in blocks] == ["markdown", "task_card", "markdown"]
    assert blocks[1]["status"] == "error"


def test_each_change_is_told_with_what_was_there_before() -> None:
    stage, ts = stream(markdown_text="one")
    stage.events.clear()
    append(stage, ts, markdown_text=" two")
    (event,) = stage.events
    assert event["message"]["blocks"][0]["text"] == "one two"
    assert event["previous_message"]["blocks"][0]["text"] == "one"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"recipient_user_id": None}, "missing_recipient_user_id"),
        ({"recipient_team_id": None}, "missing_recipient_team_id"),
        ({"recipient_user_id": "UNOBODY"}, "user_not_found"),
        ({"channel": "C0RANDOM"}, "not_in_channel"),
        ({"thread_ts": "1.000001"}, "thread_not_found"),
        ({"task_display_mode": "cards"}, "invalid_arguments"),
        ({"chunks": [{"type": "song"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "plan_update"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "plan_update", "title": "x", "status": "y"}]}, "invalid_chunks"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"chunks": [{"type": "markdown_text", "text": "x" * 12_001}]}, "msg_too_long"),
    ],
)
def test_a_stream_that_slack_would_not_start(arguments: Json, code: str) -> None:
    given = {
        "channel": EXPERIMENTS,
        "recipient_team_id": "T0PLAY",
        "recipient_user_id": "UANA",
        "markdown_text": "x",
        **arguments,
    }
    assert Stage().code("chat.startStream", **given) == code


def test_in_a_direct_message_nobody_has_to_be_named() -> None:
    stage = Stage()
    direct = stage.ok("conversations.open", users="UANA")["channel"]["id"]
    assert stage.code("chat.startStream", channel=direct, markdown_text="x") is None


def test_only_ones_own_streams_grow() -> None:
    stage, ts = stream()
    assert append(stage, ts) == "no_text"
    assert append(stage, "1.000001", markdown_text="x") == "message_not_found"
    stage.workspace.messages.get(EXPERIMENTS, ts).user = "UANA"
    assert append(stage, ts, markdown_text="x") == "message_not_owned_by_app"
