from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from db.errors import Conflict, NotFound
from db.lifecycle import ExitCause, OutboxStatus, RunStatus
from db.models import OutboxEntry
from db.records import DecisionKind, OutboxKind, OutboxRow, Trouble
from tests.builders import CHANNEL, KAI, House, result
from trainer.contract import Phase, Progress


def claim(house: House) -> OutboxRow | None:
    return house.ledger.outbox.claim(house.clock())


def send(house: House, row: OutboxRow, ts: str | None = None) -> OutboxRow:
    return house.ledger.outbox.mark_sent(row, ts=ts or f"ts-{row.key}")


def send_all(house: House) -> Iterator[OutboxRow]:
    """Send whatever is due; rows as they were claimed."""
    while row := claim(house):
        send(house, row)
        yield row


def keys(house: House) -> list[str]:
    return [row.key for row in send_all(house)]


def test_nothing_enters_a_thread_before_its_card_is_there(house: House) -> None:
    number = house.approved().number
    card = claim(house)
    assert card is not None
    assert (card.key, card.kind, card.channel_id) == (f"E-{number}/proposal", OutboxKind.PROPOSAL, CHANNEL)
    assert (card.ts, card.thread_ts) == (None, None)
    assert claim(house) is None
    send(house, card, "111.1")
    assert house.queries.experiment(number).thread_ts == "111.1"
    following = list(send_all(house))
    assert [row.key for row in following] == [
        f"E-{number}/diff/r1",
        f"E-{number}/decision/r1",
        f"E-{number}/status",
    ]
    assert {row.thread_ts for row in following} == {"111.1"}


def test_a_message_that_waits_holds_up_the_later_ones_of_its_thread_alone(house: House) -> None:
    first, second = house.propose().number, house.propose().number
    assert keys(house) == [
        f"E-{first}/proposal",
        f"E-{first}/diff/r1",
        f"E-{second}/proposal",
        f"E-{second}/diff/r1",
    ]
    house.clock.forward(10)
    house.decide(first)
    house.decide(second, DecisionKind.REJECT)
    decision = claim(house)
    assert decision is not None
    assert decision.key == f"E-{first}/decision/r1"
    house.ledger.outbox.postpone(decision, house.clock() + timedelta(seconds=30), ambiguous=False)
    assert keys(house) == [f"E-{second}/decision/r1", f"E-{first}/proposal", f"E-{second}/proposal"]
    house.clock.forward(30)
    assert keys(house) == [f"E-{first}/decision/r1", f"E-{first}/status"]


def test_a_dead_message_lets_the_others_pass(house: House) -> None:
    number = house.approved().number
    card = claim(house)
    assert card is not None
    send(house, card)
    diff = claim(house)
    assert diff is not None
    assert diff.kind is OutboxKind.DIFF_FILE
    house.ledger.outbox.mark_dead(diff, Trouble("not_in_channel", "not_in_channel"))
    assert keys(house) == [f"E-{number}/decision/r1", f"E-{number}/status"]


def test_a_lapsed_lease_is_ambiguous(house: House) -> None:
    house.propose()
    first = claim(house)
    assert first is not None
    assert first.status is OutboxStatus.SENDING
    house.clock.forward(29)
    assert claim(house) is None
    house.clock.forward(1)
    again = claim(house)
    assert again is not None
    assert (again.id, again.status, again.tries) == (first.id, OutboxStatus.AMBIGUOUS, 2)


def test_what_was_not_answered_stays_ambiguous_until_it_is_sent(house: House) -> None:
    house.propose()
    row = claim(house)
    assert row is not None
    house.ledger.outbox.postpone(row, house.clock() + timedelta(seconds=2), ambiguous=True)
    assert claim(house) is None
    house.clock.forward(2)
    again = claim(house)
    assert again is not None
    assert again.status is OutboxStatus.AMBIGUOUS
    sent = send(house, again)
    assert (sent.status, sent.tries) == (OutboxStatus.SENT, 0)
    assert send(house, again, "another") == sent


def test_a_file_keeps_its_id_across_tries(house: House) -> None:
    house.propose()
    row = claim(house)
    assert row is not None
    house.ledger.outbox.save_file(row, "F1")
    house.ledger.outbox.postpone(row, house.clock(), ambiguous=False)
    again = claim(house)
    assert again is not None
    assert (again.file_id, again.status) == ("F1", OutboxStatus.SENDING)


