"""What a page is told of what happens, and what it is not."""

import pytest

from bot.playground.faults import Fault, FaultKind
from bot.playground.feed import Feed
from bot.playground.page.numbers import PageNumbers
from tests.unit.bot.playground.builders import EXPERIMENTS, modal, section
from tests.unit.bot.playground.page.builders import CONNECTION, Pages


@pytest.fixture
def pages() -> Pages:
    return Pages()


def kinds(events: list[dict[str, object]]) -> list[object]:
    return [event["kind"] for event in events]


def test_a_new_message_comes_with_its_channels_counts(pages: Pages) -> None:
    channel, message = pages.news(lambda: pages.say("hello <@UKAI>"))
    assert (channel["kind"], channel["channel"]["mentions"]) == ("channel", 1)
    assert (message["kind"], message["message"]["text"]) == ("message", "hello <@UKAI>")


def test_a_reply_also_changes_its_parent(pages: Pages) -> None:
    root = pages.say("root")
    events = pages.news(lambda: pages.say("reply", thread_ts=root))
    assert [event["message"]["text"] for event in events if event["kind"] == "message"] == ["reply", "root"]
    assert events[-1]["message"]["reply_count"] == 1


def test_sixty_changes_of_one_message_are_one_event(pages: Pages) -> None:
    ts = pages.post(text="0")["ts"]

    def burst() -> None:
        for n in range(1, 61):
            pages.clock.now += 2
            pages.ok("chat.update", channel=EXPERIMENTS, ts=ts, text=str(n))

    (event,) = pages.news(burst)
    assert event["message"]["text"] == "60"


def test_a_deleted_message_and_a_deleted_reply(pages: Pages) -> None:
    root = pages.post(text="root")["ts"]
    reply = pages.post(text="reply", thread_ts=root)["ts"]
    events = pages.news(lambda: pages.ok("chat.delete", channel=EXPERIMENTS, ts=reply))
    assert kinds(events) == ["channel", "message_deleted", "message"]
    assert "reply_count" not in events[-1]["message"]
    events = pages.news(lambda: pages.ok("chat.delete", channel=EXPERIMENTS, ts=root))
    assert events[-1] == {"kind": "message_deleted", "channel": EXPERIMENTS, "ts": root}


def test_a_reaction_changes_its_message(pages: Pages) -> None:
    ts = pages.say()
    call = {"channel": EXPERIMENTS, "timestamp": ts, "name": "eyes"}
    (event,) = pages.news(lambda: pages.ok("reactions.add", **call))
    assert event["message"]["reactions"] == [{"name": "eyes", "users": ["USIGNOFF"], "count": 1}]


def test_nothing_of_others_is_told(pages: Pages) -> None:
    secret = pages.private("UANA", "UZOE")

    def lives_of_others() -> None:
        pages.say("secret", channel=secret.id)
        pages.post(channel="UANA", text="for Ana")
        pages.ok("chat.postEphemeral", channel=EXPERIMENTS, user="UANA", text="only Ana")
        pages.open(modal(), user="UANA")
        pages.ok("views.publish", user_id="UANA", view={"type": "home", "blocks": [section()]})
        pages.workspace.reads.mark("UZOE", EXPERIMENTS, pages.workspace.new_ts())
        pages.workspace.leave(secret, "UZOE")

    assert pages.news(lives_of_others, "UKAI") == []


def test_who_leaves_a_private_channel_is_told_that_it_is_gone(pages: Pages) -> None:
    secret = pages.private("UANA", "UKAI")
    events = pages.news(lambda: pages.workspace.leave(secret, "UKAI"))
    assert events == [{"kind": "channel_gone", "channel": secret.id}]
    random = pages.workspace.channels["C0RANDOM"]
    (event,) = pages.news(lambda: pages.workspace.leave(random, "UKAI"))
    assert event["channel"]["is_member"] is False


def test_ephemeral_messages_come_to_their_person(pages: Pages) -> None:
    call = {"channel": EXPERIMENTS, "user": "UKAI", "text": "only you"}
    (event,) = pages.news(lambda: pages.ok("chat.postEphemeral", **call))
    assert (event["kind"], event["message"]["ephemeral"]) == ("ephemeral", True)


def test_the_whole_stack_of_modals_comes_once(pages: Pages) -> None:
    def open_and_change() -> None:
        view = pages.open(user="UKAI")
        pages.ok("views.update", view_id=view["id"], view=modal(section("two")))

    (event,) = pages.news(open_and_change)
    assert [view["blocks"][0]["text"]["text"] for view in event["views"]] == ["two"]
    (event,) = pages.news(lambda: pages.workspace.views.clear("UKAI"))
    assert event == {"kind": "views", "views": []}


def test_what_is_typed_in_a_tab_is_news_to_the_others(pages: Pages) -> None:
    pages.open(user="UKAI")
    before = pages.workspace.feed.last
    pages.workspace.feed.add("view_typed", user="UKAI", view="V1", tab="one")
    assert pages.changes.since(before, "UKAI", "one") == []
    assert kinds(pages.changes.since(before, "UKAI", "two")) == ["views"]
    assert pages.changes.since(before, "UANA") == []


def test_the_home_tab(pages: Pages) -> None:
    view = {"type": "home", "blocks": [section("home")]}
    (event,) = pages.news(lambda: pages.ok("views.publish", user_id="UKAI", view=view))
    assert event["home"]["blocks"][0]["text"]["text"] == "home"


def test_sockets_and_faults(pages: Pages) -> None:
    (event,) = pages.news(lambda: pages.workspace.feed.add("sockets", count=1))
    assert event == {"kind": "connected", **CONNECTION}
    (event,) = pages.news(lambda: pages.faults.add(Fault(FaultKind.SLOW, "*")))
    assert event["faults"][0]["kind"] == "slow"


def test_a_message_changes_when_its_file_goes(pages: Pages) -> None:
    asked = pages.ok("files.getUploadURLExternal", filename="log.txt", length=1)
    pages.workspace.files.receive(asked["file_id"], b"x")
    files = [{"id": asked["file_id"]}]
    pages.ok("files.completeUploadExternal", files=files, channel_id=EXPERIMENTS)
    pages.clock.now += 1
    pages.workspace.settle()
    (event,) = pages.news(lambda: pages.ok("files.delete", file=asked["file_id"]))
    assert event["message"]["files"] == [{"id": asked["file_id"], "mode": "tombstone"}]


def test_numbers_of_another_run_are_found_out() -> None:
    feed = Feed()
    feed.add("x")
    first, second = PageNumbers(1000.0), PageNumbers(1000.5)
    assert second.of_feed(str(second.of_page(1)), feed) == 1
    assert second.of_feed(None, feed) == 1
    assert second.of_feed(str(first.of_page(1)), feed) is None
    assert first.of_feed(str(second.of_page(1)), feed) is None
    for nonsense in ("nonsense", "²", "9" * 5000, "-1"):
        assert first.of_feed(nonsense, feed) is None


def test_the_feed_says_when_it_has_forgotten() -> None:
    feed = Feed()
    for _ in range(20_001):
        feed.add("x")
    assert (feed.has_all_after(0), feed.has_all_after(1), feed.has_all_after(20_002)) == (False, True, False)
    assert [entry["n"] for entry in feed.after(19_999)] == [20_000, 20_001]
