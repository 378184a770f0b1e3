"""What people do in channels, and the payloads that reach the app."""

from collections.abc import Callable

import pytest

from bot.playground.errors import PersonError
from bot.playground.records import Json
from tests.unit.bot.playground.app import People
from tests.unit.bot.playground.builders import EXPERIMENTS, actions, button, options, section


@pytest.fixture
def people() -> People:
    return People()


def refused(doing: Callable[[], object], code: str) -> PersonError:
    with pytest.raises(PersonError) as caught:
        doing()
    assert caught.value.code == code, caught.value
    return caught.value


def test_a_command_reaches_the_app_as_slack_sends_it(people: People) -> None:
    people.run(people.acting.command("UANA", EXPERIMENTS, "/experiment", "search fix"))
    kind, payload, _ = people.app.received[0]
    assert kind == "slash_commands"
    assert payload["response_url"].startswith("http://playground/response/T0PLAY/")
    assert payload["trigger_id"].count(".") == 2
    assert {
        name: payload[name] for name in payload if name not in ("response_url", "trigger_id", "token")
    } == {
        "team_id": "T0PLAY",
        "team_domain": "playground",
        "channel_id": EXPERIMENTS,
        "channel_name": "experiments",
        "user_id": "UANA",
        "user_name": "ana",
        "command": "/experiment",
        "text": "search fix",
        "api_app_id": "A0SIGNOFF",
        "is_enterprise_install": "false",
    }


def test_what_a_commands_ack_says_is_seen_by_its_person(people: People) -> None:
    people.app.acks = [{"text": "usage: …"}, {"response_type": "in_channel", "text": "for all"}]
    people.run(people.acting.command("UANA", EXPERIMENTS, "/experiment", ""))
    people.run(people.acting.command("UANA", EXPERIMENTS, "/experiment", ""))
    assert [e.text for e in people.workspace.messages.ephemerals] == ["usage: …"]
    assert [m.text for m in people.workspace.messages.in_channel(EXPERIMENTS)] == ["for all"]


def test_a_command_nobody_registered_is_refused_when_a_manifest_is_known(people: People) -> None:
    people.workspace.app.commands = ["/experiment"]
    refused(lambda: people.run(people.acting.command("UANA", EXPERIMENTS, "/exp", "")), "unknown_command")


def test_an_app_that_is_away_or_silent_is_an_error_for_the_person(people: People) -> None:
    people.app.acks = [None]
    act = lambda: people.run(people.acting.command("UANA", EXPERIMENTS, "/experiment", ""))  # noqa: E731
    assert refused(act, "operation_timeout").status == 504
    people.app.connected = False
    assert refused(act, "dispatch_failed").status == 502


def test_strangers_and_outsiders_cannot_act(people: People) -> None:
    refused(lambda: people.run(people.acting.command("UBOB", EXPERIMENTS, "/x", "")), "no_such_person")
    refused(lambda: people.run(people.acting.command("UANA", "C0NONE", "/x", "")), "no_such_channel")


def test_a_global_shortcut(people: People) -> None:
    people.run(people.acting.shortcut("UKAI", "new_experiment", None, None))
    payload = people.app.last
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "new_experiment")
    assert payload["user"] == {"id": "UKAI", "username": "kai", "team_id": "T0PLAY"}
    assert people.workspace.permits.use_trigger(payload["trigger_id"]).user == "UKAI"


def test_a_message_shortcut_brings_the_message(people: People) -> None:
    ts = people.post(text="look")["ts"]
    people.run(people.acting.shortcut("UKAI", "fork", EXPERIMENTS, ts))
    payload = people.app.last
    assert payload["type"] == "message_action"
    assert (payload["message"]["text"], payload["message_ts"]) == ("look", ts)
    assert payload["channel"] == {"id": EXPERIMENTS, "name": "experiments"}


def press(people: People, ts: str, user: str = "UKAI", **wanted: object) -> Json:
    return people.run(people.acting.act_on_message(user, EXPERIMENTS, ts, {"action_id": "go", **wanted}))


def test_a_button_of_a_message(people: People) -> None:
    ts = people.post(blocks=[section(), actions(button("go", value="42"))], metadata=None)["ts"]
    press(people, ts)
    payload = people.app.last
    assert payload["type"] == "block_actions"
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": EXPERIMENTS,
        "is_ephemeral": False,
    }
    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("go", "buttons", "42")
    assert payload["message"]["ts"] == ts
    assert payload["user"]["id"] == "UKAI"
    assert payload["state"] == {"values": {}}
    assert "/response/" in payload["response_url"]


def test_a_button_in_a_thread_names_the_thread(people: People) -> None:
    parent = people.post()["ts"]
    ts = people.post(thread_ts=parent, blocks=[actions(button("go"))])["ts"]
    press(people, ts)
    assert people.app.last["container"]["thread_ts"] == parent


