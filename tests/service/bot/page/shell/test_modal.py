"""Forms in people's hands: open, push, update, errors, loading, closing; the keyboard alone is enough."""

import pytest
from playwright.sync_api import expect

from tests.service.bot.page.shell.conftest import Sit
from tests.service.bot.page.shell.seat import Seat
from tests.service.bot.playground.conftest import Running

pytestmark = pytest.mark.service


def opened(seat: Seat) -> Seat:
    """The form of /tally, open, with nothing in it."""
    seat.say("/tally")
    expect(seat.modal).to_contain_text("How many")
    return seat


def test_by_keyboard_alone(sit: Sit) -> None:
    kai = sit("UKAI")
    expect(kai.input).to_be_focused()
    kai.page.keyboard.type("/tal")
    kai.page.keyboard.press("Tab")
    kai.page.keyboard.press("Enter")
    expect(kai.in_modal("What")).to_be_focused()
    kai.page.keyboard.type("pears")
    kai.page.keyboard.press("Tab")
    kai.page.keyboard.press("Control+a")
    kai.page.keyboard.type("5")
    kai.page.keyboard.press("Enter")
    expect(kai.modal).to_have_count(0)
    expect(kai.message("pears")).to_contain_text("pears: 5")
    expect(kai.input).to_be_focused()


def test_errors_stand_at_their_fields(sit: Sit) -> None:
    kai = opened(sit("UKAI"))
    kai.get("modal-submit").click()
    expect(kai.in_modal("What")).to_be_focused()
    expect(kai.in_modal("What")).to_have_attribute("aria-invalid", "true")
    expect(kai.modal).to_contain_text("Please complete this required field.")
    kai.page.keyboard.type("plums")
    expect(kai.modal).not_to_contain_text("Please complete")
    kai.in_modal("How many").fill("a few")
    kai.get("modal-submit").click()
    expect(kai.in_modal("How many")).to_be_focused()
    expect(kai.in_modal("How many")).to_have_accessible_description("A whole number, please.")
    expect(kai.in_modal("What")).to_have_value("plums")
    kai.page.keyboard.press("Control+a")
    kai.page.keyboard.type("3")
    expect(kai.modal).not_to_contain_text("A whole number")
    kai.get("modal-submit").click()
    expect(kai.message("plums")).to_contain_text("plums: 3")


def test_an_update_hides_no_error(sit: Sit) -> None:
    kai = opened(sit("UKAI"))
    kai.in_modal("What").fill("plums")
    kai.in_modal("How many").fill("a few")
    kai.get("modal-submit").click()
    expect(kai.in_modal("How many")).to_have_accessible_description("A whole number, please.")
    kai.modal.get_by_role("button", name="Note it").click()
    expect(kai.modal).to_contain_text("Noted")
    expect(kai.in_modal("How many")).to_have_accessible_description("A whole number, please.")


def test_letters_on_their_way_hide_no_error_and_reach_no_closed_form(sit: Sit, playground: Running) -> None:
    kai = opened(sit("UKAI"))
    kai.in_modal("What").fill("cherries")
    kai.in_modal("How many").press("Control+a")
    kai.page.keyboard.type("lots")
    kai.page.keyboard.press("Enter")

    def heard() -> bool:
        asked = [entry["arguments"] for entry in playground.people.traffic("interactive")]
        acted = [one["actions"][0] for one in asked if one["type"] == "block_actions"]
        return any(action.get("value") == "lots" for action in acted)

    playground.people.wait_for(lambda: heard() or None, "the app to hear of the last letters")
    expect(kai.in_modal("How many")).to_have_accessible_description("A whole number, please.")
    kai.page.keyboard.press("Control+a")
    kai.page.keyboard.type("7")
    kai.page.keyboard.press("Enter")
    expect(kai.modal).to_have_count(0)
    expect(kai.message("cherries")).to_contain_text("cherries: 7")
    expect(kai.get("toast")).to_have_count(0)


def test_an_update_takes_nothing_from_who_is_typing(sit: Sit, playground: Running) -> None:
    kai = opened(sit("UKAI"))
    kai.get("modal").get_by_role("button", name="Note it").click()
    kai.in_modal("What").press_sequentially("figs and ")
    expect(kai.modal).to_contain_text("Noted")
    kai.page.keyboard.type("dates")
    expect(kai.in_modal("What")).to_have_value("figs and dates")
    expect(kai.in_modal("What")).to_be_focused()


def test_a_second_page_and_the_way_back(sit: Sit) -> None:
    kai = opened(sit("UKAI"))
    kai.in_modal("What").fill("grapes")
    kai.modal.get_by_role("button", name="More…").click()
    expect(kai.modal).to_contain_text("A second page")
    expect(kai.modal).to_have_accessible_name("Page two")
    kai.get("modal-back").click()
    expect(kai.modal).to_have_accessible_name("Tally")
    expect(kai.in_modal("What")).to_have_value("grapes")


def test_escape_closes_and_the_app_hears_of_it(sit: Sit) -> None:
    kai = opened(sit("UKAI"))
    kai.page.keyboard.press("Escape")
    expect(kai.modal).to_have_count(0)
    expect(kai.get("ephemeral").filter(has_text="Another time, then.").last).to_be_visible()
    expect(kai.input).to_be_focused()


def test_the_focus_stays_inside(sit: Sit) -> None:
    kai = opened(sit("UKAI"))
    for _ in range(12):
        kai.page.keyboard.press("Tab")
        outside = "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
        assert not kai.page.evaluate(outside)


def test_the_button_is_busy_until_the_app_answers(sit: Sit, playground: Running) -> None:
    kai = opened(sit("UKAI"))
    kai.in_modal("What").fill("slow food")
    playground.people.fault("slow_ack", delay_s=1.5, envelope="interactive")
    kai.get("modal-submit").click()
    expect(kai.get("modal-submit")).to_have_attribute("aria-busy", "true")
    expect(kai.modal).to_have_count(0)


def test_a_submission_that_is_not_answered_keeps_the_form(sit: Sit, playground: Running) -> None:
    kai = opened(sit("UKAI"))
    kai.in_modal("What").fill("patience")
    playground.people.fault("slow_ack", delay_s=4, envelope="interactive")
    kai.get("modal-submit").click()
    expect(kai.modal.get_by_role("alert")).to_contain_text("We had some trouble connecting. Try again?")
    expect(kai.in_modal("What")).to_have_value("patience")


def test_what_was_typed_survives_a_reload(sit: Sit, playground: Running) -> None:
    kai = opened(sit("UKAI"))
    kai.in_modal("What").fill("all my thoughts")

    def is_kept() -> bool:
        (view,) = playground.people.views("UKAI")
        return bool(view.raw["state"]["values"]["what"]["text"]["value"] == "all my thoughts")

    playground.people.wait_for(lambda: is_kept() or None, "the typed text in the view")
    kai.page.reload()
    expect(kai.in_modal("What")).to_have_value("all my thoughts")
    kai.get("modal-close").click()
    expect(kai.modal).to_have_count(0)


def test_two_tabs_of_one_person_show_the_same_form(sit: Sit) -> None:
    one, other = sit("UZOE"), sit("UZOE")
    opened(one)
    expect(other.modal).to_contain_text("How many")
    one.in_modal("How many").fill("12")
    expect(other.in_modal("How many")).to_have_value("12")
    other.get("modal-cancel").click()
    expect(one.modal).to_have_count(0)
