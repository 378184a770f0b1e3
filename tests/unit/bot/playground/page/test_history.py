"""/page/messages: a channel or a thread, a page at a time."""

import pytest

from bot.playground.errors import PersonError
from bot.playground.records import Json
from tests.unit.bot.playground.builders import EXPERIMENTS, section
from tests.unit.bot.playground.page.builders import Pages


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def ten(pages: Pages) -> list[str]:
    """Ten messages; their ts."""
    return [pages.say(str(n)) for n in range(10)]


def ephemeral(pages: Pages, text: str, **rest: Json | str) -> None:
    pages.clock.now += 1
    pages.ok("chat.postEphemeral", channel=EXPERIMENTS, user="UKAI", text=text, **rest)


def test_the_newest_come_first_and_lead_back_to_the_oldest(pages: Pages, ten: list[str]) -> None:
    newest = pages.messages(limit=4)
    assert [message["text"] for message in newest["messages"]] == ["6", "7", "8", "9"]
    assert (newest["has_more"], newest["has_newer"]) == (True, False)
    assert pages.shown(limit=4, before=ten[6]) == ["2", "3", "4", "5"]
    oldest = pages.messages(limit=4, before=ten[2])
    assert [message["text"] for message in oldest["messages"]] == ["0", "1"]
    assert (oldest["has_more"], oldest["has_newer"]) == (False, True)


def test_a_page_around_a_message_goes_on_both_ways(pages: Pages, ten: list[str]) -> None:
    middle = pages.messages(limit=4, around=ten[5])
    assert [message["text"] for message in middle["messages"]] == ["3", "4", "5", "6"]
    assert (middle["has_more"], middle["has_newer"]) == (True, True)
    assert pages.shown(limit=2, after=ten[6]) == ["7", "8"]
    assert pages.messages(limit=3, after=ten[6])["has_newer"] is False
    assert pages.shown(around=ten[9], limit=4) == ["7", "8", "9"]


def test_a_message_is_as_slack_shows_it_with_its_channel(pages: Pages) -> None:
    ts = pages.post(text="x", blocks=[section()])["ts"]
    (message,) = pages.messages()["messages"]
    assert message == pages.workspace.shown(pages.workspace.messages.get(EXPERIMENTS, ts)) | {
        "channel": EXPERIMENTS
    }


def test_the_channel_shows_roots_and_broadcasts_and_the_thread_shows_all(pages: Pages) -> None:
    root = pages.say("root")
    pages.say("reply", thread_ts=root)
    pages.say("for all", thread_ts=root, reply_broadcast=True)
    assert pages.shown() == ["root", "for all"]
    assert pages.shown(thread_ts=root) == ["root", "reply", "for all"]
    assert pages.messages()["messages"][0]["reply_count"] == 2


def test_ephemeral_messages_stand_at_their_time_for_their_person_alone(pages: Pages) -> None:
    pages.say("before")
    ephemeral(pages, "only you")
    pages.say("after")
    assert pages.shown("UKAI") == ["before", "only you", "after"]
    assert pages.shown("UANA") == ["before", "after"]
    seen = pages.messages("UKAI")["messages"][1]
    assert (seen["ephemeral"], seen["user"], seen["channel"]) == (True, "USIGNOFF", EXPERIMENTS)


def test_each_ephemeral_message_is_on_one_page(pages: Pages) -> None:
    ephemeral(pages, "first")
    times = []
    for n in range(4):
        times.append(pages.say(str(n)))
        ephemeral(pages, f"after {n}")
    assert pages.shown(limit=2) == ["2", "after 2", "3", "after 3"]
    assert pages.shown(limit=2, before=times[2]) == ["first", "0", "after 0", "1", "after 1"]
    assert pages.shown(limit=2, after=times[1]) == ["after 1", "2", "after 2", "3", "after 3"]
    assert pages.shown(limit=1, around=times[1]) == ["1", "after 1"]


def test_an_ephemeral_message_in_a_thread_is_seen_there(pages: Pages) -> None:
    root = pages.say("root")
    ephemeral(pages, "psst", thread_ts=root)
    assert pages.shown("UKAI") == ["root"]
    assert pages.shown("UKAI", thread_ts=root) == ["root", "psst"]


def test_an_empty_channel_is_an_empty_page(pages: Pages) -> None:
    assert pages.messages() == {"messages": [], "has_more": False, "has_newer": False}
    ephemeral(pages, "hello")
    assert pages.shown() == ["hello"]


def test_channels_of_others_are_not_readable(pages: Pages) -> None:
    pages.private("UANA")
    pages.workspace.direct_message("UANA")
    for channel in ("G0SECRET", "D0UANA", "C0NONE"):
        with pytest.raises(PersonError, match="UKAI sees no channel"):
            pages.messages(channel=channel)
    assert pages.shown("UANA", channel="G0SECRET") == []


@pytest.mark.parametrize("limit", ["0", "501", "many", "-1", "²", "9" * 5000])
def test_a_page_has_a_sensible_size(pages: Pages, limit: str) -> None:
    with pytest.raises(PersonError, match="1 to 500"):
        pages.messages(limit=limit)
