"""The Web API as a whole: tokens, scopes, arguments, rates; and the smaller methods."""

import pytest

from bot.playground import limits
from bot.playground.errors import SlackError
from bot.playground.rates import Rates
from bot.playground.records import Channel, UserGroup
from tests.unit.bot.playground.builders import BOT, EXPERIMENTS, Clock, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize(
    ("method", "token", "code"),
    [
        ("auth.test", None, "not_authed"),
        ("auth.test", "xoxb-other", "invalid_auth"),
        ("auth.test", "xapp-playground", "not_allowed_token_type"),
        ("apps.connections.open", BOT, "not_allowed_token_type"),
        ("chat.postMesage", BOT, "unknown_method"),
        ("chat.postMesage", None, "unknown_method"),
    ],
)
def test_calls_that_get_nowhere(stage: Stage, method: str, token: str | None, code: str) -> None:
    assert stage.call(method, token).body["error"] == code


def test_auth_test_says_who_the_app_is(stage: Stage) -> None:
    body = stage.ok("auth.test")
    assert (body["user_id"], body["bot_id"], body["team_id"]) == ("USIGNOFF", "B0SIGNOFF", "T0PLAY")


def test_a_revoked_token_is_refused(stage: Stage) -> None:
    stage.workspace.app.revoked_tokens.append(BOT)
    assert stage.code("auth.test") == "token_revoked"


def test_a_missing_scope_is_named(stage: Stage) -> None:
    stage.workspace.app.scopes.remove("files:write")
    body = stage.call("files.getUploadURLExternal", filename="x", length=1).body
    assert (body["error"], body["needed"]) == ("missing_scope", "files:write")


def test_arguments_must_be_known_and_complete(stage: Stage) -> None:
    body = stage.call("chat.postMessage", chanel=EXPERIMENTS, text="x").body
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == [
        "[ERROR] missing required field: channel",
        "[ERROR] unsupported argument: chanel",
    ]


def test_a_refusal_for_rate_says_how_long_to_wait(stage: Stage) -> None:
    codes = [stage.call("chat.postMessage", channel=EXPERIMENTS, text="x") for _ in range(4)]
    assert [answer.status for answer in codes] == [200, 200, 200, 429]
    assert codes[-1].headers["Retry-After"] == "1"
    stage.clock.now += 1
    assert stage.code("chat.postMessage", channel=EXPERIMENTS, text="x") is None


def test_one_post_a_second_and_channel_is_never_refused(stage: Stage) -> None:
    for _ in range(20):
        stage.clock.now += 1 / limits.POSTS_PER_S.number
        assert stage.code("chat.postMessage", channel=EXPERIMENTS, text="x") is None


def test_channels_and_methods_have_rates_of_their_own() -> None:
    rates = Rates(Clock())
    for channel in ("C1", "C2"):
        for _ in range(limits.POST_BURST.number):
            rates.take_post(channel)
        with pytest.raises(SlackError, match="ratelimited"):
            rates.take_post(channel)
    for method in ("users.list", "conversations.list"):
        for _ in range(limits.TIER_2.number):
            rates.take(method, limits.TIER_2)


def test_conversations_list_shows_what_the_app_may_see(stage: Stage) -> None:
    stage.workspace.keep_channel(Channel("C0SECRET", "secret", ["UANA"], is_private=True))
    stage.workspace.keep_channel(Channel("C0LEADS", "leads", ["USIGNOFF"], is_private=True))
    listed = stage.ok("conversations.list", types="public_channel,private_channel")["channels"]
    assert [channel["id"] for channel in listed] == [EXPERIMENTS, "C0RANDOM", "C0LEADS"]
    assert [channel["is_member"] for channel in listed] == [True, False, True]
    assert stage.code("conversations.list", types="everything") == "invalid_types"


def test_conversations_info_hides_private_channels(stage: Stage) -> None:
    stage.workspace.keep_channel(Channel("C0SECRET", "secret", ["UANA"], is_private=True))
    assert stage.code("conversations.info", channel="C0SECRET") == "channel_not_found"
    assert stage.ok("conversations.info", channel=EXPERIMENTS)["channel"]["name"] == "experiments"