def test_a_select_of_a_message_keeps_what_was_chosen(people: People) -> None:
    select = {"type": "static_select", "action_id": "pick", "options": options(3)}
    ts = people.post(blocks=[actions(select, button("go"))])["ts"]
    press(people, ts, action_id="pick", value="2")
    assert (
        people.app.last["actions"][0]["selected_option"]
        == people.app.last["message"]["blocks"][0]["elements"][0]["options"][2]
    )
    press(people, ts)
    assert people.app.last["state"]["values"]["buttons"]["pick"]["selected_option"]["value"] == "2"
    refused(lambda: press(people, ts, action_id="pick", value="9"), "no_such_option")


def test_a_button_that_is_gone_can_still_be_pressed_by_who_had_seen_it(people: People) -> None:
    ts = people.post(text="x", blocks=[actions(button("go", value="rev1"))])["ts"]
    people.ok("chat.update", channel=EXPERIMENTS, ts=ts, text="done", blocks=[section("done")])
    refused(lambda: press(people, ts), "no_such_action")
    press(people, ts, stale=True)
    assert people.app.last["actions"][0]["value"] == "rev1"
    assert people.app.last["message"]["text"] == "done"


def test_a_button_of_an_ephemeral_message_has_no_message(people: People) -> None:
    blocks = [actions(button("go"))]
    answer = people.ok("chat.postEphemeral", channel=EXPERIMENTS, user="UKAI", text="x", blocks=blocks)
    press(people, answer["message_ts"])
    assert people.app.last["container"]["is_ephemeral"] is True
    assert "message" not in people.app.last
    refused(lambda: press(people, answer["message_ts"], user="UANA"), "no_such_message")


def test_two_buttons_with_one_action_id_need_the_block(people: People) -> None:
    blocks = [actions(button("go", value="1"), block_id="a"), actions(button("go", value="2"), block_id="b")]
    ts = people.post(blocks=blocks)["ts"]
    refused(lambda: press(people, ts), "ambiguous_action")
    press(people, ts, block_id="b")
    assert people.app.last["actions"][0]["value"] == "2"
    press(people, ts, value="1")
    assert people.app.last["actions"][0]["block_id"] == "a"


def test_buttons_in_attachments_work(people: People) -> None:
    ts = people.post(attachments=[{"blocks": [actions(button("go"))]}])["ts"]
    press(people, ts)
    assert people.app.last["actions"][0]["action_id"] == "go"


def pressed(people: People, ts: str, **wanted: object) -> Json:
    """The action that the app hears of."""
    press(people, ts, "UKAI", **wanted)
    (action,) = people.app.last["actions"]
    return dict(action)


def test_a_button_in_a_card_of_a_carousel_goes_by_its_own_block(people: People) -> None:
    cards = [{"type": "card", "block_id": f"c{n}", "actions": [button("open", value=str(n))]} for n in (1, 2)]
    child = {"type": "actions", "elements": [button("stop")]}
    blocks: list[Json] = [
        {"type": "carousel", "block_id": "row", "elements": cards},
        {"type": "container", "block_id": "box", "child_blocks": [child]},
    ]
    ts = people.post(blocks=blocks)["ts"]
    assert pressed(people, ts, action_id="open", block_id="c2")["value"] == "2"
    assert pressed(people, ts, action_id="stop", block_id="box")["block_id"] == "box"
    refused(lambda: press(people, ts, action_id="open", block_id="row"), "no_such_action")


def test_feedback_buttons_send_the_one_that_was_pressed(people: People) -> None:
    def one(value: str) -> Json:
        return {"text": {"type": "plain_text", "text": value}, "value": value}

    feedback = {"type": "feedback_buttons", "action_id": "f"}
    block = {
        "type": "context_actions",
        "elements": [feedback | {"positive_button": one("good"), "negative_button": one("bad")}],
    }
    ts = people.post(blocks=[block])["ts"]
    action = pressed(people, ts, action_id="f", value="bad")
    assert (action["type"], action["value"], action["text"]["text"]) == ("feedback_buttons", "bad", "bad")
    refused(lambda: press(people, ts, action_id="f", value="neither"), "no_such_action")


def test_a_persons_message_becomes_rich_text_and_an_event(people: People) -> None:
    people.workspace.app.events = ["message.channels"]

    async def write() -> str:
        return people.acting.write("UANA", EXPERIMENTS, "hello <&>", None).ts

    ts = people.run(write())
    kind, payload, _ = people.app.received[0]
    assert kind == "events_api"
    event = payload["event"]
    assert (event["type"], event["channel"], event["channel_type"]) == ("message", EXPERIMENTS, "channel")
    assert event["text"] == "hello &lt;&amp;&gt;"
    assert event["blocks"][0]["elements"][0]["elements"][0]["text"] == "hello <&>"
    assert event["ts"] == event["event_ts"] == ts


def test_opening_the_home_tab_is_an_event_with_the_last_view(people: People) -> None:
    people.ok("views.publish", user_id="UANA", view={"type": "home", "blocks": [section()]})

    async def look() -> None:
        people.acting.open_home("UANA")

    people.run(look())
    event = people.app.last["event"]
    assert (event["type"], event["tab"], event["view"]["type"]) == ("app_home_opened", "home", "home")
    assert people.app.last["authorizations"][0]["user_id"] == "USIGNOFF"
