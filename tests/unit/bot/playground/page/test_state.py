"""/page/state: what one person's page begins with."""

import pytest

from bot.playground.errors import PersonError
from bot.playground.faults import Fault, FaultKind
from bot.playground.people import apply_manifest, default_roster
from tests.unit.bot.playground.builders import EXPERIMENTS, modal, section
from tests.unit.bot.playground.page.builders import Pages


@pytest.fixture
def pages() -> Pages:
    return Pages()


def channel_of(pages: Pages, user: str, channel: str = EXPERIMENTS) -> dict[str, object]:
    return next(one for one in pages.state(user)["channels"] if one["id"] == channel)


def test_everything_a_page_needs_is_there(pages: Pages) -> None:
    state = pages.state()
    assert state["me"] == "UKAI"
    assert state["app"] == {
        "id": "A0SIGNOFF",
        "name": "Signoff",
        "bot_user": "USIGNOFF",
        "bot_id": "B0SIGNOFF",
        "connected": True,
        "transport": "socket",
        "sockets": 1,
    }
    assert [person["id"] for person in state["people"]] == ["UANA", "UKAI", "UZOE", "USIGNOFF"]
    assert state["groups"][0]["handle"] == "seniors"
    assert [channel["name"] for channel in state["channels"]] == ["experiments", "random"]
    assert (state["views"], state["home"], state["faults"]) == ([], None, [])


def test_only_people_of_the_workspace_have_a_page(pages: Pages) -> None:
    for stranger in ("UBOB", "USIGNOFF", None):
        with pytest.raises(PersonError, match="UANA, UKAI, UZOE"):
            pages.state(stranger)  # type: ignore[arg-type] # as a query without `user`


def test_private_channels_and_direct_messages_are_for_those_in_them(pages: Pages) -> None:
    pages.private("UANA", "UZOE")
    pages.workspace.direct_message("UANA")
    seen = {user: {one["id"] for one in pages.state(user)["channels"]} for user in ("UANA", "UZOE", "UKAI")}
    assert seen["UANA"] - seen["UKAI"] == {"G0SECRET", "D0UANA"}
    assert seen["UZOE"] - seen["UKAI"] == {"G0SECRET"}


def test_a_direct_message_names_the_other_one(pages: Pages) -> None:
    pages.workspace.direct_message("UANA")
    direct = channel_of(pages, "UANA", "D0UANA")
    assert (direct["is_im"], direct["im_user"]) == (True, "USIGNOFF")


def test_modals_and_homes_are_their_persons_alone(pages: Pages) -> None:
    pages.open(modal(callback_id="form"), user="UANA")
    pages.ok("views.publish", user_id="UANA", view={"type": "home", "blocks": [section()]})
    ana, kai = pages.state("UANA"), pages.state("UKAI")
    assert ([view["callback_id"] for view in ana["views"]], ana["home"]["type"]) == (["form"], "home")
    assert (kai["views"], kai["home"]) == ([], None)


def test_commands_and_shortcuts_come_from_the_manifest(pages: Pages) -> None:
    assert pages.state()["commands"] == []
    roster = default_roster()
    command = {"command": "/vote", "description": "Ask", "usage_hint": "question", "should_escape": False}
    shortcut = {"name": "Look", "type": "message", "callback_id": "look", "description": "Look at it"}
    apply_manifest(roster, {"features": {"slash_commands": [command], "shortcuts": [shortcut]}})
    pages.workspace.app = roster.app
    state = pages.state()
    assert state["commands"] == [{"command": "/vote", "description": "Ask", "usage_hint": "question"}]
    assert state["shortcuts"] == [shortcut]


def test_faults_that_are_still_to_come_are_listed(pages: Pages) -> None:
    pages.faults.add(Fault(FaultKind.SLOW, "chat.update"))
    assert pages.state()["faults"][0]["method"] == "chat.update"


def test_what_is_not_read_is_counted_for_each_person(pages: Pages) -> None:
    for text in ("one", "two <@UKAI>", "three <!subteam^SSENIORS>"):
        pages.say(text)
    kai, zoe = channel_of(pages, "UKAI"), channel_of(pages, "UZOE")
    assert (kai["unread"], kai["mentions"]) == (3, 1)
    assert (zoe["unread"], zoe["mentions"]) == (3, 1)
    assert channel_of(pages, "UANA")["unread"] == 0, "who writes has read"


def test_reading_marks_the_channel_and_never_goes_back(pages: Pages) -> None:
    first, second = pages.say("one <@UKAI>"), pages.say("two <@UKAI>")
    pages.workspace.reads.mark("UKAI", EXPERIMENTS, first)
    seen = channel_of(pages, "UKAI")
    assert (seen["last_read"], seen["unread"], seen["mentions"], seen["latest"]) == (first, 1, 1, second)
    pages.workspace.reads.mark("UKAI", EXPERIMENTS, second)
    pages.workspace.reads.mark("UKAI", EXPERIMENTS, first)
    assert channel_of(pages, "UKAI")["unread"] == 0


def test_answers_in_threads_count_only_where_they_mention(pages: Pages) -> None:
    parent = pages.say("root", user="UKAI")
    pages.say("no", thread_ts=parent)
    pages.say("yes <@UKAI>", thread_ts=parent)
    pages.say("broadcast", thread_ts=parent, reply_broadcast=True)
    seen = channel_of(pages, "UKAI")
    assert (seen["unread"], seen["mentions"]) == (1, 1)


def test_mentions_in_blocks_count_and_literal_text_does_not(pages: Pages) -> None:
    user = {"type": "user", "user_id": "UKAI"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [user]}]}
    pages.say("x", blocks=[rich])
    pages.say("x", blocks=[section("for <@UKAI>")])
    pages.say("x", blocks=[section(), {"type": "header", "text": {"type": "plain_text", "text": "<@UKAI>"}}])
    assert channel_of(pages, "UKAI")["mentions"] == 2


def test_every_direct_message_is_meant_for_the_person(pages: Pages) -> None:
    pages.post(channel="UKAI", text="your run is done")
    direct = channel_of(pages, "UKAI", "D0UKAI")
    assert (direct["unread"], direct["mentions"]) == (1, 1)


def test_a_deleted_message_is_not_unread(pages: Pages) -> None:
    ts = pages.post(text="oops <@UKAI>")["ts"]
    assert channel_of(pages, "UKAI")["mentions"] == 1
    pages.ok("chat.delete", channel=EXPERIMENTS, ts=ts)
    seen = channel_of(pages, "UKAI")
    assert (seen["unread"], seen["mentions"], seen["latest"]) == (0, 0, None)


def test_who_is_not_in_a_channel_has_nothing_unread_there(pages: Pages) -> None:
    pages.workspace.leave(pages.workspace.channels["C0RANDOM"], "UKAI")
    pages.say("<!channel>", channel="C0RANDOM")
    seen = channel_of(pages, "UKAI", "C0RANDOM")
    assert (seen["is_member"], seen["unread"], seen["mentions"]) == (False, 0, 0)
