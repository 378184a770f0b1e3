import os
import socket
import subprocess

import pytest

from bot.desk import is_gone
from bot.sender import Sender, Watches
from bot.slack_errors import (
    Ambiguous,
    BadMessage,
    NoAccess,
    Permanent,
    RateLimited,
    SlackError,
    TryLater,
    UploadRefused,
    from_code,
)
from db.errors import Busy, NotFound
from db.lifecycle import OutboxStatus
from db.records import OutboxKind, OutboxRow
from tests.unit.bot.sender.fakes import Clock, FakeLetters, FakeOutbox, FakeSlack, TimedStop

POST = "chat.postMessage"


class Office:
    """A sender with its fakes."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.outbox = FakeOutbox()
        self.slack = FakeSlack()
        self.letters = FakeLetters()
        self.restart()

    def restart(self) -> None:
        """What a killed and restarted bot has: nothing but the ledger."""
        self.sender = self.another("")

    def another(self, owner: str) -> Sender:
        """One more bot's sender."""
        watches = Watches(self.clock.now, self.clock.ticking)
        sender = Sender(self.outbox, self.letters, self.slack, watches, ("UZOE",))
        sender._desk._owner = owner or sender._desk._owner
        sender._stop = TimedStop(self.clock)
        return sender

    def settle(self, seconds: float = 200.0) -> None:
        """Let the sender work until so much time has passed."""
        end = self.clock.passed_s + seconds
        while self.clock.passed_s < end:
            if not self.sender.step():
                self.clock.sleep(0.25)

    def status(self, row: OutboxRow) -> OutboxStatus:
        return self.outbox.rows[row.id].status

    def texts(self) -> list[str]:
        return [message.text for message in self.slack.posted]


@pytest.fixture
def office() -> Office:
    return Office()


def lost() -> SlackError:
    return Ambiguous(POST, "no_answer", "no answer")


def test_messages_of_a_thread_keep_their_order_through_every_trouble(office: Office) -> None:
    rows = [office.outbox.add() for _ in range(6)]
    office.slack.fail[POST] = [RateLimited(POST, 5), lost(), TryLater(POST, "service_unavailable", "later")]
    office.slack.lose[POST] = [lost(), lost()]
    office.settle()
    assert office.texts() == [f"{row.key} at 1" for row in rows]
    assert {office.status(row) for row in rows} == {OutboxStatus.SENT}


def test_an_answer_that_was_lost_is_looked_up_and_not_sent_again(office: Office) -> None:
    row = office.outbox.add()
    office.slack.lose[POST] = [lost()]
    office.settle(10)
    assert len(office.slack.posted) == 1
    assert office.outbox.rows[row.id].ts == "1.0"
    assert office.slack.calls == [POST, "conversations.replies"]


def test_a_call_that_never_arrived_is_sent_again(office: Office) -> None:
    row = office.outbox.add()
    office.slack.fail[POST] = [lost()]
    office.settle(10)
    assert office.texts() == [f"{row.key} at 1"]


def test_a_kill_between_sending_and_marking_posts_nothing_twice(office: Office) -> None:
    row = office.outbox.add()
    claimed = office.outbox.claim(office.clock.now())
    assert claimed is not None
    office.sender._send(claimed)
    office.restart()
    office.settle(20)
    assert office.status(row) is OutboxStatus.SENDING
    office.settle(40)
    assert office.status(row) is OutboxStatus.SENT
    assert len(office.slack.posted) == 1


def test_a_failed_look_up_sends_nothing(office: Office) -> None:
    row = office.outbox.add(status=OutboxStatus.AMBIGUOUS)
    office.slack.fail["conversations.replies"] = [Ambiguous("conversations.replies", "no_answer", "none")] * 3
    office.sender.step()
    assert office.slack.posted == []
    assert office.status(row) is OutboxStatus.AMBIGUOUS
    office.settle()
    assert len(office.slack.posted) == 1


def test_a_429_waits_as_long_as_slack_asks(office: Office) -> None:
    office.outbox.add()
    office.slack.fail[POST] = [RateLimited(POST, 30)]
    office.settle(29)
    assert office.slack.calls == [POST]
    office.settle(3)
    assert len(office.slack.posted) == 1


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived", "invalid_auth"])
def test_what_somebody_can_mend_is_said_in_words_and_sent_when_it_is_mended(
    office: Office, code: str
) -> None:
    bad, good = office.outbox.add(), office.outbox.add(channel_id="C2")
    office.slack.fail[POST] = [from_code(POST, code)]
    office.settle(5)
    assert office.status(bad) is OutboxStatus.PENDING
    assert code in office.outbox.errors[bad.id]
    assert office.status(good) is OutboxStatus.SENT
    office.settle(60)
    assert office.status(bad) is OutboxStatus.SENT


