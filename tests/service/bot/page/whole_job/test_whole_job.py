"""The main job in a browser, by mouse and keyboard alone, as two people. Pictures are kept."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.service.bot.page.shell.seat import Seat
from tests.service.bot.page.whole_job.conftest import Camera, Sit

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

CARD_WITHIN_MS = 60_000
TRAINED_WITHIN_MS = 600_000
PLOT_AT_LEAST = 600
MOVING = re.compile(r"▶ (\d+ %|training|starting)")
VERDICT = re.compile("SUPPORTED|REFUTED|INCONCLUSIVE")


def choose_parent(person: Seat, *, by_mouse: bool = False) -> None:
    """Search the ledger from the form and take the baseline of CartPole."""
    start = person.modal.get_by_role("combobox", name="Start from")
    expect(start).to_be_focused()
    person.page.keyboard.type("ppo cartpole")
    offer = person.page.get_by_role("option", name="E-1 · PPO on CartPole-v1")
    expect(offer).to_be_visible()
    if by_mouse:
        offer.click()
    else:
        person.page.keyboard.press("Enter")
    expect(start).to_have_value(re.compile("^E-1 · "))


def fill(person: Seat, **texts: str) -> None:
    for label, text in texts.items():
        field = person.modal.get_by_label(label.replace("_", " ").capitalize(), exact=True)
        field.click()
        person.page.keyboard.press("Control+a")
        person.page.keyboard.type(text)


def card_of(person: Seat, title: str) -> Locator:
    """The proposal's card in the channel."""
    card = person.get("channel").get_by_test_id("message").filter(has_text=title).first
    expect(card).to_be_visible(timeout=CARD_WITHIN_MS)
    return card


def approve(person: Seat, card: Locator) -> None:
    card.get_by_role("button", name="Approve").click()
    expect(card).to_contain_text("APPROVED", timeout=CARD_WITHIN_MS)
    expect(card.get_by_role("button", name="Approve")).to_have_count(0)


def open_thread(person: Seat, card: Locator) -> Locator:
    card.get_by_test_id("thread-link").click(timeout=CARD_WITHIN_MS)
    panel = person.get("thread-panel")
    expect(panel).to_be_visible()
    return panel


def propose_with_a_mistake(kai: Seat, camera: Camera) -> Locator:
    """The form, with the keyboard; an unknown key is refused at its field and corrected there."""
    kai.page.keyboard.type("/exp")
    expect(kai.get("completion")).to_contain_text("Propose, find and follow experiments")
    camera.shoot(kai.page, "completion")
    kai.page.keyboard.press("Tab")
    kai.page.keyboard.type("new")
    kai.page.keyboard.press("Enter")
    choose_parent(kai)
    fill(
        kai,
        changes="learning_rte = x0.5\ntotal_timesteps = 3000",
        objective="Reduce oscillation of the cart.",
        hypothesis="Smaller steps give a smoother policy.",
        expected_outcome="final reward > 15",
    )
    kai.page.keyboard.press("Enter")
    changes = kai.in_modal("Changes")
    expect(changes).to_have_attribute("aria-invalid", "true", timeout=CARD_WITHIN_MS)
    expect(changes).to_have_accessible_description(re.compile("Did you mean .?learning_rate"))
    expect(changes).to_be_focused()
    camera.shoot(kai.page, "error-at-its-field")
    fill(kai, changes="learning_rate = x0.5\ntotal_timesteps = 3000")
    kai.page.keyboard.press("Control+Enter")
    expect(kai.modal).to_have_count(0, timeout=CARD_WITHIN_MS)
    return card_of(kai, "Reduce oscillation of the cart")


