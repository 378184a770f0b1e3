"""Approve, reject, request changes, edit: one winner, and words for everybody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.cli.playground_seen import SeenMessage
from bot.forms import fields
from bot.messages import actions, blocks
from bot.messages.message import Block
from bot.settings import HTTP, SOCKET
from db.lifecycle import ExperimentStatus
from db.records import DecisionKind
from tests.service.bot.conversation.conftest import CONTRACT, Office

pytestmark = pytest.mark.service


@pytest.fixture(scope="module", params=[SOCKET, HTTP])
def transport(request: pytest.FixtureRequest) -> str:
    """The whole file runs over both transports."""
    return str(request.param)


def _status(office: Office, number: int) -> ExperimentStatus:
    return office.queries.experiment(number).status


def _undecidable(office: Office, number: int) -> SeenMessage:
    """The card once its buttons are gone."""
    return office.people.wait_for_message(
        lambda seen: f"E-{number}>" in seen.words and not seen.has_button(actions.APPROVE),
        "the buttons to vanish",
    )


def _menu(office: Office, user: str, card: SeenMessage, action: str) -> None:
    """Pick an option of the card's [⋯] menu."""
    options = next(
        element["options"]
        for block in card.blocks
        for element in block.get("elements", ())
        if element.get("type") == "overflow"
    )
    value = next(option["value"] for option in options if option["value"].startswith(f"{action}:"))
    office.people._post(
        "action",
        user=user,
        channel=card.channel,
        message_ts=card.ts,
        action_id=actions.MENU,
        value=value,
        stale=True,
    )


def test_a_second_person_approves_and_the_card_says_who(office: Office) -> None:
    card = office.propose(changes="gamma = 0.80")
    number = office.proposed[-1]
    office.people.press("UANA", card, actions.APPROVE)
    assert "Approved by @ana" in _undecidable(office, number).words
    said = office.people.wait_for_message(
        lambda seen: "approved E-" in seen.words, "the decision in the thread", thread_ts=card.ts
    )
    assert f"@ana approved E-{number}" in said.words
    assert _status(office, number) is ExperimentStatus.APPROVED


def test_nobody_approves_their_own(office: Office) -> None:
    card = office.propose(changes="gamma = 0.81")
    office.people.press("UKAI", card, actions.APPROVE)
    office.people.wait_for_ephemeral("UKAI", "nobody decides on their own proposal")
    assert _status(office, office.proposed[-1]) is ExperimentStatus.PROPOSED


def test_a_double_click_and_two_reviewers_have_one_winner(office: Office) -> None:
    card = office.propose(changes="gamma = 0.82")
    number = office.proposed[-1]
    with ThreadPoolExecutor(4) as pool:
        for user in ("UANA", "UZOE", "UANA", "UZOE"):
            pool.submit(office.people.press, user, card, actions.APPROVE)
    experiment = office.queries.experiment(number)
    assert [decision.kind for decision in experiment.decisions] == [DecisionKind.APPROVE]
    winner = experiment.decisions[0].decider
    loser = {"UANA": "UZOE", "UZOE": "UANA"}[winner.id]
    office.people.wait_for_ephemeral(loser, f"E-{number} was already approved by {winner.name}")
    office.people.wait_for_ephemeral(winner.id, f"E-{number} was already approved by {winner.name}")


def test_reject_ends_it(office: Office) -> None:
    card = office.propose(changes="gamma = 0.83")
    office.people.press("UZOE", card, actions.REJECT)
    assert "Rejected by @zoe" in _undecidable(office, office.proposed[-1]).words


def test_changes_are_requested_with_a_reason_and_the_author_resubmits(office: Office) -> None:
    card = office.propose(changes="gamma = 0.84")
    number = office.proposed[-1]
    office.people.press("UANA", card, actions.REQUEST_CHANGES)
    view = office.people.wait_for_view("UANA", fields.REASON_CALLBACK)
    blank = office.people.submit("UANA", view, {fields.REASON: " \n "})
    assert blank.errors == {fields.REASON: "Say what should change, and why."}
    assert not office.people.submit("UANA", view, {fields.REASON: "Use 3 seeds first."}).errors
    asked = office.people.wait_for_message(
        lambda seen: "Use 3 seeds first." in seen.words and seen.has_button(actions.EDIT),
        "the reason in the thread",
        thread_ts=card.ts,
    )
    office.people.press("UANA", asked, actions.EDIT)
    refused = office.people.wait_for_view("UANA", where=lambda seen: "Only @kai" in seen.words)
    office.people.close_view("UANA", refused)
    office.people.press("UKAI", asked, actions.EDIT)
    form = office.people.wait_for_view("UKAI", fields.CALLBACK)
    assert form.title == f"Edit E-{number}"
    assert form.state["changes.0"][fields.CHANGES]["value"] == "hyperparams.gamma = 0.84"
    typed = {**CONTRACT, fields.CHANGES: "gamma = 0.85"}
    assert not office.people.submit("UKAI", form, typed).errors
    again = office.people.wait_for_message(
        lambda seen: seen.ts == card.ts and "revision 2" in seen.words, "the card's second revision"
    )
    assert again.has_button(actions.APPROVE)
    assert _status(office, number) is ExperimentStatus.PROPOSED


def test_a_click_on_a_superseded_revision_is_refused_in_words(office: Office) -> None:
    card = office.propose(changes="gamma = 0.86")
    number = office.proposed[-1]
    _menu(office, "UKAI", card, actions.EDIT)
    form = office.people.wait_for_view("UKAI", fields.CALLBACK)
    assert not office.people.submit("UKAI", form, {**CONTRACT, fields.CHANGES: "gamma = 0.87"}).errors
    office.people.press("UANA", card, actions.APPROVE)
    office.people.wait_for_ephemeral("UANA", f"Revision 1 of E-{number} was superseded by revision 2")
    assert _status(office, number) is ExperimentStatus.PROPOSED


def test_the_author_withdraws(office: Office) -> None:
    card = office.propose(changes="gamma = 0.88")
    number = office.proposed[-1]
    _menu(office, "UANA", card, actions.WITHDRAW)
    office.people.wait_for_ephemeral("UANA", "can withdraw")
    _menu(office, "UKAI", card, actions.WITHDRAW)
    assert "Withdrawn" in _undecidable(office, number).words
    _menu(office, "UKAI", card, actions.EDIT)
    told = office.people.wait_for_view("UKAI", where=lambda seen: "no longer be edited" in seen.words)
    office.people.close_view("UKAI", told)


def test_what_nobody_answers_expires_and_never_becomes_a_yes(office: Office) -> None:
    office.propose(changes="gamma = 0.89")
    number = office.proposed[-1]
    assert office.program.house.ledger.experiments.expire(timedelta(0)) >= 1
    assert "Expired without a decision; nothing will run" in _undecidable(office, number).words
    assert _status(office, number) is ExperimentStatus.EXPIRED


def test_a_button_of_another_version_is_answered_kindly(office: Office) -> None:
    for action_id in ("bygone", actions.APPROVE):
        element: Block = {**actions.button("Old", action_id), "value": "no value of ours"}
        text = f"An old card with {action_id}"
        office.program.client.chat_postMessage(
            channel="C0EXPERIMENTS", text=text, blocks=[blocks.section(text), blocks.actions([element])]
        )
        card = office.card(text)
        office.people.press("UANA", card, action_id)
    said = [seen for seen in office.people.ephemerals("UANA") if "older version of Signoff" in seen.words]
    assert len(said) == 2
