"""`signoff outbox`: what has not reached Slack, and asking for it again."""

from datetime import UTC, datetime

from db.lifecycle import OutboxStatus
from db.models import OutboxEntry
from db.records import Trouble
from tests.builders import House
from tests.unit.bot.cli.conftest import Run

REFUSED = Trouble("invalid_blocks", "Slack does not take the blocks.")


def give_up_the_card(house: House) -> str:
    row = house.ledger.outbox.claim(house.clock())
    assert row is not None
    house.ledger.outbox.mark_dead(row, REFUSED)
    return row.key


def test_it_names_what_is_held_up_and_that_nobody_sends(house: House, signoff: Run) -> None:
    key = give_up_the_card(house)
    said = " ".join(signoff("outbox").output.split())
    assert f"{key} given up: Slack does not take the blocks." in said
    assert "No bot sends at the moment" in said


def test_retry_sends_again_what_was_given_up(house: House, signoff: Run) -> None:
    key = give_up_the_card(house)
    assert "1 message will be sent again" in signoff("outbox", "retry", key).output
    with house.database.read() as session:
        row = session.query(OutboxEntry).filter_by(key=key).one()
    assert (row.status, row.error) == (OutboxStatus.PENDING, "")


def test_a_message_that_is_not_held_up_is_named(house: House, signoff: Run) -> None:
    refused = signoff("outbox", "retry", "E-1/result/9")
    assert refused.exit_code == 1
    assert "E-1/result/9" in refused.output


def test_all_is_well(house: House, signoff: Run) -> None:
    house.ledger.outbox.lead("a bot", datetime.now(UTC), lease_s=600)
    said = signoff("outbox").output
    assert "No message to Slack is held up." in said
    assert "No bot sends" not in said
