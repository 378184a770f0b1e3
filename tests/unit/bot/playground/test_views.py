"""views.*: triggers, stacks, hashes, what typed values survive."""

import json

import pytest

from tests.unit.bot.playground.builders import Stage, input_block, modal, plain, section, text_input


@pytest.fixture
def stage() -> Stage:
    return Stage()


def type_into(stage: Stage, view_id: str, block_id: str, text: str) -> None:
    state = stage.workspace.views.get(view_id).state
    state[block_id] = {"a": {"type": "plain_text_input", "value": text}}


def test_an_opened_view_has_everything_slack_adds(stage: Stage) -> None:
    view = stage.open(
        modal(input_block(text_input(initial_value="x")), private_metadata="m", callback_id="c")
    )
    assert view["id"].startswith("V")
    assert view["root_view_id"] == view["id"]
    assert view["previous_view_id"] is None
    assert (view["private_metadata"], view["callback_id"], view["external_id"]) == ("m", "c", "")
    assert view["state"]["values"] == {"b": {"a": {"type": "plain_text_input", "value": "x"}}}
    assert (view["app_id"], view["bot_id"], view["team_id"]) == ("A0SIGNOFF", "B0SIGNOFF", "T0PLAY")


def test_an_unknown_trigger_is_invalid(stage: Stage) -> None:
    assert stage.code("views.open", trigger_id="1.2.x", view=modal()) == "invalid_trigger_id"


def test_a_refused_view_does_not_spend_the_trigger(stage: Stage) -> None:
    trigger = stage.trigger()
    assert stage.code("views.open", trigger_id=trigger, view=modal(title=None)) == "invalid_arguments"
    assert stage.code("views.open", trigger_id=trigger, view=modal()) is None


def test_typed_values_stay_where_block_and_action_ids_stay(stage: Stage) -> None:
    view = stage.open(modal(input_block(text_input(), "kept"), input_block(text_input(), "renamed")))
    type_into(stage, view["id"], "kept", "mine")
    type_into(stage, view["id"], "renamed", "gone")
    after = modal(input_block(text_input(initial_value="new"), "kept"), input_block(text_input(), "other"))
    values = stage.ok("views.update", view_id=view["id"], view=after)["view"]["state"]["values"]
    assert values["kept"]["a"]["value"] == "mine"
    assert values["other"]["a"]["value"] is None
    assert "renamed" not in values


def test_a_block_without_id_loses_its_value(stage: Stage) -> None:
    without = {name: value for name, value in input_block(text_input()).items() if name != "block_id"}
    view = stage.open(modal(without))
    block_id = view["blocks"][0]["block_id"]
    type_into(stage, view["id"], block_id, "gone")
    values = stage.ok("views.update", view_id=view["id"], view=modal(without))["view"]["state"]["values"]
    assert [value["a"]["value"] for value in values.values()] == [None]


def test_an_old_hash_is_a_conflict(stage: Stage) -> None:
    view = stage.open()
    changed = stage.ok("views.update", view_id=view["id"], view=modal(), hash=view["hash"])["view"]
    assert stage.code("views.update", view_id=view["id"], view=modal(), hash=view["hash"]) == "hash_conflict"
    assert stage.code("views.update", view_id=view["id"], view=modal(), hash=changed["hash"]) is None


def test_views_are_found_by_id_or_external_id(stage: Stage) -> None:
    stage.open(modal(external_id="mine"))
    assert stage.code("views.update", external_id="mine", view=modal(external_id="mine")) is None
    assert stage.code("views.update", external_id="other", view=modal()) == "not_found"
    assert stage.code("views.update", view_id="V9", view=modal()) == "not_found"
    assert stage.code("views.update", view=modal()) == "invalid_arguments"


def test_an_external_id_is_unique(stage: Stage) -> None:
    stage.open(modal(external_id="mine"))
    trigger = stage.trigger("UKAI")
    assert (
        stage.code("views.open", trigger_id=trigger, view=modal(external_id="mine"))
        == "duplicate_external_id"
    )


def test_a_pushed_view_knows_its_root(stage: Stage) -> None:
    root = stage.open()
    top = stage.ok("views.push", trigger_id=stage.trigger(view_id=root["id"]), view=modal())["view"]
    assert (top["root_view_id"], top["previous_view_id"]) == (root["id"], root["id"])
    assert [view.id for view in stage.workspace.views.stack("UANA")] == [root["id"], top["id"]]


def test_push_needs_the_trigger_of_a_modal(stage: Stage) -> None:
    stage.open()
    assert stage.code("views.push", trigger_id=stage.trigger(), view=modal()) == "invalid_trigger_id"


def test_a_new_command_replaces_the_old_modal(stage: Stage) -> None:
    stage.open()
    second = stage.open()
    assert [view.id for view in stage.workspace.views.stack("UANA")] == [second["id"]]


def test_a_home_tab_is_published_and_updated(stage: Stage) -> None:
    home = {"type": "home", "blocks": [section("one")]}
    first = stage.ok("views.publish", user_id="UANA", view=home)["view"]
    again = stage.ok("views.publish", user_id="UANA", view=home, hash=first["hash"])["view"]
    assert again["id"] == first["id"]
    assert stage.code("views.publish", user_id="UANA", view=home, hash=first["hash"]) == "hash_conflict"
    assert stage.code("views.publish", user_id="UNOBODY", view=home) == "user_not_found"
    assert stage.code("views.publish", user_id="UANA", view=modal()) == "invalid_arguments"


def test_a_view_in_a_form_body_is_json(stage: Stage) -> None:
    trigger = stage.trigger()
    view = stage.ok("views.open", trigger_id=trigger, view=json.dumps(modal(title=plain("Form"))))["view"]
    assert view["title"]["text"] == "Form"
