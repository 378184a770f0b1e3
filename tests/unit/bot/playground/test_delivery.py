"""Events: subscriptions, retries, duplicates."""

import pytest

from bot.playground import limits
from bot.playground.faults import Fault, FaultKind
from bot.playground.records import Json, Message
from tests.unit.bot.playground.app import People
from tests.unit.bot.playground.builders import EXPERIMENTS


@pytest.fixture
def people() -> People:
    made = People()
    made.workspace.app.events = ["member_joined_channel", "message.channels"]
    return made


def join(people: People, channel: str = EXPERIMENTS) -> None:
    async def joining() -> None:
        people.workspace.people["UNEW"] = people.workspace.people["UKAI"]
        people.workspace.join(people.workspace.channels[channel], "UNEW", "UANA")

    people.run(joining())


def events(people: People) -> list[Json]:
    return [payload["event"] for _, payload, _ in people.app.received]


def test_an_event_is_wrapped_as_slack_wraps_it(people: People) -> None:
    join(people)
    kind, payload, retry = people.app.received[0]
    assert (kind, payload["type"], retry) == ("events_api", "event_callback", 0)
    assert payload["event_id"].startswith("Ev")
    event = payload["event"]
    assert (event["type"], event["user"], event["inviter"]) == ("member_joined_channel", "UNEW", "UANA")
    assert (event["channel"], event["channel_type"], event["team"]) == (EXPERIMENTS, "C", "T0PLAY")


def test_events_the_app_did_not_ask_for_stay_home(people: People) -> None:
    people.workspace.app.events = []
    join(people)
    assert people.app.received == []


def test_events_of_channels_without_the_app_stay_home(people: People) -> None:
    join(people, "C0RANDOM")
    assert people.app.received == []


def test_an_event_that_is_not_acked_comes_three_times_more(people: People) -> None:
    people.app.acks = [None, None, None, None]
    join(people)
    assert [retry for _, _, retry in people.app.received] == [0, 1, 2, 3]
    assert people.naps == [0.0, 60.0, 300.0]
    assert len({payload["event_id"] for _, payload, _ in people.app.received}) == 1


def test_an_acked_retry_is_the_last(people: People) -> None:
    people.app.acks = [None, {}]
    join(people)
    assert [retry for _, _, retry in people.app.received] == [0, 1]


def test_duplicates_come_with_another_event_id(people: People) -> None:
    people.faults.add(Fault(FaultKind.DUPLICATE, "events"))
    join(people)
    assert len(events(people)) == 2
    assert len({payload["event_id"] for _, payload, _ in people.app.received}) == 2


def test_the_apps_own_messages_are_events_too(people: People) -> None:
    async def post() -> None:
        people.workspace.post(Message(EXPERIMENTS, "1.000001", "USIGNOFF", "hi", bot_id="B0SIGNOFF"))

    people.run(post())
    assert events(people)[0]["bot_id"] == "B0SIGNOFF"


def test_past_its_hourly_volume_the_app_hears_only_that_there_was_more(people: People) -> None:
    people.workspace.app.events = ["app_home_opened"]
    people.delivery._volume._began = people.clock.now
    people.delivery._volume._count = limits.EVENTS_PER_HOUR.number - 1

    async def opens() -> None:
        for _ in range(3):
            people.acting.open_home("UANA")

    people.run(opens())
    kinds = [payload["type"] for _, payload, _ in people.app.received]
    assert kinds == ["event_callback", "app_rate_limited"]
    assert people.app.last["minute_rate_limited"] % 60 == 0
    people.clock.now += 3600
    people.run(opens())
    assert people.app.last["type"] == "event_callback"
