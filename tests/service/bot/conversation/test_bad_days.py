"""A slow ledger, a busy ledger, a bug, a silent Slack: the person always reads something."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot import app as wiring
from bot.app import Program
from bot.approvers import Approvers, GroupUnknown
from bot.cli.playground_client import PlaygroundClient
from bot.drafting import Drafted, Drafting
from bot.forms import fields
from bot.forms.filled import Filled
from bot.messages.message import Block
from bot.patience import Patience
from db.lifecycle import ApprovalPolicy
from db.settings import LedgerSettings
from tests import builders
from tests.service.bot.conversation.conftest import (
    CONTRACT,
    Office,
    bot_settings,
    connected,
    database_path,
)

pytestmark = pytest.mark.service


@contextmanager
def locked(ledger: builders.House) -> Iterator[None]:
    """Another writer holds the ledger."""
    connection = sqlite3.connect(database_path(ledger), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@dataclass(frozen=True)
class SlowDrafting(Drafting):
    """Answers once it is let."""

    may_answer: threading.Event = field(default_factory=threading.Event)

    def view(self, filled: Filled, person_id: str) -> Block:
        assert self.may_answer.wait(20)
        return super().view(filled, person_id)


@dataclass(frozen=True)
class BrokenDrafting(Drafting):
    """Has a bug once it is broken."""

    is_broken: threading.Event = field(default_factory=threading.Event)

    def draft(self, filled: Filled, person_id: str) -> Drafted:
        if self.is_broken.is_set():
            raise ZeroDivisionError("a bug")
        return super().draft(filled, person_id)


@pytest.fixture
def program(slack: tuple[str, PlaygroundClient], ledger: builders.House, tmp_path: Path) -> Iterator[Program]:
    """A bot that is not connected yet, so that a test may give it other parts."""
    database_url = str(ledger.database.url)
    settings = LedgerSettings(data_dir=tmp_path, database_url=database_url)
    made = wiring.build(bot_settings(slack[0]), settings, pages_url=None)
    yield made
    made.database.dispose()


def _drafting_of(program: Program, kind: type[Drafting], **more: Any) -> Drafting:
    return kind(**vars(program.house.drafting), **more)


def test_the_modal_opens_while_the_ledger_is_slow(
    program: Program, slack: tuple[str, PlaygroundClient]
) -> None:
    people = slack[1]
    gate = threading.Event()
    house = replace(program.house, drafting=_drafting_of(program, SlowDrafting, may_answer=gate))
    with connected(wiring.build_app(program.client, house), people):
        started = time.monotonic()
        people.command("UKAI", "/experiment", "new")
        view = people.wait_for_view("UKAI", where=lambda seen: "One moment" in seen.words, timeout_s=3)
        assert time.monotonic() - started < 3
        gate.set()
        form = people.wait_for_view("UKAI", fields.CALLBACK)
        assert form.id == view.id
        people.close_view("UKAI")


def test_a_bug_is_told_at_the_field_and_in_the_modal(
    program: Program, slack: tuple[str, PlaygroundClient]
) -> None:
    people = slack[1]
    bug = threading.Event()
    house = replace(program.house, drafting=_drafting_of(program, BrokenDrafting, is_broken=bug))
    with connected(wiring.build_app(program.client, house), people):
        people.command("UKAI", "/experiment", "new")
        view = people.wait_for_view("UKAI", fields.CALLBACK)
        offers = people.options("UKAI", view, fields.PARENT, "ppo cartpole")
        people.act("UKAI", view, fields.PARENT, offers[0]["value"])
        bug.set()
        answer = people.submit("UKAI", people.wait_for_view("UKAI", fields.CALLBACK), CONTRACT)
        assert "Submit again: it is never saved twice" in str(answer.errors)
        people.close_view("UKAI")
        people.command("UKAI", "/experiment", "new")
        people.wait_for_view("UKAI", where=lambda seen: "went wrong on Signoff's side" in seen.words)
        people.close_view("UKAI")


def test_a_submission_to_a_busy_ledger_is_not_saved_and_may_be_repeated(office: Office) -> None:
    office.open_form("UKAI")
    office.choose_parent("UKAI")
    view = office.people.wait_for_view("UKAI", fields.CALLBACK)
    typed = {**CONTRACT, fields.CHANGES: "gamma = 0.70"}
    with locked(office.ledger):
        answer = office.people.submit("UKAI", view, typed)
    assert "nothing was saved, submit again" in str(answer.errors)
    assert not office.people.submit("UKAI", view, typed).errors
    office.card("gamma 0.98 → 0.7")
    same = [summary for summary in office.queries.recent(50) if "gamma 0.98 → 0.7" in summary.changes]
    assert len(same) == 1


def test_a_click_on_a_busy_ledger_says_so(office: Office) -> None:
    card = office.propose(changes="gamma = 0.71")
    with locked(office.ledger):
        office.people.press("UANA", card, "approve")
        office.people.wait_for_ephemeral("UANA", "ledger is busy just now, so nothing was saved")
    office.people.press("UANA", card, "approve")
    office.people.wait_for_message(
        lambda seen: f"E-{office.proposed[-1]}>" in seen.words and "Approved by" in seen.words, "approval"
    )


def test_user_groups_decide_and_stay_closed_when_slack_is_silent(
    program: Program, slack: tuple[str, PlaygroundClient]
) -> None:
    now = [0.0]
    approvers = Approvers(
        ["SSENIORS"], program.client, Patience(), is_playground=True, ticking=lambda: now[0]
    )
    assert approvers.policy("UANA") == ApprovalPolicy(frozenset({"UANA", "UZOE"}))
    away = wiring.web_client(bot_settings("http://127.0.0.1:9"), 1)
    silent = Approvers(["SSENIORS", "UKAI"], away, Patience(), is_playground=True, ticking=lambda: now[0])
    assert silent.policy("UKAI") == ApprovalPolicy(frozenset({"UKAI"}))
    with pytest.raises(GroupUnknown, match="nothing was decided"):
        silent.policy("UANA")


def test_a_submission_is_answered_in_time_when_slack_is_slow(office: Office) -> None:
    """The channel is chosen in the form, and Slack takes its time to say whether the bot is in it."""
    office.people.shortcut("UKAI", "new_experiment")
    office.choose_parent("UKAI")
    view = office.people.wait_for_view("UKAI", fields.CALLBACK)
    typed = {**CONTRACT, fields.CHANGES: "gamma = 0.72", fields.CHANNEL: "C0EXPERIMENTS"}
    office.program.house.channels.forget()
    office.people.fault("slow", method="conversations.info", delay_s=2.5)
    answer = office.people.submit("UKAI", view, typed)
    assert "submit again" in str(answer.errors)
    submitted = office.people.traffic("interactive")[-1]
    assert submitted["arguments"]["type"] == "view_submission"
    assert submitted["duration_s"] < 3
    assert not office.people.submit("UKAI", view, typed).errors
    office.card("→ 0.72")


def test_groups_that_are_slow_decide_nothing_and_one_that_answers_is_enough(
    program: Program, slack: tuple[str, PlaygroundClient]
) -> None:
    slack[1].fault("slow", method="usergroups.users.list", delay_s=5, times=2)
    approvers = Approvers(["SONE", "STWO"], program.client, Patience(), is_playground=True)
    started = time.monotonic()
    with pytest.raises(GroupUnknown, match="SONE"):
        approvers.policy("UANA")
    assert time.monotonic() - started < 3
    known = Approvers(["SMISSING", "SSENIORS"], program.client, Patience(), is_playground=True)
    assert known.policy("UANA") == ApprovalPolicy(frozenset({"UANA", "UZOE"}))
    with pytest.raises(GroupUnknown, match="SMISSING"):
        known.policy("UKAI")


@pytest.mark.parametrize(
    ("entries", "is_playground", "approvers"),
    [
        ([], True, None),
        ([], False, frozenset()),
        (["anyone"], True, None),
        (["anyone"], False, frozenset()),
        (["UANA"], True, frozenset({"UANA"})),
    ],
)
def test_anyone_is_honoured_in_the_playground_alone(
    program: Program, entries: list[str], is_playground: bool, approvers: frozenset[str] | None
) -> None:
    made = Approvers(entries, program.client, Patience(), is_playground=is_playground)
    assert made.policy("UKAI").approvers == approvers
    assert ("anyone" in made.rule) == (approvers is None)