def test_joining_tells_the_app(stage: Stage) -> None:
    assert stage.code("conversations.history", channel="C0RANDOM") == "not_in_channel"
    stage.ok("conversations.join", channel="C0RANDOM")
    assert stage.events[-1]["type"] == "member_joined_channel"
    assert stage.code("conversations.history", channel="C0RANDOM") is None
    assert stage.ok("conversations.join", channel="C0RANDOM")["warning"] == "already_in_channel"


def test_members_come_in_pages(stage: Stage) -> None:
    first = stage.ok("conversations.members", channel=EXPERIMENTS, limit=3)
    second = stage.ok(
        "conversations.members",
        channel=EXPERIMENTS,
        limit=3,
        cursor=first["response_metadata"]["next_cursor"],
    )
    assert first["members"] + second["members"] == ["UANA", "UKAI", "UZOE", "USIGNOFF"]
    assert stage.code("conversations.members", channel=EXPERIMENTS, cursor="x") == "invalid_cursor"
    assert stage.code("conversations.members", channel=EXPERIMENTS, limit=1000) == "invalid_limit"


def test_history_is_newest_first_and_between_two_times(stage: Stage) -> None:
    first, second, third = (stage.post()["ts"] for _ in range(3))
    after = stage.ok("conversations.history", channel=EXPERIMENTS, oldest=first)["messages"]
    assert [message["ts"] for message in after] == [third, second]
    included = stage.ok("conversations.history", channel=EXPERIMENTS, oldest=first, inclusive=True)[
        "messages"
    ]
    assert [message["ts"] for message in included] == [third, second, first]


def test_replies_start_with_the_parent_whatever_the_range(stage: Stage) -> None:
    parent = stage.post()["ts"]
    first, second = (stage.post(thread_ts=parent)["ts"] for _ in range(2))
    found = stage.ok("conversations.replies", channel=EXPERIMENTS, ts=parent, oldest=first)["messages"]
    assert [message["ts"] for message in found] == [parent, second]


def test_a_direct_message_is_opened_with_one_person(stage: Stage) -> None:
    assert stage.ok("conversations.open", users="UANA")["channel"] == {"id": "D0UANA"}
    assert stage.code("conversations.open", users="UNOBODY") == "user_not_found"


def test_people_and_groups(stage: Stage) -> None:
    assert stage.ok("users.info", user="UANA")["user"]["real_name"] == "Ana"
    assert stage.code("users.info", user="UNOBODY") == "user_not_found"
    assert [user["id"] for user in stage.ok("users.list")["members"]] == ["UANA", "UKAI", "UZOE", "USIGNOFF"]
    assert stage.ok("users.profile.get", user="UZOE")["profile"]["title"] == "administrator"
    assert stage.ok("usergroups.users.list", usergroup="SSENIORS")["users"] == ["UANA", "UZOE"]
    assert stage.code("usergroups.users.list", usergroup="SNONE") == "no_such_subteam"
    stage.workspace.groups["SOLD"] = UserGroup("SOLD", "old", "Old", disabled=True)
    assert [group["id"] for group in stage.ok("usergroups.list")["usergroups"]] == ["SSENIORS"]
    listed = stage.ok("usergroups.list", include_disabled=True, include_users=True)["usergroups"]
    assert [group["users"] for group in listed] == [["UANA", "UZOE"], []]


def test_reactions(stage: Stage) -> None:
    item = {"channel": EXPERIMENTS, "timestamp": stage.post()["ts"]}
    stage.ok("reactions.add", **item, name="eyes")
    assert stage.code("reactions.add", **item, name="eyes") == "already_reacted"
    assert stage.code("reactions.add", **item, name="no such:") == "invalid_name"
    assert stage.ok("reactions.get", **item)["message"]["reactions"] == [
        {"name": "eyes", "users": ["USIGNOFF"], "count": 1}
    ]
    stage.ok("reactions.remove", **item, name="eyes")
    assert stage.code("reactions.remove", **item, name="eyes") == "no_reaction"
    assert stage.code("reactions.add", channel=EXPERIMENTS, timestamp="1.2", name="x") == "message_not_found"


def test_api_test_needs_no_token(stage: Stage) -> None:
    assert stage.call("api.test", None, foo="bar").body["args"] == {"foo": "bar"}
    assert stage.call("api.test", None, error="my_error").body["error"] == "my_error"
