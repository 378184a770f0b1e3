"""From `/experiment new` to a card in the channel: the form, its errors, channels, shortcuts."""

import pytest

from bot.cli.playground_seen import SeenView
from bot.forms import fields
from bot.messages import actions
from tests.service.bot.conversation.conftest import CONTRACT, Office

pytestmark = pytest.mark.service


def _shows(view: SeenView, field: str) -> bool:
    try:
        view.input_block(field)
    except LookupError:
        return False
    return True


def test_hints_appear_while_a_person_types(office: Office) -> None:
    office.open_form("UKAI")
    view = office.choose_parent("UKAI")
    office.people.act("UKAI", view, fields.CHANGES, "learning_rate = x0.5\nlearnin = 2")
    office.people.wait_for_view("UKAI", where=lambda seen: "unknown key" in seen.words)
    office.people.act("UKAI", view, fields.CHANGES, "gamma = 0.95")
    office.people.wait_for_view("UKAI", where=lambda seen: "🟩 + 0.95" in seen.words)
    office.people.act("UKAI", view, fields.EXPECTED, "oscillation falls by 20% vs parent")
    seen = office.people.wait_for_view("UKAI", where=lambda seen: "Understood as" in seen.words)
    assert "runs alongside" in seen.words
    office.people.close_view("UKAI")


def test_add_parameter_appends_a_line_with_the_current_value(office: Office) -> None:
    office.open_form("UKAI")
    view = office.choose_parent("UKAI")
    office.people.act("UKAI", view, fields.CHANGES, "n_epochs = 10")
    offered = office.people.options("UKAI", view, fields.ADD, "gamma")
    assert offered[0]["text"]["text"] == "gamma · now 0.98"
    office.people.act("UKAI", view, fields.ADD, offered[0]["value"])
    seen = office.people.wait_for_view("UKAI", where=lambda seen: "changes.1" in str(seen.raw["blocks"]))
    typed = seen.state["changes.1"][fields.CHANGES]["value"]
    assert typed == "n_epochs = 10\ngamma = 0.98"
    office.people.close_view("UKAI")


def test_more_shows_the_rest_and_keeps_what_was_typed(office: Office) -> None:
    office.open_form("UKAI")
    view = office.choose_parent("UKAI")
    assert not _shows(view, fields.SEEDS)
    office.people.act("UKAI", view, fields.OBJECTIVE, "Something")
    office.people.act("UKAI", view, fields.MORE)
    seen = office.people.wait_for_view("UKAI", where=lambda seen: _shows(seen, fields.SEEDS))
    assert seen.state[fields.OBJECTIVE][fields.OBJECTIVE]["value"] == "Something"
    office.people.act("UKAI", seen, fields.SEEDS, "3")
    office.people.act("UKAI", seen, fields.MORE)
    seen = office.people.wait_for_view("UKAI", where=lambda seen: not _shows(seen, fields.TAGS))
    assert _shows(seen, fields.SEEDS)
    office.people.close_view("UKAI")


def test_errors_stand_at_their_fields_and_nothing_is_saved(office: Office) -> None:
    office.open_form("UKAI")
    office.choose_parent("UKAI")
    before = office.queries.recent(1)
    answer = office.submit("UKAI", changes="learnin_rate = 1", expected="it gets better")
    assert answer.response_action == "errors"
    assert "Did you mean “learning_rate”?" in answer.errors["changes.0"]
    assert "final reward" in answer.errors["expected"]
    assert office.queries.recent(1) == before
    office.people.close_view("UKAI")


def test_the_card_says_who_why_and_what(office: Office) -> None:
    card = office.propose()
    for part in (
        "Why: ",
        "Reduce the oscillation",
        "PROPOSED",
        "against E-",
        "🟥",
        "🟩",
        "5 seeds of 100k steps",
    ):
        assert part in card.words
    assert "compared with" not in card.words  # a threshold compares with nothing
    assert [button.text for button in card.buttons] == ["Approve", "Reject", "Request changes"]