def test_a_refusal_for_good_is_said_in_words_and_stops_nobody_else(office: Office) -> None:
    bad, good = office.outbox.add(), office.outbox.add(channel_id="C2")
    office.slack.fail[POST] = [from_code(POST, "a_code_of_tomorrow")]
    office.settle(5)
    assert office.status(bad) is OutboxStatus.DEAD
    assert "a_code_of_tomorrow" in office.outbox.errors[bad.id]
    assert office.status(good) is OutboxStatus.SENT


def test_one_message_a_second_and_channel(office: Office) -> None:
    for thread in range(5):
        office.outbox.add(thread_ts=f"{thread}.0")
    office.settle(2.0)
    assert 2 <= len(office.slack.posted) <= 3


def test_a_living_card_is_posted_once_and_edited_every_three_seconds(office: Office) -> None:
    card = office.outbox.add(OutboxKind.STATUS)
    for _ in range(40):
        office.settle(0.25)
        office.outbox.want(card.id)
    office.settle(5)
    assert len(office.slack.posted) == 1
    edits = office.slack.posted[0].edits
    assert 3 <= len(edits) <= 5
    assert edits[-1].endswith("at 41")


def test_a_living_card_found_again_is_brought_up_to_date(office: Office) -> None:
    card = office.outbox.add(OutboxKind.STATUS)
    office.slack.lose[POST] = [lost()]
    office.sender.step()
    office.outbox.want(card.id)
    office.settle(20)
    assert len(office.slack.posted) == 1
    assert office.slack.posted[0].edits[-1].endswith("at 2")
    assert office.status(card) is OutboxStatus.SENT


def test_a_busy_ledger_is_waited_for(office: Office) -> None:
    row = office.outbox.add()
    office.outbox.busy = 3
    office.settle(10)
    assert office.status(row) is OutboxStatus.SENT
    assert len(office.slack.posted) == 1


def test_a_ledger_that_stays_busy_after_sending_leads_to_a_look_up(office: Office) -> None:
    row = office.outbox.add()
    claimed = office.outbox.claim(office.clock.now())
    assert claimed is not None
    office.outbox.busy = 1000
    office.sender._attend(claimed)
    office.outbox.busy = 0
    office.settle(60)
    assert office.status(row) is OutboxStatus.SENT
    assert len(office.slack.posted) == 1


def test_a_ledger_that_is_busy_before_sending_costs_a_moment_and_no_look_up(office: Office) -> None:
    office.letters.unsayable = Busy("the ledger is locked")
    row = office.outbox.add()
    office.sender.step()
    office.letters.unsayable = None
    office.settle(3)
    assert office.status(row) is OutboxStatus.SENT
    assert office.slack.calls == [POST]


def test_a_result_shows_its_uploaded_picture(office: Office) -> None:
    office.outbox.add(OutboxKind.RESULT)
    office.settle(5)
    assert office.slack.posted[0].blocks == [{"type": "section", "picture": "F1", "note": ""}]
    assert office.slack.files == {"F1": b"png"}


def test_a_refused_picture_leaves_the_message_with_a_note(office: Office) -> None:
    office.outbox.add(OutboxKind.RESULT)
    office.slack.fail["upload"] = [UploadRefused("upload", "file_uploads_disabled", "Uploads are off.")]
    office.settle(5)
    note = "The plot could not be attached. Uploads are off."
    assert office.slack.posted[0].blocks == [{"type": "section", "picture": None, "note": note}]


def test_a_picture_is_tried_again_and_then_left_out(office: Office) -> None:
    office.outbox.add(OutboxKind.RESULT)
    office.slack.fail["upload"] = [Ambiguous("upload", "no_answer", "Broken off.")] * 4
    office.settle(60)
    assert len(office.slack.posted) == 1
    assert "Broken off." in str(office.slack.posted[0].blocks)
    assert "conversations.replies" not in office.slack.calls


def test_a_message_that_slack_does_not_take_is_sent_more_simply(office: Office) -> None:
    row = office.outbox.add(OutboxKind.RESULT)
    office.slack.fail[POST] = [BadMessage(POST, "invalid_blocks", "no")] * 2
    office.settle(5)
    assert office.texts() == [f"{row.key} at 1"]
    assert office.slack.posted[0].blocks is None


def test_a_log_is_shared_once_even_when_the_answer_is_lost(office: Office) -> None:
    row = office.outbox.add(OutboxKind.LOG_FILE)
    office.slack.lose["files.completeUploadExternal"] = [Ambiguous("files.complete", "no_answer", "none")]
    office.settle(30)
    assert [message.file_id for message in office.slack.posted] == ["F1"]
    assert office.outbox.rows[row.id].ts == "1.0"


def test_a_kill_before_sharing_uploads_the_log_again(office: Office) -> None:
    row = office.outbox.add(OutboxKind.LOG_FILE, file_id="F0", status=OutboxStatus.AMBIGUOUS)
    office.settle(30)
    assert [message.file_id for message in office.slack.posted] == ["F1"]
    assert office.status(row) is OutboxStatus.SENT


