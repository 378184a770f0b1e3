from pathlib import Path

import pytest

from trainer.tables import Table, rows_until


def test_rows_are_plain_csv_with_empty_fields_for_what_is_missing(tmp_path: Path) -> None:
    with Table(tmp_path / "metrics.csv", ("timesteps", "reward", "loss")) as table:
        table.add({"timesteps": 10, "reward": 0.123456789, "loss": None})
        table.add({"timesteps": 20, "loss": 1e-12, "other": 1})
        table.add({"timesteps": 1_234_567_890, "reward": 500.0, "loss": 3e12})
    assert (
        tmp_path / "metrics.csv"
    ).read_text() == "timesteps,reward,loss\n10,0.12345679,\n20,,1e-12\n1234567890,500,3000000000000\n"


def test_a_flush_makes_rows_visible_while_the_table_grows(tmp_path: Path) -> None:
    with Table(tmp_path / "metrics.csv", ("timesteps",)) as table:
        table.add({"timesteps": 10})
        table.flush(force=True)
        assert (tmp_path / "metrics.csv").read_text() == "timesteps\n10\n"


def test_rows_of_an_earlier_attempt_end_at_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("timesteps,reward\n10,1.5\n20,\n30,2.5\nbroken")
    assert rows_until(path, 20) == [{"timesteps": 10.0, "reward": 1.5}, {"timesteps": 20.0}]
    assert rows_until(tmp_path / "none.csv", 20) == []


@pytest.mark.parametrize("cut", ["2", "20,1.5e-", "20,1.", "20,1.5"])
def test_a_line_that_a_kill_has_cut_does_not_count(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(f"timesteps,reward\n10,1.5\n{cut}")
    assert rows_until(path, 20) == [{"timesteps": 10.0, "reward": 1.5}]