def test_whoever_decides_reads_that_no_verdict_can_come(office: Office) -> None:
    office.open_form("UKAI")
    view = office.choose_parent("UKAI")
    office.people.act("UKAI", view, fields.MORE)
    office.people.wait_for_view("UKAI", where=lambda seen: "Seeds" in seen.words)
    assert not office.submit("UKAI", changes="gamma = 0.911", seeds="2", expected="reward > parent").errors
    card = office.card(f"E-{office.queries.recent(1)[0].number}>")
    assert "No verdict from fewer than 3 seeds" in card.words
    assert "runs alongside with as many" in card.words


def test_where_the_bot_is_not_a_member_the_form_asks_for_a_channel(office: Office) -> None:
    office.people.command("UKAI", actions.COMMAND, "new", channel="C0RANDOM")
    view = office.people.wait_for_view("UKAI", fields.CALLBACK)
    assert _shows(view, fields.CHANNEL)
    assert "/invite" in view.words
    office.choose_parent("UKAI")
    answer = office.submit("UKAI", channel="C0RANDOM")
    assert "/invite" in answer.errors[fields.CHANNEL]
    answer = office.submit("UKAI", channel="C0EXPERIMENTS", changes="gamma = 0.9")
    assert not answer.errors
    office.card("gamma 0.98 → 0.9")


def test_the_shortcut_opens_the_form_with_a_channel_field(office: Office) -> None:
    office.people.shortcut("UKAI", actions.SHORTCUT_NEW)
    view = office.people.wait_for_view("UKAI", fields.CALLBACK)
    assert _shows(view, fields.CHANNEL)
    office.people.close_view("UKAI")


def test_a_duplicate_is_pointed_out_with_its_link(office: Office) -> None:
    office.propose(changes="gamma = 0.91")
    number = office.proposed[-1]
    office.open_form("UANA")
    view = office.choose_parent("UANA")
    office.people.act("UANA", view, fields.CHANGES, "gamma = 0.91")
    seen = office.people.wait_for_view("UANA", where=lambda seen: "same config" in seen.words)
    assert f"/experiments/{number}|open" in seen.words
    office.people.close_view("UANA")


def test_a_new_question_is_kept_and_shown(office: Office) -> None:
    office.open_form("UKAI")
    view = office.choose_parent("UKAI")
    office.people.act("UKAI", view, fields.MORE)
    seen = office.people.wait_for_view("UKAI", where=lambda seen: _shows(seen, fields.NEW_QUESTION))
    typed = {**CONTRACT, fields.CHANGES: "gamma = 0.92", fields.NEW_QUESTION: "What makes it wobble?"}
    assert not office.people.submit("UKAI", seen, typed).errors
    card = office.card("gamma 0.98 → 0.92")
    assert "What makes it wobble?" in card.words
    offered = office.queries.questions()
    assert [question.text for question in offered] == ["What makes it wobble?"]


def test_the_home_tab_shows_what_waits_for_a_decision(office: Office) -> None:
    office.propose(changes="gamma = 0.93")
    office.people.open_home("UANA")
    home = office.people.wait_for(lambda: office.people.home("UANA"), "the Home tab")
    assert f"E-{office.proposed[-1]}" in home.words


def test_what_is_asked_for_in_the_home_tab_is_answered_directly(office: Office) -> None:
    office.propose(changes="gamma = 0.94")
    office.people.open_home("UZOE")
    home = office.people.wait_for(lambda: office.people.home("UZOE"), "the Home tab")
    office.people.act("UZOE", home, actions.SHOW)
    office.people.wait_for_message(
        lambda seen: "PROPOSED" in seen.words, "a direct message", channel="D0UZOE"
    )
    office.people.act("UZOE", home, actions.NEW)
    form = office.people.wait_for_view("UZOE", fields.CALLBACK)
    assert _shows(form, fields.CHANNEL)
    office.people.close_view("UZOE")
