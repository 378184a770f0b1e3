"""From `/experiment new` to the signed card, as people see it."""

import pytest

from bot.forms import fields
from tests.service.bot.conversation.conftest import Office

pytestmark = pytest.mark.service


def test_the_form_leads_to_a_card_and_a_second_person_approves(office: Office) -> None:
    card = office.propose()
    number = office.proposed[-1]
    assert "🟩 + " in card.words
    office.people.press("UANA", card, "approve")
    decided = office.card(f"E-{number}>")
    office.people.wait_for(
        lambda: not office.card(f"E-{number}>").has_button("approve"), "the buttons to vanish"
    )
    assert "Approved by @ana" in office.card(f"E-{number}>").words
    office.people.wait_for_message(
        lambda seen: "approved" in seen.words and seen.ts != card.ts, "the decision", thread_ts=decided.ts
    )
    assert office.queries.experiment(number).status.value == "APPROVED"
