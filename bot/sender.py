"""The one writer to Slack: takes rows from the ledger's outbox, renders them now, sends them once.

A row says only what a message is about; the words come from the ledger at the moment of sending,
so that a late message is never a stale one. What Slack answered is marked in the ledger. Where no
answer came, the row is marked ambiguous, and before the next try the message is looked up by the
outbox key in its metadata: so a crash at any point leads to no message twice.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.desk import Desk, Superseded, own_name
from bot.messages.message import Message
from bot.pacing import CARD_EDITS_EVERY_S, POSTS_EVERY_S, Pace
from bot.payloads import FILES, edit_payload, is_ambiguous, lookup_of, method_of, post_payload
from bot.sender_ports import Letters, Outbox
from bot.slack_errors import (
    Ambiguous,
    BadMessage,
    BadToken,
    NoAccess,
    Permanent,
    RateLimited,
    SlackError,
    UploadRefused,
)
from bot.slack_port import SlackPort
from bot.uploads import Uploads
from db.errors import Busy, Conflict, NotFound, SignoffError, WrongSchema
from db.records import LIVING_CARDS, OutboxKind, OutboxRow, Trouble
from trainer.crashpoints import crash_at

log = structlog.get_logger(__name__)

IDLE_S = 0.25
BUSY_S = 0.5
STANDBY_S = 1.0
KEEP_AFTER_S = 15.0
SHORT_WAIT_S = 1.5
MARK_WITHIN_S = 15.0
LONGEST_BACKOFF_S = 60.0
MENDING_S = 60.0
PICTURE_TRIES = 4
STUMBLES = 10
LEDGER_AWAY = (Busy, WrongSchema)


@dataclass(frozen=True)
class Watches:
    """The sender's times: `clock` for the ledger, `ticking` (seconds, never jumps) for the pace."""

    clock: Callable[[], datetime]
    ticking: Callable[[], float] = time.monotonic


