"""Links: the event for those of the app's domains, and what chat.unfurl does with it."""

from typing import Any

import pytest

from bot.playground.records import Json
from tests.unit.bot.playground.app import People
from tests.unit.bot.playground.builders import EXPERIMENTS, section

LINK = "https://ledger.example/E-1"


@pytest.fixture
def people() -> People:
    made = People()
    made.workspace.app.unfurl_domains = ["ledger.example", "127.0.0.1:8790"]
    return made


def shared(people: People, text: str = f"see {LINK}.", channel: str = EXPERIMENTS) -> list[Json]:
    """The link_shared events of a message of Ana."""
    people.acting.write("UANA", channel, text, None)
    return [event for event in people.events if event["type"] == "link_shared"]


def unfurl(people: People, unfurls: object, **where: Any) -> str | None:
    people.clock.now += 2
    if not where:
        event = shared(people)[-1]
        where = {"channel": event["channel"], "ts": event["message_ts"]}
    return people.code("chat.unfurl", unfurls=unfurls, **where)


def test_a_link_of_the_apps_domain_is_an_event(people: People) -> None:
    (event,) = shared(people)
    ts = next(people.workspace.messages.in_channel(EXPERIMENTS)).ts
    assert event == {
        "type": "link_shared",
        "channel": EXPERIMENTS,
        "is_bot_user_member": True,
        "user": "UANA",
        "message_ts": ts,
        "unfurl_id": f"{EXPERIMENTS}.{ts}",
        "source": "conversations_history",
        "links": [{"domain": "ledger.example", "url": LINK}],
    }


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("https://www.ledger.example/a", ["ledger.example"]),
        ("http://127.0.0.1:8790/E-1 and http://127.0.0.1:8791/E-1", ["127.0.0.1:8790"]),
        ("https://ledger.example.evil/a https://notledger.example/a", []),
        ("ledger.example", []),
    ],
)
def test_subdomains_and_ports_count_and_lookalikes_do_not(
    people: People, text: str, domains: list[str]
) -> None:
    assert [link["domain"] for event in shared(people, text) for link in event["links"]] == domains


def test_the_app_hears_of_links_where_it_is_not_and_not_of_its_own(people: People) -> None:
    (event,) = shared(people, channel="C0RANDOM")
    assert event["is_bot_user_member"] is False
    people.post(text=LINK, blocks=[section(LINK)])
    assert len([event for event in people.events if event["type"] == "link_shared"]) == 1


def test_the_event_reaches_an_app_that_subscribes(people: People) -> None:
    async def write() -> None:
        people.acting.write("UANA", "C0RANDOM", LINK, None)

    people.run(write())
    assert people.app.received == []
    people.workspace.app.events = ["link_shared"]
    people.run(write())
    assert people.app.last["event"]["links"][0]["url"] == LINK


def test_an_unfurl_is_an_attachment_and_comes_once(people: People) -> None:
    (event,) = shared(people)
    where = {"channel": event["channel"], "ts": event["message_ts"]}
    assert unfurl(people, {LINK: {"blocks": [section("E-1: supported")]}}, **where) is None
    assert unfurl(people, {LINK: {"blocks": [section("E-1: refuted")], "preview": {}}}, **where) is None
    message = people.workspace.messages.get(EXPERIMENTS, event["message_ts"])
    (attachment,) = message.attachments
    assert attachment["blocks"][0]["text"]["text"] == "E-1: refuted"
    assert "block_id" in attachment["blocks"][0]
    assert (attachment["from_url"], attachment["is_app_unfurl"], attachment["id"]) == (LINK, True, 1)
    assert people.events[-1]["subtype"] == "message_changed"
    assert unfurl(people, {LINK: {}}, unfurl_id=event["unfurl_id"], source=event["source"]) is None
    assert message.attachments == []


def test_what_slack_would_not_unfurl(people: People) -> None:
    assert unfurl(people, {"https://ledger.example/other": {"text": "x"}}) == "cannot_unfurl_message"
    other = people.acting.write("UANA", EXPERIMENTS, "https://else.example/a", None)
    where = {"channel": EXPERIMENTS, "ts": other.ts}
    assert unfurl(people, {"https://else.example/a": {"text": "x"}}, **where) == "cannot_unfurl_url"
    assert unfurl(people, {LINK: {"text": "x"}}, channel=EXPERIMENTS, ts="1.0") == "cannot_find_message"
    assert unfurl(people, {LINK: {"text": "x"}}, channel="C0NONE", ts="1.0") == "cannot_find_channel"
    assert unfurl(people, {LINK: {"text": "x"}}, channel=EXPERIMENTS) == "missing_ts"
    assert unfurl(people, {LINK: {"text": "x"}}, unfurl_id="C1.2") == "missing_source"
    assert unfurl(people, {LINK: {}}, unfurl_id="C1.2", source="conversations_history") == "invalid_unfurl_id"
    assert unfurl(people, {LINK: {}}, unfurl_id="C1.2", source="moon") == "invalid_source"


def test_what_is_no_unfurl(people: People) -> None:
    assert unfurl(people, None) == "missing_unfurls"
    assert unfurl(people, {LINK: "x"}) == "invalid_unfurls_format"
    assert unfurl(people, "{") == "invalid_unfurls_format"
    for blocks in ([{"type": "nonsense"}], ["x"], "x"):
        assert unfurl(people, {LINK: {"blocks": blocks}}) == "invalid_attachments"
    people.workspace.app.scopes.remove("links:write")
    assert unfurl(people, {LINK: {"text": "x"}}) == "missing_scope"