def test_a_log_that_cannot_be_uploaded_is_told_of(office: Office) -> None:
    office.outbox.add(OutboxKind.LOG_FILE)
    office.slack.fail["files.getUploadURLExternal"] = [
        UploadRefused("files.getUploadURLExternal", "file_uploads_disabled", "Uploads are off.")
    ]
    office.settle(5)
    assert office.texts() == ["Whole log could not be attached. Uploads are off."]


def test_a_file_that_nobody_needs_is_marked_without_sending(office: Office) -> None:
    office.letters.needs_file = False
    row = office.outbox.add(OutboxKind.DIFF_FILE)
    office.settle(2)
    assert office.status(row) is OutboxStatus.SENT
    assert office.slack.calls == []


def test_a_row_about_nothing_is_given_up(office: Office) -> None:
    office.letters.unsayable = NotFound("E-1 is not in the ledger")
    row = office.outbox.add()
    office.settle(2)
    assert office.outbox.errors[row.id] == "E-1 is not in the ledger"


def test_a_bug_in_one_card_is_tried_again_and_silences_no_other(office: Office) -> None:
    office.letters.broken = KeyError("bug")
    bad = office.outbox.add()
    office.settle(3)
    assert office.status(bad) is OutboxStatus.AMBIGUOUS
    office.letters.broken = None
    good = office.outbox.add(channel_id="C2")
    office.settle(60)
    assert office.status(good) is OutboxStatus.SENT
    assert office.status(bad) is OutboxStatus.SENT


def test_only_what_cannot_be_repeated_is_permanent() -> None:
    assert isinstance(from_code(POST, "not_in_channel"), NoAccess)
    assert isinstance(from_code(POST, "a_code_of_tomorrow"), Permanent)
    assert isinstance(from_code(POST, "fatal_error"), Ambiguous)
    assert isinstance(from_code(POST, "service_unavailable"), TryLater)


def test_of_two_bots_one_sends_and_the_other_takes_over_when_it_has_gone(office: Office) -> None:
    first, second = office.another("elsewhere/1/a"), office.another("elsewhere/1/b")
    assert not first.step()
    office.outbox.add()
    assert not second.step()
    assert office.slack.posted == []
    assert first.step()
    office.outbox.add()
    office.clock.sleep(21)  # the first one says nothing any more
    assert second.step()
    assert len(office.slack.posted) == 2
    assert not first.step()


def test_a_sender_that_was_paused_shows_nothing_once_another_has_taken_over(office: Office) -> None:
    row = office.outbox.add()
    assert office.sender._desk.hold()
    claimed = office.outbox.claim(office.clock.now())
    assert claimed is not None
    office.clock.sleep(25)
    second = office.another("elsewhere/1/b")
    assert second._desk.hold()
    office.sender._attend(claimed)
    assert office.slack.posted == []
    office.clock.sleep(30)
    second.step()
    assert office.texts() == [f"{row.key} at 1"]


def test_a_claim_that_lapsed_is_not_shown(office: Office) -> None:
    row = office.outbox.add()
    claimed = office.outbox.claim(office.clock.now())
    assert claimed is not None
    office.clock.sleep(31)
    assert office.outbox.claim(office.clock.now()) is not None
    office.sender._attend(claimed)
    assert office.slack.posted == []
    assert office.status(row) is OutboxStatus.SENDING


def test_a_sender_that_leaves_lets_the_next_one_begin_at_once(office: Office) -> None:
    office.sender.step()
    stop = TimedStop(office.clock)
    stop.set()
    office.sender.run(stop)
    office.outbox.add()
    assert office.another("elsewhere/1/b").step()


def test_administrators_are_named_where_something_is_to_be_mended(office: Office) -> None:
    office.outbox.add()
    office.slack.fail[POST] = [from_code(POST, "not_in_channel")]
    office.settle(2)
    assert office.outbox.told == ["UZOE"]


def test_an_alert_is_not_looked_up(office: Office) -> None:
    office.outbox.add(OutboxKind.ALERT, channel_id="UZOE", thread_ts=None, status=OutboxStatus.AMBIGUOUS)
    office.settle(2)
    assert office.slack.calls == [POST]


def test_an_alert_that_is_over_is_not_sent(office: Office) -> None:
    office.letters.says_nothing = True
    row = office.outbox.add(OutboxKind.ALERT, channel_id="UZOE", thread_ts=None)
    office.settle(2)
    assert office.slack.calls == []
    assert office.status(row) is OutboxStatus.SENT


def test_an_owner_of_this_machine_is_known_to_have_ended() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    here = socket.gethostname()
    assert is_gone(f"{here}/{ended.pid}/x")
    assert is_gone(f"{here}/{os.getpid()}/another process had our number before")
    assert not is_gone(f"{here}/{os.getppid()}/x")
    assert not is_gone(f"elsewhere/{ended.pid}/x")
    assert not is_gone("nonsense")
