"""What people do among themselves, and the events that an app hears of it."""

from io import BytesIO
from typing import Any

import pytest
from starlette.datastructures import UploadFile

from bot.playground.records import Json
from tests.unit.bot.playground.builders import EXPERIMENTS, section
from tests.unit.bot.playground.town import Town, refused


@pytest.fixture
def town() -> Town:
    return Town()


def test_reading_a_channel(town: Town) -> None:
    ts = town.write("hello", user="UANA")
    answer = town.do(town.verbs.read, channel=EXPERIMENTS, ts=ts)
    assert (answer["channel"]["last_read"], answer["channel"]["unread"]) == (ts, 0)
    refused("no_such_channel", lambda: town.do(town.verbs.read, channel="C0NONE", ts=ts))
    refused("invalid_ts", lambda: town.do(town.verbs.read, channel=EXPERIMENTS, ts="~"))
    town.do(town.verbs.read, channel=EXPERIMENTS, ts="9999999999.000000")
    town.write("later", user="UANA")
    assert town.do(town.verbs.read, channel=EXPERIMENTS, ts=ts)["channel"]["unread"] == 1


def test_reacting_and_taking_it_back(town: Town) -> None:
    where = {"channel": EXPERIMENTS, "message_ts": town.write("ship it?", user="UANA"), "name": "tada"}
    assert town.do(town.verbs.react, **where)["reactions"] == [
        {"name": "tada", "users": ["UKAI"], "count": 1}
    ]
    event = town.last("reaction_added")
    assert (event["user"], event["item_user"], event["reaction"]) == ("UKAI", "UANA", "tada")
    assert event["item"] == {"type": "message", "channel": EXPERIMENTS, "ts": where["message_ts"]}
    refused("already_reacted", lambda: town.do(town.verbs.react, **where))
    assert town.do(town.verbs.react, **where, remove=True)["reactions"] == []
    assert town.last("reaction_removed")["reaction"] == "tada"
    refused("no_reaction", lambda: town.do(town.verbs.react, **where, remove=True))
    refused("invalid_name", lambda: town.do(town.verbs.react, **(where | {"name": "no way"})))


def test_editing_ones_own_message(town: Town) -> None:
    ts = town.write("helo")
    town.do(town.verbs.edit, channel=EXPERIMENTS, ts=ts, text="hello <@UANA>", mentions=True)
    message = town.workspace.messages.get(EXPERIMENTS, ts)
    assert (message.text, message.edited is not None) == ("hello <@UANA>", True)
    event = town.last("message")
    assert (event["subtype"], event["hidden"], event["channel"]) == ("message_changed", True, EXPERIMENTS)
    assert (event["message"]["text"], event["previous_message"]["text"]) == ("hello <@UANA>", "helo")
    assert event["message"]["ts"] == ts != event["ts"]
    refused(
        "cant_update_message", lambda: town.do(town.verbs.edit, "UANA", channel=EXPERIMENTS, ts=ts, text="x")
    )


def test_deleting_ones_own_message_and_everybodys_as_an_administrator(town: Town) -> None:
    mine, theirs = town.write("mine"), town.write("theirs", user="UANA")
    town.do(town.verbs.delete, channel=EXPERIMENTS, ts=mine)
    event = town.last("message")
    assert (event["subtype"], event["deleted_ts"]) == ("message_deleted", mine)
    assert event["previous_message"]["text"] == "mine"
    refused("cant_delete_message", lambda: town.do(town.verbs.delete, channel=EXPERIMENTS, ts=theirs))
    town.do(town.verbs.delete, "UZOE", channel=EXPERIMENTS, ts=theirs)
    refused("no_such_message", lambda: town.do(town.verbs.delete, "UZOE", channel=EXPERIMENTS, ts=theirs))


def test_a_deleted_parent_stays_as_a_tombstone(town: Town) -> None:
    parent = town.write("root")
    town.write("reply", thread_ts=parent)
    town.do(town.verbs.delete, channel=EXPERIMENTS, ts=parent)
    event = town.last("message")
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")
    assert town.workspace.messages.get(EXPERIMENTS, parent).text == "This message was deleted."


def test_threads_start_at_a_message_that_is_no_reply(town: Town) -> None:
    parent = town.write("root")
    reply = town.write("reply", thread_ts=parent)
    refused("no_such_message", lambda: town.write("deeper", thread_ts=reply))
    town.workspace.channels[EXPERIMENTS].is_archived = True
    refused("is_archived", lambda: town.write("late"))


def test_what_the_app_changes_is_an_event_too(town: Town) -> None:
    ts = town.post(text="before", blocks=[section("before")])["ts"]
    town.ok("chat.update", channel=EXPERIMENTS, ts=ts, text="after")
    event = town.last("message")
    assert (event["subtype"], event["previous_message"]["blocks"][0]["text"]["text"]) == (
        "message_changed",
        "before",
    )
    town.ok("chat.delete", channel=EXPERIMENTS, ts=ts)
    assert town.last("message")["subtype"] == "message_deleted"


