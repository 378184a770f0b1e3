"""chat.*: who may post where, what an update keeps, threads."""

import pytest

from bot.playground.records import Channel, Message
from tests.unit.bot.playground.builders import EXPERIMENTS, Stage, actions, button, rich_text, section

METADATA = {"event_type": "signoff_outbox", "event_payload": {"outbox_key": "k"}}


@pytest.fixture
def stage() -> Stage:
    return Stage()


def replies(stage: Stage, ts: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = stage.ok(
        "conversations.replies", channel=EXPERIMENTS, ts=ts, include_all_metadata=True
    )["messages"]
    return found


def test_a_post_answers_with_the_message_and_its_ids(stage: Stage) -> None:
    answer = stage.post(blocks=[section(), actions(button(action_id="go"))])
    assert answer["channel"] == EXPERIMENTS
    assert answer["message"]["ts"] == answer["ts"]
    assert answer["message"]["bot_id"] == "B0SIGNOFF"
    assert all(block["block_id"] for block in answer["message"]["blocks"])


def test_timestamps_never_repeat(stage: Stage) -> None:
    assert stage.workspace.new_ts() < stage.workspace.new_ts() < stage.workspace.new_ts()


def test_text_is_kept_as_it_was_sent(stage: Stage) -> None:
    text = "*bold* &lt;b&gt; <@UANA> `x` \u202eabc"
    assert stage.post(text=text)["message"]["text"] == text


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("C0RANDOM", "not_in_channel"),
        ("C0NOWHERE", "channel_not_found"),
        ("C0PRIVATE", "channel_not_found"),
        ("C0OLD", "is_archived"),
    ],
)
def test_where_the_app_cannot_post(stage: Stage, channel: str, code: str) -> None:
    stage.workspace.keep_channel(Channel("C0PRIVATE", "leads", ["UANA"], is_private=True))
    stage.workspace.keep_channel(Channel("C0OLD", "old", ["USIGNOFF"], is_archived=True))
    assert stage.code("chat.postMessage", channel=channel, text="hi") == code


def test_chat_write_public_posts_in_public_channels(stage: Stage) -> None:
    stage.workspace.app.scopes.append("chat:write.public")
    assert stage.code("chat.postMessage", channel="C0RANDOM", text="hi") is None


def test_a_user_id_as_a_channel_is_a_direct_message(stage: Stage) -> None:
    assert stage.ok("chat.postMessage", channel="UANA", text="hi")["channel"] == "D0UANA"


def test_a_message_without_content_is_refused(stage: Stage) -> None:
    assert stage.code("chat.postMessage", channel=EXPERIMENTS) == "no_text"


def test_blocks_that_are_no_json_are_refused(stage: Stage) -> None:
    assert stage.code("chat.postMessage", channel=EXPERIMENTS, blocks="[{") == "invalid_blocks_format"
    assert stage.code("chat.postMessage", channel=EXPERIMENTS, blocks={"type": "divider"}) == (
        "invalid_blocks_format"
    )


def test_replies_make_a_thread(stage: Stage) -> None:
    parent = stage.post()["ts"]
    reply = stage.post(thread_ts=parent)["ts"]
    messages = replies(stage, parent)
    assert [message["ts"] for message in messages] == [parent, reply]
    assert messages[0]["reply_count"] == 1
    assert messages[1]["thread_ts"] == parent


def test_a_thread_needs_a_parent_that_is_no_reply(stage: Stage) -> None:
    reply = stage.post(thread_ts=stage.post()["ts"])["ts"]
    stage.clock.now += 5
    hello = {"channel": EXPERIMENTS, "text": "x"}
    assert stage.code("chat.postMessage", **hello, thread_ts=reply) == "cannot_reply_to_message"
    assert stage.code("chat.postMessage", **hello, thread_ts="1.2") == "thread_not_found"


def test_a_broadcast_reply_shows_in_the_channel(stage: Stage) -> None:
    parent = stage.post()["ts"]
    quiet = stage.post(thread_ts=parent)["ts"]
    loud = stage.post(thread_ts=parent, reply_broadcast=True)["ts"]
    shown = stage.ok("conversations.history", channel=EXPERIMENTS)["messages"]
    assert [message["ts"] for message in shown] == [loud, parent]
    assert quiet not in {message["ts"] for message in shown}


def test_metadata_is_shown_when_asked_for(stage: Stage) -> None:
    ts = stage.post(metadata=METADATA)["ts"]
    assert replies(stage, ts)[0]["metadata"] == METADATA
    assert "metadata" not in stage.ok("conversations.replies", channel=EXPERIMENTS, ts=ts)["messages"][0]


def test_an_update_without_metadata_keeps_it_and_an_empty_one_clears_it(stage: Stage) -> None:
    ts = stage.post(metadata=METADATA)["ts"]
    stage.ok("chat.update", channel=EXPERIMENTS, ts=ts, text="new")
    assert replies(stage, ts)[0]["metadata"] == METADATA
    stage.ok("chat.update", channel=EXPERIMENTS, ts=ts, text="new", metadata={})
    assert "metadata" not in replies(stage, ts)[0]


