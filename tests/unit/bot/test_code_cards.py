"""What a person sees of a code bundle: in the form, on the card, in the thread."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bundles import CodeDiffs, CodeReader
from bot.cards import Cards
from bot.curves import Curves
from bot.forms import fields, options
from bot.forms.filled import Filled
from bot.forms.understand import Start, Understood, understand
from bot.letters import LedgerLetters
from bot.messages.facts import Links
from bot.messages.message import TextFile
from db.code import store, wheel
from db.ledger.hosts import runtime_key
from db.records import Bundle, OutboxKind, OutboxRow
from tests.builders import RUNTIME, House, make_house
from tests.unit.db.code.wheels import made
from trainer.catalogue import load_catalogue
from trainer.contract import JsonObject

TERM: JsonObject = {"path": "reward.flips", "types": ["float"], "default": 0.0, "minimum": 0, "maximum": 5}
FOUND: JsonObject = {
    "algorithms": {},
    "environments": {},
    "common": {"reward.flips": TERM},
    "versions": {"toy-cars": "0.1"},
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = make_house(tmp_path)
    yield house
    house.database.dispose()


@pytest.fixture
def cards(house: House, tmp_path: Path) -> Cards:
    return Cards(house.queries, Curves(tmp_path), Links(), house.clock, CodeDiffs(house.queries, tmp_path))


@pytest.fixture
def reader(house: House) -> CodeReader:
    return CodeReader(house.queries, load_catalogue())


def push(house: House, artifacts: Path, text: str, commit: str) -> str:
    content = wheel.canonical(made({"toy/a.py": text}))
    sha256 = store.keep(artifacts, content, {}, None)
    house.clock.forward(1)
    points = {"signoff.rewards": ("flips",)}
    at = house.clock()
    house.ledger.code.push(
        Bundle(sha256, "toy-cars", "0.1", commit * 40, "main", False, 9, {}, points, "A", at)
    )
    return sha256


def read(house: House, reader: CodeReader, changes: str, parent: int | None = None) -> Understood:
    number = parent or house.baseline()
    resolved = house.queries.resolved(number)
    filled = Filled(parent=number, changes=changes)
    return understand(filled, Start(number, "PPO", resolved), reader.named(changes, resolved.config))


def card(house: House, cards: Cards, number: int) -> str:
    row = proposal_row(house, number)
    return json.dumps(cards.message(row, None, "").blocks, ensure_ascii=False)


def proposal_row(house: House, number: int) -> OutboxRow:
    return rows(house, number)[OutboxKind.PROPOSAL]


def rows(house: House, number: int) -> dict[OutboxKind, OutboxRow]:
    """The newest row of each kind of an experiment."""
    found = {}
    while (row := house.ledger.outbox.claim(house.clock())) is not None:
        if row.experiment == number:
            found[row.kind] = row
        house.ledger.outbox.mark_sent(row, ts="1.0")
    return found


def test_the_form_knows_the_terms_of_the_bundle_that_it_names(
    house: House, reader: CodeReader, tmp_path: Path
) -> None:
    sha256 = push(house, tmp_path, "x = 1\n", "a")
    house.ledger.code.describe(sha256, runtime_key(RUNTIME), FOUND)
    understood = read(house, reader, "code = latest\nflips = 0.5")
    assert understood.errors == {}
    assert understood.delta == {"code": sha256, "reward": {"flips": 0.5}}
    assert understood.config_hash == read(house, reader, f"code = {sha256}\nflips = 0.5").config_hash
    refused = read(house, reader, "code = latest\nflips = 9").errors[fields.CHANGES]
    assert "at least 0 and at most 5; got 9" in refused
    resolved = house.queries.resolved(house.baseline())
    named = reader.named("code = latest", resolved.config)
    offered = json.dumps(options.parameters(resolved, named.catalogue, "flips"))
    assert "reward.flips" in offered
    assert options.line_for("reward.flips", resolved, named.catalogue) == "flips ="
    assert options.line_for("code", resolved, named.catalogue) == "code = latest"


def test_until_the_trainer_has_looked_the_form_says_so(
    house: House, reader: CodeReader, tmp_path: Path
) -> None:
    push(house, tmp_path, "x = 1\n", "a")
    refused = read(house, reader, "code = latest\nflips = 0.5").errors[fields.CHANGES]
    assert "unknown key `flips`" in refused
    assert "The trainer has not looked at toy-cars" in refused
    assert "has not looked" in read(house, reader, "code = latest").code_note


def test_a_bundle_that_cannot_be_used_is_told_with_the_end_of_its_log(
    house: House, reader: CodeReader, tmp_path: Path
) -> None:
    sha256 = push(house, tmp_path, "x = 1\n", "a")
    house.ledger.code.describe(sha256, runtime_key(RUNTIME), None, "ImportError: no way", "File a.py\nat 3")
    note = read(house, reader, "code = toy-cars").code_note
    assert "cannot be used: ImportError: no way\nFile a.py\nat 3" in note
    assert "no way" in read(house, reader, "code = toy-cars\nflips = 1").errors[fields.CHANGES]


def test_a_name_that_is_none_is_refused_in_the_form(house: House, reader: CodeReader) -> None:
    assert "run `signoff push PATH`" in read(house, reader, "code = latest").errors[fields.CHANGES]


def test_the_card_names_commits_and_counts_lines_and_the_thread_has_the_patch(
    house: House, reader: CodeReader, cards: Cards, tmp_path: Path
) -> None:
    first = push(house, tmp_path, "x = 1\ny = 2\n", "a")
    parent = house.approved(delta={"code": "latest"}).number
    second = push(house, tmp_path, "x = 1\ny = 3\nz = 4\n", "b")
    number = house.propose(parent=parent, delta={"code": "latest"}).number
    sent = rows(house, number)
    drawn = json.dumps(cards.message(sent[OutboxKind.PROPOSAL], None, "").blocks, ensure_ascii=False)
    assert f"{first[:12]} (toy-cars 0.1, main@aaaaaaa)" in drawn
    assert f"{second[:12]} (toy-cars 0.1, main@bbbbbbb)" in drawn
    assert "main@aaaaaaa → toy-cars 0.1, main@bbbbbbb · 1 file, +2 \N{MINUS SIGN}1" in drawn
    file = LedgerLetters(house.queries, cards, tmp_path).file(sent[OutboxKind.DIFF_FILE])
    assert isinstance(file, TextFile)
    assert file.name == f"E-{number}-r1.patch"
    assert "-y = 2\n+y = 3\n+z = 4\n" in file.content
    again = read(house, reader, "code = latest", parent=parent)
    assert again.delta == {"code": second}
    assert "is already" in read(house, reader, f"code = {first[:12]}", parent=parent).errors[fields.CHANGES]


def test_a_first_bundle_is_new_as_a_whole(house: House, cards: Cards, tmp_path: Path) -> None:
    push(house, tmp_path, "x = 1\n", "a")
    number = house.propose(delta={"code": "latest"}).number
    assert "Code: toy-cars 0.1, main@aaaaaaa" in card(house, cards, number)


def test_an_unreadable_bundle_is_told_on_the_card(house: House, cards: Cards, tmp_path: Path) -> None:
    sha256 = push(house, tmp_path, "x = 1\n", "a")
    number = house.propose(delta={"code": "latest"}).number
    (store.folder_of(tmp_path, sha256) / store.WHEEL_FILE).write_bytes(b"other")
    assert "is not what was pushed" in card(house, cards, number)
