"""The faults of the control API: planned, done at once, told, refused."""

import pytest

from bot.playground import fault_kinds
from bot.playground.bad_days import BadDays
from bot.playground.errors import PersonError
from bot.playground.faults import ACKS, EVENTS, FaultKind
from bot.playground.records import Json
from bot.playground.socket_mode import SocketHub
from bot.playground.traffic import Traffic
from tests.unit.bot.playground.app import People
from tests.unit.bot.playground.builders import EXPERIMENTS


class BadDay(People):
    """People on a bad day."""

    def __post_init__(self) -> None:
        super().__post_init__()
        hub = SocketHub(self.clock, Traffic(self.clock), self.workspace.app.id)
        self.bad_days = BadDays(self.workspace, hub, self.faults)

    def plan(self, kind: str, **parameters: object) -> list[Json]:
        """The faults that are to come after this one was asked for."""
        answer = self.run(self.bad_days.fault({"kind": kind, **parameters}))
        faults: list[Json] = answer.get("faults", [])
        return faults

    def command_code(self) -> str | None:
        try:
            self.run(self.acting.command("UKAI", EXPERIMENTS, "/x", ""))
        except PersonError as error:
            return error.code
        return None


@pytest.fixture
def day() -> BadDay:
    return BadDay()


def test_a_planned_fault_is_told_until_it_has_hit(day: BadDay) -> None:
    (told,) = day.plan("ratelimited", method="chat.update", retry_after_s=7, times=2)
    assert (told["kind"], told["method"], told["times"], told["retry_after_s"]) == (
        "ratelimited",
        "chat.update",
        2,
        7,
    )
    assert told["words"] == fault_kinds.BY_NAME["ratelimited"].words
    assert day.faults.take("chat.delete") is None
    assert day.faults.take("chat.update") is not None
    assert day.run(day.bad_days.faults({}))["faults"][0]["times"] == 1
    assert day.faults.take("chat.update") is not None
    assert day.run(day.bad_days.faults({}))["faults"] == []


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_that_waits_can_be_planned_with_nothing_said(day: BadDay, kind: FaultKind) -> None:
    (told,) = day.plan(kind)
    assert told["kind"] == kind
    assert day.plan("clear") == []


def test_every_kind_that_waits_has_words() -> None:
    waiting = {kind.name for kind in fault_kinds.KINDS if kind.hits != "now"}
    assert waiting == set(FaultKind)
    assert all(kind.words for kind in fault_kinds.KINDS)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "earthquake"}, "'earthquake' is no fault; there are ratelimited"),
        ({}, "None is no fault"),
        ({"kind": "slow", "dely_s": 3}, "slow takes method, times, channel, delay_s, not dely_s"),
        ({"kind": "slow", "times": "2"}, "times must be a whole number above 0, not '2'"),
        ({"kind": "slow", "times": 0}, "times must be a whole number above 0, not 0"),
        ({"kind": "slow", "delay_s": True}, "delay_s must be a number above 0, not True"),
        ({"kind": "error", "code": 5}, "code must be a text, not 5"),
        ({"kind": "token_revoked", "token": "user"}, "token must be bot or app, not 'user'"),
        ({"kind": "bot_removed", "channel": "C1"}, "there is no channel 'C1'"),
        ({"kind": "warning", "count": 1}, "warning takes nothing, not count"),
    ],
)
def test_what_is_no_fault_is_refused_in_words(day: BadDay, asked: Json, said: str) -> None:
    with pytest.raises(PersonError) as caught:
        day.run(day.bad_days.fault(asked))
    assert said in caught.value.message


def test_the_kinds_are_told_with_types_and_defaults(day: BadDay) -> None:
    kinds = {kind["kind"]: kind for kind in day.run(day.bad_days.kinds({}))["kinds"]}
    assert set(kinds) == set(fault_kinds.BY_NAME)
    (_, times, _, retry) = kinds["ratelimited"]["parameters"]
    assert (times["name"], times["type"], times["default"]) == ("times", "integer", 1)
    assert (retry["name"], retry["type"], retry["default"]) == ("retry_after_s", "integer", 1)


def test_a_held_back_ack_makes_the_person_see_the_time_out(day: BadDay) -> None:
    day.plan("slow_ack")
    assert day.command_code() == "operation_timeout"
    assert len(day.app.received) == 1
    assert 2.5 < day.naps[0] <= 3
    assert day.command_code() is None


def test_an_ack_that_is_held_back_for_less_than_3_s_still_counts(day: BadDay) -> None:
    day.plan("slow_ack", delay_s=1)
    assert day.command_code() is None
    assert day.naps == [1]


def test_a_slow_ack_may_wait_for_one_type_of_envelope(day: BadDay) -> None:
    day.plan("slow_ack", envelope="interactive")
    assert day.command_code() is None
    assert day.faults.take(ACKS, envelope="interactive") is not None


def test_any_method_is_no_event_and_no_ack(day: BadDay) -> None:
    day.plan("error", method="*")
    assert day.faults.take(EVENTS) is None
    assert day.command_code() is None
    assert day.faults.take("upload") is not None


def test_an_event_whose_ack_is_held_back_comes_again(day: BadDay) -> None:
    day.workspace.app.events = ["app_home_opened"]
    day.plan("slow_ack", envelope="events_api")

    async def open_home() -> None:
        day.acting.open_home("UANA")

    day.run(open_home())
    assert [retry for _, _, retry in day.app.received] == [0, 1]


def test_a_token_is_revoked_until_it_is_restored(day: BadDay) -> None:
    (told,) = day.plan("token_revoked")
    assert (told["kind"], told["token"], told["times"]) == ("token_revoked", "bot", None)
    assert day.code("auth.test") == "token_revoked"
    assert day.code("auth.test") == "token_revoked"
    assert day.call("apps.connections.open", "xapp-playground").body["ok"]
    assert day.plan("token_restored") == []
    assert day.code("auth.test") is None


def test_clearing_gives_tokens_back(day: BadDay) -> None:
    day.plan("token_revoked", token="app")
    assert day.call("apps.connections.open", "xapp-playground").body["error"] == "token_revoked"
    day.plan("clear")
    assert day.call("apps.connections.open", "xapp-playground").body["ok"]


def test_a_token_can_be_revoked_for_some_calls_alone(day: BadDay) -> None:
    (told,) = day.plan("token_revoked", times=2)
    assert (told["method"], told["times"], told["code"]) == ("*", 2, "token_revoked")


def test_the_app_is_removed_from_a_channel(day: BadDay) -> None:
    day.plan("bot_removed")
    assert day.code("chat.postMessage", channel=EXPERIMENTS, text="x") == "not_in_channel"


def test_whoever_watches_hears_of_every_change(day: BadDay) -> None:
    heard: list[int] = []
    day.faults._on_change = lambda: heard.append(len(day.faults.faults))
    day.plan("slow")
    day.faults.take("auth.test")
    day.plan("clear")
    assert heard == [1, 0, 0]
