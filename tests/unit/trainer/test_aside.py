"""What is done aside cannot harm the run: it crashes, hangs or raises alone."""

import os
import signal
import time
from pathlib import Path

import torch

from trainer.aside import aside
from trainer.keepsakes import on_one_thread


def goes_on() -> bool:
    return True


def hang() -> None:
    while True:
        time.sleep(0.05)


def test_what_ends_well_says_nothing_and_leaves_its_file(tmp_path: Path) -> None:
    assert aside((tmp_path / "made").touch, within_s=20, meanwhile=goes_on) == ""
    assert (tmp_path / "made").exists()


def test_an_error_is_told_in_its_own_words() -> None:
    def fail() -> None:
        raise RuntimeError("no display")

    assert "no display" in aside(fail, within_s=20, meanwhile=goes_on)


def test_a_crash_of_native_code_is_named() -> None:
    assert "SIGABRT" in aside(os.abort, within_s=20, meanwhile=goes_on)


def test_leaving_the_process_is_told_of() -> None:
    assert "exit code 3" in aside(lambda: os._exit(3), within_s=20, meanwhile=goes_on)


def test_an_exit_in_the_work_does_not_leave_the_copy_running_our_program() -> None:
    def leave() -> None:
        raise SystemExit(4)

    assert "4" in aside(leave, within_s=20, meanwhile=goes_on)


def test_what_hangs_is_ended() -> None:
    assert aside(hang, within_s=0.3, meanwhile=goes_on) == "it took longer than 0 s"


def test_what_is_not_wanted_any_more_is_ended_at_once() -> None:
    began = time.monotonic()
    assert aside(hang, within_s=60, meanwhile=lambda: False)
    assert time.monotonic() - began < 30


def test_the_handlers_of_the_run_are_not_those_of_the_copy() -> None:
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        said = aside(lambda: os.kill(os.getpid(), signal.SIGTERM), within_s=20, meanwhile=goes_on)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "SIGTERM" in said


def test_a_copy_of_a_process_with_several_threads_computes_with_one() -> None:
    """Without it the copy waits for threads that it does not have."""
    threads = torch.get_num_threads()
    numbers = torch.rand(800, 800)
    try:
        torch.set_num_threads(2)
        expected = float((numbers @ numbers).tanh().sum())  # starts the second thread

        def compute() -> None:
            assert abs(float((numbers @ numbers).tanh().sum()) - expected) < 1.0

        assert aside(lambda: on_one_thread(compute), within_s=60, meanwhile=goes_on) == ""
    finally:
        torch.set_num_threads(threads)