def test_metadata_needs_its_two_fields(stage: Stage) -> None:
    assert stage.code("chat.postMessage", channel=EXPERIMENTS, text="x", metadata={"a": 1}) == (
        "invalid_metadata_schema"
    )


def test_an_update_with_text_alone_removes_the_blocks(stage: Stage) -> None:
    ts = stage.post(blocks=[section()])["ts"]
    assert "blocks" not in stage.ok("chat.update", channel=EXPERIMENTS, ts=ts, text="new")["message"]


def test_an_update_of_blocks_keeps_the_text(stage: Stage) -> None:
    ts = stage.post(text="old", blocks=[section()])["ts"]
    message = stage.ok("chat.update", channel=EXPERIMENTS, ts=ts, blocks=[section("new")])["message"]
    assert message["text"] == "old"
    assert message["blocks"][0]["text"]["text"] == "new"


def test_rich_text_cannot_be_replaced_by_other_blocks(stage: Stage) -> None:
    ts = stage.post(blocks=[rich_text({"type": "text", "text": "x"})])["ts"]
    assert stage.code("chat.update", channel=EXPERIMENTS, ts=ts, blocks=[section()]) == "block_mismatch"
    rich = rich_text({"type": "text", "text": "y"})
    assert stage.code("chat.update", channel=EXPERIMENTS, ts=ts, blocks=[section(), rich]) is None


def test_attachments_stay_until_they_are_replaced(stage: Stage) -> None:
    ts = stage.post(attachments=[{"color": "#f00", "blocks": [section()]}])["ts"]
    kept = stage.ok("chat.update", channel=EXPERIMENTS, ts=ts, text="x")["message"]
    assert kept["attachments"][0]["color"] == "#f00"
    gone = stage.ok("chat.update", channel=EXPERIMENTS, ts=ts, text="x", attachments=[])["message"]
    assert "attachments" not in gone


def test_blocks_in_attachments_are_checked_too(stage: Stage) -> None:
    attachments = [{"blocks": [section("x" * 3001)]}]
    answer = stage.call("chat.postMessage", channel=EXPERIMENTS, attachments=attachments)
    assert answer.body["error"] == "invalid_attachments"
    assert "[json-pointer:/attachments/0/blocks/0/text/text]" in answer.body["errors"][0]


def test_only_own_messages_can_be_changed_or_deleted(stage: Stage) -> None:
    theirs = stage.workspace.post(Message(EXPERIMENTS, stage.workspace.new_ts(), "UANA", "hello"))
    where = {"channel": EXPERIMENTS, "ts": theirs.ts}
    assert stage.code("chat.update", **where, text="x") == "cant_update_message"
    assert stage.code("chat.delete", **where) == "cant_delete_message"
    assert stage.code("chat.update", channel=EXPERIMENTS, ts="1.2", text="x") == "message_not_found"


def test_a_deleted_message_is_gone_and_a_parent_leaves_a_tombstone(stage: Stage) -> None:
    alone, parent = stage.post()["ts"], stage.post()["ts"]
    stage.post(thread_ts=parent)
    stage.ok("chat.delete", channel=EXPERIMENTS, ts=alone)
    stage.ok("chat.delete", channel=EXPERIMENTS, ts=parent)
    assert stage.code("conversations.replies", channel=EXPERIMENTS, ts=alone) == "thread_not_found"
    assert replies(stage, parent)[0]["subtype"] == "tombstone"


def test_an_ephemeral_is_only_for_its_person(stage: Stage) -> None:
    stage.ok("chat.postEphemeral", channel=EXPERIMENTS, user="UKAI", text="psst")
    assert [(e.user, e.text) for e in stage.workspace.messages.ephemerals] == [("UKAI", "psst")]
    assert stage.ok("conversations.history", channel=EXPERIMENTS)["messages"] == []
    stage.workspace.channel(EXPERIMENTS).members.remove("UKAI")
    assert (
        stage.code("chat.postEphemeral", channel=EXPERIMENTS, user="UKAI", text="x") == "user_not_in_channel"
    )


def test_a_permalink_names_the_thread(stage: Stage) -> None:
    parent = stage.post()["ts"]
    reply = stage.post(thread_ts=parent)["ts"]
    link = stage.ok("chat.getPermalink", channel=EXPERIMENTS, message_ts=reply)["permalink"]
    assert link.startswith(f"http://playground/archives/{EXPERIMENTS}/p{reply.replace('.', '')}")
    assert f"thread_ts={parent}" in link


def test_markdown_text_stands_alone(stage: Stage) -> None:
    assert stage.post(markdown_text="# hi", text=None)["message"]["blocks"][0]["type"] == "markdown"
    assert stage.code("chat.postMessage", channel=EXPERIMENTS, markdown_text="x", text="y") == (
        "markdown_text_conflict"
    )
