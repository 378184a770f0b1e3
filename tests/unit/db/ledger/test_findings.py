"""What detectors saw is kept with the run, comes back as it was, and can be found."""

from typing import Any

import pytest

from db.archive import export_lines, import_lines
from db.lifecycle import ExitCause, RunStatus
from db.records import Finding, FindingKind, OutboxKind, Severity
from db.search import search
from tests.builders import House, make_house

ENTROPY = Finding(FindingKind.ENTROPY_COLLAPSE, "s1", 48_000, Severity.ALARMING, numbers={"entropy": 0.01})
SPIKES = Finding(FindingKind.KL_SPIKES, "s1", 100, Severity.NOTABLE, 900, {"count": 3.0, "worst": 1.5})


def ended(house: House, *findings: Finding, **more: Any) -> int:
    """An experiment of one seed, ended and concluded."""
    number = house.approved(seeds=1, title="Plain").number
    house.finish(house.queries.experiment(number).runs[1], findings=findings, **more)
    house.ledger.experiments.conclude(number, sheet_path="E/sheet.png", sheet_alt="All calm")
    return number


def test_they_come_back_as_they_were(house: House) -> None:
    number = ended(house, ENTROPY, SPIKES)
    assert house.queries.experiment(number).runs[1].findings == (ENTROPY, SPIKES)
    (result,) = house.queries.experiment(number).results
    assert (result.sheet_path, result.sheet_alt) == ("E/sheet.png", "All calm")


def test_a_failed_run_has_them_too(house: House) -> None:
    number = ended(house, ENTROPY, status=RunStatus.FAILED, cause=ExitCause.NAN)
    assert house.queries.experiment(number).runs[1].findings == (ENTROPY,)


@pytest.mark.parametrize(
    "asked",
    [
        "experiments with entropy collapse",
        "finding:entropy_collapse",
        "finding:entropy-collapse",
        'finding:"entropy collapse"',
        "finding:kl_spikes algo:ppo",
    ],
)
def test_they_can_be_found(house: House, asked: str) -> None:
    number = ended(house, ENTROPY, SPIKES)
    other = ended(house)
    found = [line.number for line in search(house.database, asked).results]
    assert number in found
    assert other not in found


def test_what_was_not_seen_is_not_found(house: House) -> None:
    number = ended(house, ENTROPY)
    assert not search(house.database, "finding:collapse").results
    assert number not in [line.number for line in search(house.database, "-finding:entropy_collapse").results]


def test_an_unknown_one_is_told(house: House) -> None:
    (warning,) = search(house.database, "finding:boredom").warnings
    assert "entropy_collapse" in warning
    assert "boredom" in warning


def test_a_result_with_a_sheet_asks_for_its_message(house: House) -> None:
    number = ended(house)
    keys = set()
    while (row := house.ledger.outbox.claim(house.clock())) is not None:
        keys.add((row.kind, row.key))
        house.ledger.outbox.mark_sent(row, ts="1.1", next_due=None)
    assert (OutboxKind.DIAGNOSTICS, f"E-{number}/diagnostics/1") in keys


def test_an_export_keeps_them(house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    number = ended(house, ENTROPY, SPIKES)
    other = make_house(tmp_path_factory.mktemp("other"))
    import_lines(other.database, export_lines(house.database))
    assert other.queries.experiment(number) == house.queries.experiment(number)
    other.database.dispose()


@pytest.mark.parametrize(
    "stored", [{}, {**ENTROPY.to_json(), "kind": "boredom"}, {**ENTROPY.to_json(), "since_step": "1"}]
)
def test_what_is_no_finding_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"finding|boredom"):
        Finding.from_json(stored)


def test_one_of_another_version_does_not_hide_the_others() -> None:
    stored = [ENTROPY.to_json(), {**SPIKES.to_json(), "kind": "boredom"}, SPIKES.to_json()]
    assert Finding.read_all(stored) == (ENTROPY, SPIKES)
    assert Finding.read_all(None) == ()
