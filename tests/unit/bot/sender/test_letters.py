from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cards import Cards
from bot.curves import Curves
from bot.letters import LedgerLetters
from bot.messages.facts import Links
from bot.messages.message import TextFile
from bot.uploads import PictureFile
from db.errors import NotFound
from db.lifecycle import ExitCause, RunStatus
from db.records import OutboxKind, OutboxRow, Trouble
from tests.builders import House, make_house
from trainer.contract import RunKind

PNG = b"\x89PNG\r\n\x1a\n"
SECRET = "xoxb-123456789012-abcdefghijkl"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = make_house(tmp_path)
    yield house
    house.database.dispose()


@pytest.fixture
def letters(house: House, tmp_path: Path) -> LedgerLetters:
    root = tmp_path / "runs"
    root.mkdir()
    return LedgerLetters(house.queries, Cards(house.queries, Curves(root), Links(), house.clock), root)


def rows(house: House, kind: OutboxKind) -> list[OutboxRow]:
    """The outbox's rows of one kind, in the order of their sending; everything before is marked sent."""
    found = []
    while (row := house.ledger.outbox.claim(house.clock())) is not None:
        if row.kind is kind:
            found.append(row)
        ts = "1.0" if row.kind in {OutboxKind.PROPOSAL, OutboxKind.STATUS} else None
        house.ledger.outbox.mark_sent(row, ts=ts)
    return found


def conclude(house: House, plot: str | None) -> OutboxRow:
    number = house.approved().number
    house.finish_all(number)
    house.ledger.experiments.conclude(number, plot_path=plot, plot_alt="It rose.")
    (row,) = rows(house, OutboxKind.RESULT)
    return row


def fail(house: House, tail: str) -> OutboxRow:
    house.approved()
    run = next(run for run in house.queries.queue() if run.kind is RunKind.SEED)
    house.finish(run, status=RunStatus.FAILED, cause=ExitCause.NAN, log_tail=tail)
    (row,) = rows(house, OutboxKind.LOG_FILE)
    return row


def test_a_result_has_its_plot(house: House, letters: LedgerLetters, tmp_path: Path) -> None:
    row = conclude(house, "plot.png")
    (tmp_path / "runs" / "plot.png").write_bytes(PNG)
    picture = letters.picture(row)
    assert picture is not None
    assert (picture.content, picture.alt) == (PNG, "It rose.")


def test_a_result_without_a_plot_has_none(house: House, letters: LedgerLetters) -> None:
    assert letters.picture(conclude(house, None)) is None


def test_a_plot_that_has_gone_is_told_of(house: House, letters: LedgerLetters) -> None:
    row = conclude(house, "plot.png")
    with pytest.raises(NotFound, match="cannot be read"):
        letters.picture(row)


def test_a_plot_is_never_read_through_a_link(house: House, letters: LedgerLetters, tmp_path: Path) -> None:
    row = conclude(house, "plot.png")
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "runs" / "plot.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(NotFound):
        letters.picture(row)


def test_the_diagnostics_sheet_is_a_file_of_the_thread(
    house: House, letters: LedgerLetters, tmp_path: Path
) -> None:
    number = house.approved().number
    house.finish_all(number)
    house.ledger.experiments.conclude(number, sheet_path="sheet.png", sheet_alt="KL stayed small.")
    (row,) = rows(house, OutboxKind.DIAGNOSTICS)
    assert letters.file(row) is None  # its file has gone
    (tmp_path / "runs" / "sheet.png").write_bytes(PNG)
    file = letters.file(row)
    assert isinstance(file, PictureFile)
    assert (file.content, file.alt) == (PNG, "KL stayed small.")
    assert file.title == f"E-{number}, result 1: diagnostics"


def test_the_whole_log_goes_without_its_secrets(house: House, letters: LedgerLetters, tmp_path: Path) -> None:
    row = fail(house, "the last line")
    assert row.run_id is not None
    attempt = house.queries.run(row.run_id).attempt
    assert attempt is not None
    folder = tmp_path / "runs" / attempt.folder
    folder.mkdir(parents=True)
    (folder / "train.log").write_text(f"first line\ntoken={SECRET}\n\x1b[31mred\x1b[0m\n")
    file = letters.file(row)
    assert isinstance(file, TextFile)
    assert SECRET not in file.content
    assert "first line" in file.content
    assert "\x1b" not in file.content


def test_without_a_log_the_ledgers_last_lines_stand_in(house: House, letters: LedgerLetters) -> None:
    file = letters.file(fail(house, "the last line"))
    assert file is not None
    assert "the last line" in file.content


def test_a_run_that_said_nothing_has_no_file(house: House, letters: LedgerLetters) -> None:
    assert letters.file(fail(house, "")) is None


def test_a_diff_that_fits_its_card_has_no_file(house: House, letters: LedgerLetters) -> None:
    house.propose()
    (row,) = rows(house, OutboxKind.DIFF_FILE)
    assert letters.file(row) is None


def test_a_diff_that_does_not_fit_is_attached_whole(house: House, letters: LedgerLetters) -> None:
    layers = list(range(1, 400))
    house.propose(delta={"hyperparams": {"policy_kwargs": {"net_arch": layers}}})
    (row,) = rows(house, OutboxKind.DIFF_FILE)
    file = letters.file(row)
    assert file is not None
    assert "398, 399]" in file.content


def test_nothing_can_be_older_than_its_experiment(house: House, letters: LedgerLetters) -> None:
    house.propose()
    (row,) = rows(house, OutboxKind.DIFF_FILE)
    assert letters.born_at(row) == house.queries.experiment(row.experiment).created_at


def test_an_alert_says_what_is_held_up_until_it_is_mended(house: House, letters: LedgerLetters) -> None:
    house.propose()
    card = house.ledger.outbox.claim(house.clock())
    assert card is not None
    house.ledger.outbox.mark_dead(
        card, Trouble("invalid_blocks", "Slack does not take the blocks.", ("UZOE",))
    )
    alert = house.ledger.outbox.claim(house.clock())
    assert alert is not None
    assert alert.kind is OutboxKind.ALERT
    assert not letters.is_over(alert)
    assert card.key in letters.message(alert, None, "").text
    house.ledger.outbox.revive()
    assert letters.is_over(alert)
