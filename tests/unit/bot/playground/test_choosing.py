"""Selects that ask the app or list conversations, and what is typed before it is submitted."""

import pytest

from bot.playground.errors import PersonError
from bot.playground.records import Channel, Json
from tests.unit.bot.playground.builders import EXPERIMENTS, actions, input_block, modal, text_input
from tests.unit.bot.playground.town import Town, refused


@pytest.fixture
def town() -> Town:
    return Town()


def test_an_external_select_in_a_message(town: Town) -> None:
    select = {"type": "external_select", "action_id": "pick", "min_query_length": 1}
    ts = town.post(text="x", blocks=[actions(select)])["ts"]
    options = [{"text": {"type": "plain_text", "text": "E-1"}, "value": "E-1"}]
    town.app.acks = [{"options": options}]
    asked = {"action_id": "pick", "block_id": "buttons", "value": "E"}
    answer = town.run(town.acting.options_of_message("UKAI", EXPERIMENTS, ts, asked))
    assert answer["options"] == options
    payload = town.app.last
    assert (payload["type"], payload["value"], payload["message"]["ts"]) == ("block_suggestion", "E", ts)
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": EXPERIMENTS,
        "is_ephemeral": False,
    }
    chosen = {"action_id": "pick", "value": "E-1"}
    town.run(town.acting.act_on_message("UKAI", EXPERIMENTS, ts, chosen))
    assert town.app.last["actions"][0]["selected_option"] == options[0]
    short = asked | {"value": ""}
    refused(
        "query_too_short", lambda: town.run(town.acting.options_of_message("UKAI", EXPERIMENTS, ts, short))
    )


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        ({}, {EXPERIMENTS, "G0OURS", "D0UKAI", "UANA", "USIGNOFF"}),
        ({"include": ["public"]}, {EXPERIMENTS}),
        ({"include": ["private"]}, {"G0OURS"}),
        ({"include": ["im"]}, {"D0UKAI", "UANA", "USIGNOFF"}),
        ({"include": ["im"], "exclude_bot_users": True}, {"UANA"}),
        ({"include": ["public", "private"]}, {EXPERIMENTS, "G0OURS"}),
    ],
)
def test_a_conversations_select_offers_what_its_filter_says(
    town: Town, wanted: Json, allowed: set[str]
) -> None:
    for name, members in (("G0OURS", ["UKAI", "USIGNOFF"]), ("G0THEIRS", ["UANA", "UZOE"])):
        town.workspace.keep_channel(Channel(name, name.lower(), members, is_private=True))
    town.workspace.direct_message("UKAI")
    select: Json = {"type": "conversations_select", "action_id": "where"}
    ts = town.post(text="x", blocks=[actions(select | ({"filter": wanted} if wanted else {}))])["ts"]

    def can_choose(name: str) -> bool:
        wish = {"action_id": "where", "value": name}
        try:
            town.run(town.acting.act_on_message("UKAI", EXPERIMENTS, ts, wish))
        except PersonError as error:
            return error.code != "no_such_choice"
        return True

    names = (EXPERIMENTS, "G0OURS", "G0THEIRS", "D0UKAI", "UANA", "USIGNOFF", "C0NONE")
    assert {name for name in names if can_choose(name)} == allowed


def test_what_is_typed_into_a_modal_is_kept_and_the_app_hears_nothing(town: Town) -> None:
    view = town.open(modal(input_block(text_input())), user="UKAI")
    before = town.workspace.feed.last
    town.forms.type("UKAI", view["id"], {"b": {"a": {"value": "half a sent"}}}, "tab1")
    (kept,) = town.workspace.views.stack("UKAI")
    assert kept.state["b"]["a"]["value"] == "half a sent"
    assert kept.hash == view["hash"]
    (entry,) = town.workspace.feed.after(before)
    assert (entry["kind"], entry["user"], entry["tab"]) == ("view_typed", "UKAI", "tab1")
    assert town.app.received == []
    refused("no_such_view", lambda: town.forms.type("UANA", view["id"], {}, ""))
    for nonsense in ("x", {"b": "x"}):
        refused("bad_request", lambda wrong=nonsense: town.forms.type("UKAI", view["id"], wrong, ""))  # type: ignore[misc] # a default in a lambda
