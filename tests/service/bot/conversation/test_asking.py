"""`/experiment search | show | list | queue | priority | host | help`, and forks."""

import pytest

from bot.forms import fields
from bot.messages import actions
from bot.settings import HTTP, SOCKET
from db.records import DecisionKind
from tests.service.bot.conversation.conftest import Office

pytestmark = pytest.mark.service


@pytest.fixture(scope="module", params=[SOCKET, HTTP])
def transport(request: pytest.FixtureRequest) -> str:
    """The whole file runs over both transports."""
    return str(request.param)


def _ask(office: Office, text: str, containing: str, user: str = "UZOE") -> str:
    office.people.command(user, actions.COMMAND, text)
    return office.people.wait_for_ephemeral(user, containing).words


def test_help_and_what_is_not_understood(office: Office) -> None:
    assert "show E-n" in _ask(office, "help", "no run starts without a reason")
    assert "show E-n" in _ask(office, "dance <!channel>", "I don't know “dance &lt;!channel&gt;”")


def test_search_finds_by_the_words_of_the_objective(office: Office) -> None:
    office.propose(changes="gamma = 0.6")
    words = _ask(office, "search experiments fixing oscillation", "oscillation”")
    assert f"E-{office.proposed[-1]}" in words
    assert "gamma 0.98 → 0.6" in words
    assert "0 experiments" in _ask(office, "search flamingos", "flamingos")
    _ask(office, "search", "Say what to look for")


def test_show_says_where_an_experiment_stands(office: Office) -> None:
    office.propose(changes="gamma = 0.61")
    number = office.proposed[-1]
    words = _ask(office, f"show e-{number}", f"E-{number}>")
    assert "Reduce the oscillation" in words
    assert "not in the ledger" in _ask(office, "show E-9999", "E-9999")
    _ask(office, "show", "Say which experiment")
    assert "write for example show E-42" in _ask(office, "show me", "not an experiment")


def test_a_baseline_can_be_shown_and_forked(office: Office) -> None:
    baseline = office.ledger.baseline()
    words = _ask(office, f"show E-{baseline}", "added this baseline")
    assert "Fork" in words
    assert "· BASELINE" in words
    for untrue in ("QUEUED", "Smoke run", "Approved", "no changes"):
        assert untrue not in words


def test_answers_reach_people_where_the_bot_is_not_a_member(office: Office) -> None:
    before = len(office.people.ephemerals("UKAI"))
    office.people.command("UKAI", actions.COMMAND, "help", channel="C0RANDOM")
    seen = office.people.wait_for(
        lambda: office.people.ephemerals("UKAI")[before:] or None, "an answer in #random"
    )
    assert seen[0].channel == "C0RANDOM"


def test_list_and_queue(office: Office) -> None:
    office.propose(changes="gamma = 0.62")
    assert f"E-{office.proposed[-1]}" in _ask(office, "list", "The newest experiments")
    assert "2 CPU slots" in _ask(office, "queue", "Waiting")


def test_the_queue_can_be_put_in_order_and_hosts_be_given_up(office: Office) -> None:
    office.propose(changes="gamma = 0.64")
    number = office.proposed[-1]
    _ask(office, f"priority E-{number} high", f"E-{number} has high priority now")
    _ask(office, "priority somehow", "Say which experiment and how")
    _ask(office, "host dead gpu-9", "No host is called gpu-9; there are: gpu-1")
    _ask(office, "host clean gpu-1", "has no GPU that is marked as dirty")
    _ask(office, "host explode", "Say what to do with which host")


def test_a_fork_opens_the_form_filled_in(office: Office) -> None:
    office.propose(changes="gamma = 0.63")
    number = office.proposed[-1]
    office.ledger.decide(number, DecisionKind.APPROVE)
    words = _ask(office, f"show E-{number}", f"E-{number}>")
    assert "Fork" in words
    card = office.people.ephemerals("UZOE")[-1]
    office.people.press("UZOE", card, actions.FORK)
    form = office.people.wait_for_view("UZOE", fields.CALLBACK)
    assert f"E-{number} · " in form.words
    assert form.state[fields.OBJECTIVE][fields.OBJECTIVE]["value"] == "Reduce the oscillation of the pole."
    typed = {fields.CHANGES: "learning_rate = x0.5"}
    assert not office.people.submit("UZOE", form, typed).errors
    office.card(f"1 change against E-{number}")