def test_propose_approve_result_search_fork(sit: Sit, camera: Camera) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    card = propose_with_a_mistake(kai, camera)
    expect(card).to_contain_text("2 changes against E-1")
    camera.shoot(kai.page, "proposal")

    card.get_by_role("button", name="Approve").click()
    refusal = kai.get("ephemeral").filter(has_text="nobody decides on their own proposal")
    expect(refusal).to_be_visible(timeout=CARD_WITHIN_MS)
    expect(card).to_contain_text("PROPOSED")
    camera.shoot(kai.page, "own-proposal-refused")

    hers = card_of(ana, "Reduce oscillation of the cart")
    expect(ana.get("ephemeral")).to_have_count(0)
    approve(ana, hers)
    expect(card).to_contain_text("APPROVED", timeout=CARD_WITHIN_MS)
    thread = open_thread(kai, card)
    status = thread.get_by_test_id("message").filter(has_text=MOVING).first
    expect(status).to_be_visible(timeout=TRAINED_WITHIN_MS)
    camera.shoot(kai.page, "status")

    result = thread.get_by_test_id("message").filter(has_text=VERDICT).last
    expect(result).to_be_visible(timeout=TRAINED_WITHIN_MS)
    see_the_plot(kai, result, camera)
    search_and_fork(kai, camera)


def see_the_plot(kai: Seat, result: Locator, camera: Camera) -> None:
    """The plot has pixels, and a click shows it large."""
    plot = result.get_by_role("img", name=re.compile("reward", re.IGNORECASE)).first
    plot.scroll_into_view_if_needed()
    expect(plot).to_be_visible(timeout=CARD_WITHIN_MS)
    expect(plot).to_have_js_property("complete", True)
    assert plot.evaluate("image => image.naturalWidth") > PLOT_AT_LEAST
    camera.shoot(kai.page, "result")
    plot.click()
    expect(kai.get("lightbox")).to_be_visible()
    camera.shoot(kai.page, "plot")
    kai.page.keyboard.press("Escape")
    expect(kai.get("lightbox")).to_have_count(0)


def search_and_fork(kai: Seat, camera: Camera) -> None:
    """The ledger answers; the form that opens from the answer starts from what was found."""
    kai.input.click()
    kai.page.keyboard.type("/experiment search experiments fixing oscillation")
    kai.page.keyboard.press("Enter")
    found = kai.get("ephemeral").filter(has_text="Reduce oscillation of the cart").last
    expect(found).to_be_visible(timeout=CARD_WITHIN_MS)
    camera.shoot(kai.page, "search")
    found.get_by_role("button", name="Fork").first.click()
    start = kai.modal.get_by_role("combobox", name="Start from")
    expect(start).to_have_value(re.compile("Reduce oscillation of the cart"), timeout=CARD_WITHIN_MS)
    camera.shoot(kai.page, "fork")
    kai.page.keyboard.press("Escape")
    expect(kai.modal).to_have_count(0)


def test_stop(sit: Sit, camera: Camera) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    kai.say("/experiment new")
    choose_parent(kai, by_mouse=True)
    fill(
        kai,
        changes="total_timesteps = 5000000",
        objective="Train until somebody stops it.",
        hypothesis="It goes on.",
        expected_outcome="final reward > 20",
    )
    kai.get("modal-submit").click()
    expect(kai.modal).to_have_count(0, timeout=CARD_WITHIN_MS)
    card = card_of(kai, "Train until somebody stops it")
    approve(ana, card_of(ana, "Train until somebody stops it"))

    thread = open_thread(kai, card)
    status = thread.get_by_test_id("message").filter(has=kai.page.get_by_role("button", name="Stop")).first
    expect(status).to_contain_text(re.compile("s1 +▶"), timeout=TRAINED_WITHIN_MS)
    status.get_by_role("button", name="Stop").click()
    expect(kai.get("confirm")).to_contain_text("will save a checkpoint and end")
    camera.shoot(kai.page, "are-you-sure")
    kai.get("confirm-yes").click()
    stopped = thread.get_by_test_id("message").filter(has_text="Stopped by @Kai").first
    expect(stopped).to_be_visible(timeout=TRAINED_WITHIN_MS)
    expect(thread.get_by_role("button", name="Resume").first).to_be_visible(timeout=TRAINED_WITHIN_MS)
    camera.shoot(kai.page, "stopped")
