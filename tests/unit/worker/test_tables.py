"""Runs are not trusted: whatever they leave, reading their tables neither raises nor follows it."""

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.series import Series
from worker.tables import WHOLE_BYTES, read_table


def table(folder: Path, text: str | bytes) -> Path:
    path = folder / "evaluations.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_columns_are_read_over_their_steps(tmp_path: Path) -> None:
    path = table(tmp_path, "timesteps,final_reward,oscillation\n100,20,0.5\n200,40.5,\n300,-1e2,0.25\n")

    assert read_table(path) == {
        "final_reward": Series((100, 200, 300), (20, 40.5, -100)),
        "oscillation": Series((100, 300), (0.5, 0.25)),
    }


@pytest.mark.parametrize(
    "row",
    [
        "abc,1",
        "300",
        "300,1,2",
        "nan,1",
        "inf,1",
        "-5,1",
        "50,1",
        "200,1",
        ",1",
        '"300\n",1',
        "300," + "9" * 5000,
        "x" * 100_000,
        "\x00,\x00",
        "300,0x1",
        "<!channel>,1",
    ],
)
def test_a_bad_row_is_skipped(tmp_path: Path, row: str) -> None:
    path = table(tmp_path, f"timesteps,final_reward\n100,1\n200,2\n{row}\n400,4\n")

    read = read_table(path)["final_reward"]

    assert [s for s in read.steps if s != 300] == [100, 200, 400]
    assert read.values[-1] == 4


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "1e101", "text", ""])
def test_a_value_that_is_no_number_is_left_out(tmp_path: Path, value: str) -> None:
    path = table(tmp_path, f"timesteps,final_reward\n100,1\n200,{value}\n300,3\n")

    assert read_table(path)["final_reward"] == Series((100, 300), (1, 3))


@pytest.mark.parametrize("text", ["", "\n\n", "reward\n1\n", "\xff\xfe", "timesteps\n100\n", "no,table\n1,2"])
def test_what_is_no_table_has_no_columns(tmp_path: Path, text: str) -> None:
    assert read_table(table(tmp_path, text)) == {}


def test_a_half_written_last_row_does_no_harm(tmp_path: Path) -> None:
    assert read_table(table(tmp_path, "timesteps,reward\n100,1\n200,"))["reward"] == Series((100,), (1,))


def test_no_link_is_followed(tmp_path: Path) -> None:
    target = table(tmp_path, "timesteps,reward\n100,1\n")
    link = tmp_path / "metrics.csv"
    link.symlink_to(target)

    assert read_table(link) == {}


def test_a_pipe_or_a_folder_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()

    assert read_table(tmp_path / "pipe") == {}
    assert read_table(tmp_path / "folder") == {}
    assert read_table(tmp_path / "missing") == {}


def test_a_file_without_end_is_sampled_within_bounds(tmp_path: Path) -> None:
    path = table(tmp_path, "timesteps,reward\n100,1\n")
    os.truncate(path, 2**40)

    assert read_table(path)["reward"] == Series((100,), (1,))


def test_a_large_table_is_sampled_evenly_with_both_ends(tmp_path: Path) -> None:
    rows = 300_000
    text = "".join(f"{i * 10},{i * 0.001:.3f},{i * 2}\n" for i in range(1, rows + 1))
    path = table(tmp_path, "timesteps,time_s,reward\n" + text)
    assert path.stat().st_size > WHOLE_BYTES

    reward = read_table(path, ("reward",))["reward"]

    assert 1_000 < len(reward) < 20_000
    assert (reward.steps[0], reward.steps[-1]) == (10, rows * 10)
    assert all(value == steps / 5 for steps, value in zip(reward.steps, reward.values, strict=True))
    gaps = [after - before for before, after in itertools.pairwise(reward.steps)]
    assert max(gaps) < 10 * rows / 200


def test_only_the_columns_that_are_wanted_are_read(tmp_path: Path) -> None:
    path = table(tmp_path, "timesteps,reward,loss\n100,1,2\n")

    assert read_table(path, ("loss", "missing")) == {"loss": Series((100,), (2,))}


def test_of_two_columns_of_one_name_the_first_counts(tmp_path: Path) -> None:
    assert read_table(table(tmp_path, "timesteps,a,a\n100,1,2\n")) == {"a": Series((100,), (1,))}


def test_columns_are_capped(tmp_path: Path) -> None:
    wide = "timesteps," + ",".join(f"m{i}" for i in range(500))

    assert len(read_table(table(tmp_path, wide + "\n" + "1," * 500 + "1\n"))) < 70


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_whatever_raise(tmp_path: Path, content: bytes) -> None:
    for series in read_table(table(tmp_path, b"timesteps,a,b\n" + content)).values():
        assert list(series.steps) == sorted(set(series.steps))
