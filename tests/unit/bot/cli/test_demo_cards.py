import pytest
from rich.console import Console

from bot.cli.demo import cards
from bot.cli.demo.people import NAMES
from bot.messages import proposal, refusals, status
from bot.messages.facts import StatusFacts
from bot.messages.message import Message
from tests.unit.bot import factory


def seen(message: Message, **more: object) -> dict[str, object]:
    return {"user": "USIGNOFF", "ts": "1.0", "text": message.text, "blocks": message.blocks, **more}


def test_a_proposal_reads_like_its_card() -> None:
    text = cards.plain(seen(proposal.render(factory.proposal())), NAMES)
    assert "E-42 · Smoother turns · PROPOSED" in text
    assert "    🟥 − 0.0003  (set by E-3)" in text  # noqa: RUF001 - the minus sign is meant
    assert "[Approve]  [Reject]  [Request changes]" in text
    assert "<@" not in text


def test_mentions_links_dates_and_escapes_become_words() -> None:
    raw = "*<https://example.com|E-1>* by <@UKAI> &amp; _co_ `x &lt; y` <!date^0^{time}|then>"
    text = cards.mrkdwn(raw, NAMES).plain
    assert text.startswith("E-1 by @Kai & co x < y ")
    assert text[-3] == ":"


def test_what_people_typed_is_never_markup_of_ours() -> None:
    console = Console(width=80, record=True, force_terminal=False)
    message = seen(refusals.sentence("[bold red]not markup[/] *neither*"))
    console.print(cards.card(message, NAMES))
    assert "[bold red]not markup[/]" in console.export_text()


def test_pictures_and_files_are_named() -> None:
    image = {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "It rose."}
    message = {"user": "USIGNOFF", "ts": "1.0", "blocks": [image], "files": [{"id": "F2", "title": "Log"}]}
    assert cards.plain(message, NAMES).splitlines() == ["🖼  It rose.  (F1)", "📎 Log (F2)"]


@pytest.mark.parametrize("kind", ["table", "something of tomorrow"])
def test_unknown_blocks_are_named_not_dropped(kind: str) -> None:
    block = {"type": kind, "rows": []}
    assert cards.plain({"ts": "1.0", "blocks": [block]}, NAMES) == f"[{kind}]"


def test_a_status_card_keeps_its_columns() -> None:
    text = cards.plain(seen(status.render(StatusFacts(factory.facts()))), NAMES)
    assert "E-42 · Smoother turns" in text