class Sender:
    """Sends the outbox, one row a step. One thread uses a sender; `run` ends soon after `stop` is set."""

    def __init__(
        self,
        outbox: Outbox,
        letters: Letters,
        port: SlackPort,
        watches: Watches,
        admins: tuple[str, ...] = (),
    ) -> None:
        """`admins` are the ids of the people who are told what cannot be delivered."""
        self._outbox = outbox
        self._letters = letters
        self._port = port
        self._watches = watches
        self._admins = admins
        self._desk = Desk(outbox, own_name(), watches.clock, watches.ticking)
        self._claimed_s = 0.0
        self._pace = Pace()
        self._stop = threading.Event()
        self._uploads = Uploads(port, outbox, self._wait, watches.ticking)

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set. No error ends the loop: the ledger keeps what could not be sent.

        Where another bot sends, wait until it ends.
        """
        self._stop = stop
        while not stop.is_set():
            try:
                idle = not self.step()
            except Exception:
                log.exception("sender.stumbled")
                idle = True
                stop.wait(BUSY_S)
            if idle:
                stop.wait(IDLE_S)
        self._desk.leave()

    def step(self) -> bool:
        """Claim one row that is due and bring it a step further; False when there is none for us."""
        try:
            if not self._desk.hold():
                self._wait(STANDBY_S)
                return False
            self._claimed_s = self._watches.ticking()
            row = self._outbox.claim(self._watches.clock())
        except LEDGER_AWAY:
            self._wait(BUSY_S)
            return False
        if row is None:
            return False
        crash_at("sender.claimed")
        with structlog.contextvars.bound_contextvars(
            experiment=f"E-{row.experiment}", outbox_key=row.key, channel_id=row.channel_id
        ):
            self._attend(row)
        return True

    def _attend(self, row: OutboxRow) -> None:
        try:
            self._deliver(row)
        except RateLimited as error:
            self._hold(row, error)
        except (NoAccess, BadToken) as error:
            self._await_mending(row, error)
        except (Permanent, NotFound) as error:
            self._give_up(row, error)
        except SlackError as error:
            self._again(row, error, ambiguous=isinstance(error, Ambiguous) or is_ambiguous(row))
        except LEDGER_AWAY as error:  # it was needed before anything was sent
            self._again(row, error, ambiguous=is_ambiguous(row))
        except Conflict as error:  # it took so long that somebody else has claimed the row
            log.warning("outbox.claim_lost", error=str(error))
        except Superseded:
            self._postpone(row, 0.0, ambiguous=is_ambiguous(row))
        except Exception as error:  # a bug in one card must not silence all others
            log.exception("outbox.stumbled")
            if row.tries >= STUMBLES:
                self._give_up(row, error)
            else:
                self._again(row, error, ambiguous=True)

    def _deliver(self, row: OutboxRow) -> None:
        wait_s = self._wait_s(row)
        if wait_s > SHORT_WAIT_S or (wait_s > 0 and self._wait(wait_s)):
            self._postpone(row, wait_s, ambiguous=is_ambiguous(row))
            return
        ts = self._send(row)
        crash_at("sender.shown")
        due = self._watches.clock() + timedelta(seconds=CARD_EDITS_EVERY_S)
        self._mark(
            lambda: self._outbox.mark_sent(row, ts=ts, next_due=due if row.kind in LIVING_CARDS else None)
        )
        log.info("outbox.sent", ts=ts, edited=row.ts is not None)

    def _wait_s(self, row: OutboxRow) -> float:
        """Until the row may be sent, and looked up first where that is needed."""
        methods = [method_of(row), *([lookup_of(row)] if is_ambiguous(row) else [])]
        now_s = self._watches.ticking()
        return max(self._pace.wait_s(row.channel_id, method=method, now_s=now_s) for method in methods)

    def _send(self, row: OutboxRow) -> str | None:
        """Send the row, or find that it was sent; the ts of its message, None where none is needed."""
        if row.kind in FILES:
            return self._share(row)
        if self._letters.is_over(row):
            return None
        ts = row.ts or self._lookup(row)
        if ts is None:
            return self._post(row, self._versions(row))
        if row.kind in LIVING_CARDS:
            self._edit(row, ts)
        return ts

    def _lookup(self, row: OutboxRow) -> str | None:
        """The message of an earlier try whose answer was lost, if Slack has it."""
        if not is_ambiguous(row) or row.kind is OutboxKind.ALERT:  # an alert may come twice
            return None
        ts = self._port.find(row.channel_id, row.thread_ts, row.key, self._letters.born_at(row))
        crash_at("sender.looked_up")
        log.info("outbox.looked_up", found=ts is not None)
        return ts

    def _post(self, row: OutboxRow, versions: Iterator[Message]) -> str:
        refusal: BadMessage | None = None
        for message in versions:
            if refusal is not None:
                log.warning("outbox.simpler_version", refused=refusal.code)
                self._wait(POSTS_EVERY_S)
            try:
                self._show(row)
                return self._port.post(post_payload(row, message))
            except BadMessage as error:
                refusal = error
        raise refusal or BadMessage("chat.postMessage", "no_text", "The message has no text.")

    def _versions(self, row: OutboxRow) -> Iterator[Message]:
        """The message as it should be, then simpler ones in case Slack does not take it."""
        picture_id, note = self._picture(row)
        message = self._letters.message(row, picture_id, note)
        yield message
        if picture_id is not None:
            yield self._letters.message(row, None, "Slack did not take the plot.")
        if message.blocks:
            yield replace(message, blocks=[])

    def _picture(self, row: OutboxRow) -> tuple[str | None, str]:
        """The id of the row's uploaded picture, or None and a sentence that says why it is missing."""
        try:
            picture = self._letters.picture(row)
            return (self._uploads.picture(row, picture) if picture else None), ""
        except (SlackError, SignoffError) as error:
            lost = isinstance(error, (Permanent, SignoffError)) or row.tries >= PICTURE_TRIES
            if isinstance(error, LEDGER_AWAY) or not lost:
                raise
            log.warning("outbox.picture_lost", error=str(error))
            return None, f"The plot could not be attached. {error}"

    def _edit(self, row: OutboxRow, ts: str) -> None:
        message = self._letters.message(row, None, "")
        self._show(row)
        try:
            self._port.update(edit_payload(row, ts, message))
        except BadMessage as error:
            log.warning("outbox.simpler_version", refused=error.code)
            self._port.update(edit_payload(row, ts, replace(message, blocks=[])))

    def _share(self, row: OutboxRow) -> str | None:
        file = self._letters.file(row)
        if file is None:
            return None
        self._show(row)
        try:
            return self._uploads.share(row, file)
        except UploadRefused as error:
            found = self._lookup(row)
            said = Message(text=f"{file.title} could not be attached. {error}")
            return found or self._post(row, iter([said]))

    def _show(self, row: OutboxRow) -> None:
        """Right before people see something: count it, unless it is no longer ours to show."""
        self._desk.insist()
        if self._watches.ticking() - self._claimed_s >= KEEP_AFTER_S:
            self._outbox.keep(row, self._watches.clock())
        self._pace.called(row.channel_id, method=method_of(row), now_s=self._watches.ticking())
        crash_at("sender.before_show")

    def _hold(self, row: OutboxRow, error: RateLimited) -> None:
        now_s = self._watches.ticking()
        until_s = now_s + error.retry_after_s
        self._pace.hold(row.channel_id, method=error.method, until_s=until_s, now_s=now_s)
        log.warning("outbox.rate_limited", method=error.method, retry_after_s=error.retry_after_s)
        self._postpone(row, error.retry_after_s, ambiguous=is_ambiguous(row))

    def _again(self, row: OutboxRow, error: Exception, *, ambiguous: bool) -> None:
        wait_s = min(LONGEST_BACKOFF_S, 2.0 ** min(max(row.tries - 1, 0), 6))
        log.warning("outbox.postponed", error=str(error), wait_s=wait_s, ambiguous=ambiguous)
        self._postpone(row, wait_s, ambiguous=ambiguous)

    def _await_mending(self, row: OutboxRow, error: SlackError) -> None:
        """Somebody can mend a token or invite the bot again; what is said until then must not be lost."""
        log.error("outbox.needs_mending", error=str(error), again_in_s=MENDING_S)
        self._postpone(row, MENDING_S, ambiguous=is_ambiguous(row), trouble=self._trouble(error))

    def _give_up(self, row: OutboxRow, error: Exception) -> None:
        log.error("outbox.dead", error=str(error))
        self._mark(lambda: self._outbox.mark_dead(row, self._trouble(error)))

    def _trouble(self, error: Exception) -> Trouble:
        code = error.code if isinstance(error, SlackError) else type(error).__name__
        return Trouble(code, str(error) or type(error).__name__, self._admins)

    def _postpone(
        self, row: OutboxRow, wait_s: float, *, ambiguous: bool, trouble: Trouble | None = None
    ) -> None:
        due = self._watches.clock() + timedelta(seconds=wait_s)
        self._mark(lambda: self._outbox.postpone(row, due, ambiguous=ambiguous, trouble=trouble))

    def _mark(self, write: Callable[[], object]) -> None:
        """Write what happened; a busy ledger is waited for, because Slack has already acted.

        When it stays busy the row is left as it is: its lease lapses and it counts as ambiguous.
        """
        deadline = self._watches.ticking() + MARK_WITHIN_S
        while True:
            try:
                write()
            except LEDGER_AWAY as error:
                if self._watches.ticking() >= deadline or self._wait(BUSY_S):
                    log.warning("outbox.ledger_away", error=str(error))
                    return
            else:
                return

    def _wait(self, seconds: float) -> bool:
        return self._stop.wait(seconds)