def test_progress_is_shown_every_three_seconds_at_most(house: House) -> None:
    number = house.approved(seeds=1).number
    attempt = house.start(house.queries.experiment(number).runs[-1])
    list(send_all(house))

    def heartbeat(timesteps: int) -> None:
        progress = Progress(
            phase=Phase.TRAINING, timesteps=timesteps, total_timesteps=100, updated_at=float(timesteps)
        )
        house.ledger.runs.record_progress(attempt.id, progress, house.epoch)

    for timesteps in range(5):
        heartbeat(timesteps)
    assert claim(house) is None
    house.clock.forward(3)
    (edit,) = send_all(house)
    assert (edit.kind, edit.ts, edit.wanted) == (OutboxKind.STATUS, f"ts-E-{number}/status", 2)


def test_an_edit_that_is_asked_for_while_one_is_sent_is_not_lost(house: House) -> None:
    number = house.approved(seeds=1).number
    list(send_all(house))
    house.clock.forward(10)
    run = house.queries.experiment(number).runs[-1]
    attempt = house.start(run)
    edit = claim(house)
    assert edit is not None
    house.end(attempt)
    sent = send(house, edit)
    assert (sent.status, sent.wanted) == (OutboxStatus.PENDING, edit.wanted + 1)
    house.clock.forward(3)
    assert keys(house) == [f"E-{number}/status"]


def test_progress_does_not_wake_a_dead_card_but_the_end_does(house: House) -> None:
    number = house.approved(seeds=1).number
    attempt = house.start(house.queries.experiment(number).runs[-1])
    while row := claim(house):
        if row.kind is OutboxKind.STATUS:
            house.ledger.outbox.mark_dead(row, Trouble("msg_too_long", "msg_too_long"))
        else:
            send(house, row)
    progress = Progress(phase=Phase.TRAINING, timesteps=1, total_timesteps=100, updated_at=1.0)
    house.ledger.runs.record_progress(attempt.id, progress, house.epoch)
    house.clock.forward(10)
    assert claim(house) is None
    house.end(attempt)
    assert keys(house) == [f"E-{number}/status"]


def test_one_failure_message_for_each_cause_and_round(house: House) -> None:
    number = house.approved(seeds=3).number
    for run in house.queries.experiment(number).runs[1:]:
        cause = ExitCause.NAN if run.label == "s3" else ExitCause.CODE_ERROR
        house.finish(run, status=RunStatus.FAILED, cause=cause, log_tail="Traceback")
    house.ledger.experiments.conclude(number)
    again = house.ledger.experiments.retry(number, "s1", KAI)
    house.finish(again, status=RunStatus.FAILED, cause=ExitCause.CODE_ERROR)
    sent = [row for row in send_all(house) if row.kind in (OutboxKind.FAILURE, OutboxKind.LOG_FILE)]
    assert [row.key.removeprefix(f"E-{number}/") for row in sent] == [
        "failure/code_error",
        "log/s1",
        "failure/nan",
        "log/s3",
        "failure/code_error/2",
        "log/s1.2",
    ]
    assert all(row.run_id is not None for row in sent)


def test_each_result_has_a_message_of_its_own(house: House) -> None:
    number = house.approved(seeds=1).number
    run = house.queries.experiment(number).runs[-1]
    attempt = house.start(run)
    house.end(attempt)
    house.ledger.runs.finish(run.id, status=RunStatus.CANCELED, cause=ExitCause.STOPPED, result=result(run))
    house.ledger.experiments.conclude(number)
    house.finish(house.ledger.experiments.retry(number, "s1", KAI))
    house.ledger.experiments.conclude(number)
    results = [(row.key, row.n) for row in send_all(house) if row.kind is OutboxKind.RESULT]
    assert results == [(f"E-{number}/result/1", 1), (f"E-{number}/result/2", 2)]


def test_the_card_of_a_smoke_run_is_brought_up_to_date(house: House) -> None:
    house.approved()
    number = house.propose().number
    list(send_all(house))
    house.clock.forward(5)
    house.pass_smoke(number)
    assert f"E-{number}/proposal" in keys(house)


def test_an_experiment_without_a_channel_says_nothing(house: House) -> None:
    number = house.approved(channel_id="").number
    assert house.queries.experiment(number).channel_id is None
    house.finish_all(number)
    assert claim(house) is None


def test_a_message_that_does_not_exist_is_not_found(house: House) -> None:
    house.propose()
    row = claim(house)
    assert row is not None
    with pytest.raises(NotFound):
        house.ledger.outbox.mark_sent(replace(row, id=999), ts="1")


TROUBLE = Trouble("not_in_channel", "The bot is not a member of the channel.", ("UZOE",))


def test_who_comes_late_reports_for_nobody_else(house: House) -> None:
    house.propose()
    late = claim(house)
    assert late is not None
    house.clock.forward(30)
    now = claim(house)
    assert now is not None
    assert now.claim == late.claim + 1
    assert send(house, late, "1.0").status is OutboxStatus.SENDING
    house.ledger.outbox.mark_dead(late, TROUBLE)
    house.ledger.outbox.postpone(late, house.clock(), ambiguous=False)
    with pytest.raises(Conflict):
        house.ledger.outbox.save_file(late, "F1")
    with pytest.raises(Conflict):
        house.ledger.outbox.keep(late, house.clock())
    assert send(house, now, "2.0").ts == "2.0"