def test_conversations_are_opened_once(town: Town) -> None:
    with_app = town.do(town.verbs.open, users=["USIGNOFF"])["channel"]
    assert (with_app["id"], with_app["im_user"]) == ("D0UKAI", "USIGNOFF")
    with_ana = town.do(town.verbs.open, users=["UANA"])["channel"]
    assert (with_ana["is_im"], with_ana["im_user"]) == (True, "UANA")
    assert town.do(town.verbs.open, "UANA", users=["UKAI"])["channel"]["id"] == with_ana["id"]
    group = town.do(town.verbs.open, users=["UANA", "UZOE"])["channel"]
    assert (group["is_mpim"], group["name"]) == (True, "mpdm-kai--ana--zoe-1")
    notes = town.do(town.verbs.open, users=["UKAI"])["channel"]
    assert (notes["is_im"], notes["im_user"]) == (True, "UKAI")
    refused("no_such_person", lambda: town.do(town.verbs.open, users=["UBOB"]))
    refused("users_list", lambda: town.do(town.verbs.open, users=[]))


def test_the_app_sees_no_direct_messages_between_people(town: Town) -> None:
    channel = town.do(town.verbs.open, users=["UANA"])["channel"]["id"]
    ts = town.write("between us", channel=channel)
    assert town.code("chat.postMessage", channel=channel, text="me too") == "channel_not_found"
    assert town.code("conversations.history", channel=channel) == "channel_not_found"
    listed = town.ok("conversations.list", types="im,mpim,private_channel,public_channel")["channels"]
    assert channel not in [one["id"] for one in listed]
    refused("no_such_channel", lambda: town.do(town.verbs.delete, "UZOE", channel=channel, ts=ts))


def test_the_app_opens_group_messages(town: Town) -> None:
    group = town.ok("conversations.open", users="UANA,UKAI", return_im=True)["channel"]
    assert (group["is_mpim"], group["is_private"]) == (True, True)
    assert town.ok("conversations.open", users=["UKAI", "UANA"])["channel"] == {"id": group["id"]}
    town.ok("chat.postMessage", channel=group["id"], text="for you two")
    assert town.last("message")["channel_type"] == "mpim"
    assert [one["id"] for one in town.ok("conversations.list", types="mpim")["channels"]] == [group["id"]]
    assert town.code("conversations.open", users="") == "users_list_not_supplied"
    town.workspace.app.scopes.remove("mpim:write")
    assert town.code("conversations.open", users="UANA,UKAI") == "missing_scope"
    assert town.code("conversations.open", users="UANA") is None


def test_an_ephemeral_message_is_put_away_by_its_person(town: Town) -> None:
    call = {"channel": EXPERIMENTS, "user": "UKAI", "text": "psst"}
    where = {"channel": EXPERIMENTS, "ts": town.ok("chat.postEphemeral", **call)["message_ts"]}
    refused("no_such_message", lambda: town.do(town.verbs.dismiss, "UANA", **where))
    town.do(town.verbs.dismiss, **where)
    refused("no_such_message", lambda: town.do(town.verbs.dismiss, **where))


def upload(town: Town, name: str = "log.txt", content: bytes = b"hello", **asked: Any) -> Json:
    file = UploadFile(BytesIO(content), filename=name)
    given: dict[str, Any] = {"channel": EXPERIMENTS, "file": file, **asked}
    return town.do(town.verbs.upload, **given)


def test_a_person_shares_a_file(town: Town) -> None:
    parent = town.write("root")
    answer = upload(town, "plot.png", text="look: <3", thread_ts=parent)
    message = town.workspace.messages.get(EXPERIMENTS, answer["ts"])
    assert (message.user, message.bot_id, message.subtype) == ("UKAI", None, "file_share")
    assert (message.thread_ts, message.text) == (parent, "look: &lt;3")
    assert (answer["file"]["mimetype"], answer["file"]["user"]) == ("image/png", "UKAI")
    assert town.workspace.files.content(answer["file"]["id"]) == b"hello"
    event = town.last("file_shared")
    assert (event["user_id"], event["channel_id"]) == ("UKAI", EXPERIMENTS)
    assert town.last("message")["files"][0]["id"] == answer["file"]["id"]


def test_a_file_needs_content_and_a_place(town: Town) -> None:
    refused("invalid_file", lambda: upload(town, content=b""))
    refused("no_such_message", lambda: upload(town, thread_ts="1.0"))
    refused("missing", lambda: town.do(town.verbs.upload, channel=EXPERIMENTS))
    refused("no_such_channel", lambda: upload(town, channel="G0NONE"))


def test_a_file_for_a_form_is_in_no_channel(town: Town) -> None:
    answer = upload(town, channel="")
    assert (answer["ts"], answer["file"]["shares"]) == (None, {})
    assert list(town.workspace.messages.in_channel(EXPERIMENTS)) == []


def heard(town: Town, *kinds: str) -> list[str]:
    """The types of the events that reach the app while Ana writes to it and reacts, here and elsewhere."""
    town.workspace.app.events = list(kinds)

    async def live() -> None:
        for channel in (EXPERIMENTS, "C0RANDOM"):
            ts = town.write("hi <@USIGNOFF>", user="UANA", channel=channel, mentions=True)
            await town.verbs.react({"user": "UANA", "channel": channel, "message_ts": ts, "name": "x"})

    town.run(live())
    return [payload["event"]["type"] for _, payload, _ in town.app.received]


def test_events_come_where_the_app_is_and_as_it_subscribes(town: Town) -> None:
    assert heard(town) == []
    assert heard(town, "app_mention", "reaction_added") == ["app_mention", "reaction_added"]


def test_a_command_works_in_a_direct_message_between_people(town: Town) -> None:
    channel = town.do(town.verbs.open, users=["UANA"])["channel"]["id"]
    town.run(town.acting.command("UKAI", channel, "/experiment", "help"))
    assert (town.app.last["channel_id"], town.app.last["channel_name"]) == (channel, "directmessage")