def test_an_old_claim_of_a_card_is_not_taken_for_the_claim_of_its_next_edit(house: House) -> None:
    number = house.propose().number
    late = claim(house)
    assert late is not None
    house.clock.forward(30)
    again = claim(house)
    assert again is not None
    send(house, again)
    list(send_all(house))
    house.clock.forward(10)
    house.decide(number, DecisionKind.REJECT)
    claimed = [row for row in iter(lambda: claim(house), None) if row.kind is OutboxKind.PROPOSAL]
    assert [row.tries for row in claimed] == [late.tries]
    assert send(house, late, "late").ts != "late"


def test_a_claim_that_is_kept_is_nobody_elses(house: House) -> None:
    house.propose()
    row = claim(house)
    assert row is not None
    house.clock.forward(29)
    house.ledger.outbox.keep(row, house.clock())
    house.clock.forward(29)
    assert claim(house) is None
    assert send(house, row).status is OutboxStatus.SENT


def test_of_several_bots_one_sends(house: House) -> None:
    outbox, now = house.ledger.outbox, house.clock()
    assert outbox.lead("one", now, lease_s=20) == "one"
    assert outbox.lead("two", now, lease_s=20) == "one"
    assert outbox.lead("one", house.clock.forward(19), lease_s=20) == "one"
    assert outbox.lead("two", house.clock.forward(19), lease_s=20) == "one"
    assert outbox.lead("two", house.clock.forward(1), lease_s=20) == "two"
    assert outbox.lead("one", house.clock(), lease_s=20) == "two"
    assert outbox.lead("three", house.clock(), lease_s=20, over="two") == "three"
    outbox.resign("two")
    assert outbox.lead("two", house.clock(), lease_s=20) == "three"
    outbox.resign("three")
    assert outbox.lead("two", house.clock(), lease_s=20) == "two"


def test_an_administrator_is_told_once_a_day_of_one_trouble_in_one_channel(house: House) -> None:
    for _ in range(2):
        house.propose()
        card = claim(house)
        assert card is not None
        house.ledger.outbox.postpone(card, house.clock.forward(60), ambiguous=False, trouble=TROUBLE)
        alert = claim(house)
        while alert is not None and alert.kind is not OutboxKind.ALERT:
            house.ledger.outbox.postpone(alert, house.clock() + timedelta(days=1), ambiguous=False)
            alert = claim(house)
        if alert is not None:
            assert (alert.channel_id, alert.thread_ts) == ("UZOE", None)
            send(house, alert)
    with house.database.read() as session:
        told = session.query(OutboxEntry).filter_by(kind=OutboxKind.ALERT).all()
    assert [row.key for row in told] == [f"alert/not_in_channel/{CHANNEL}/2026-01-05/UZOE"]


def test_trouble_with_an_alert_makes_no_alert(house: House) -> None:
    house.propose()
    card = claim(house)
    assert card is not None
    house.ledger.outbox.mark_dead(card, TROUBLE)
    alert = claim(house)
    assert alert is not None
    house.ledger.outbox.mark_dead(alert, TROUBLE)
    assert claim(house) is None


def test_a_dead_card_and_all_behind_it_are_sent_when_it_is_asked_for_again(house: House) -> None:
    number = house.propose().number
    card = claim(house)
    assert card is not None
    house.ledger.outbox.mark_dead(card, Trouble("invalid_blocks", "Slack does not take the blocks."))
    assert keys(house) == []
    (held,) = house.queries.outbox_health(house.clock()).undelivered
    assert (held.key, held.is_dead, held.words) == (card.key, True, "Slack does not take the blocks.")
    with pytest.raises(NotFound, match="nothing/of/it"):
        house.ledger.outbox.revive((card.key, "nothing/of/it"))
    assert house.ledger.outbox.revive() == (card.key,)
    assert keys(house) == [f"E-{number}/proposal", f"E-{number}/diff/r1"]
    assert house.queries.outbox_health(house.clock()).undelivered == ()


def test_the_health_says_what_waits_and_since_when(house: House) -> None:
    house.ledger.outbox.lead("one", house.clock(), lease_s=20)
    began = house.clock()
    house.propose()
    health = house.queries.outbox_health(house.clock.forward(7))
    assert (health.waiting, health.oldest_due_at, health.sender) == (2, began, "one")
    list(send_all(house))
    health = house.queries.outbox_health(house.clock())
    assert (health.waiting, health.oldest_due_at) == (0, None)
