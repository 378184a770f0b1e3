import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.redact import REDACTED, log_tail, one_line, redact

RANDOM = "k3JxQ9vT2mWz7LpB4nRd8sHf6gYc1aEu"


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-" + "123456789012-abcdefABCDEF",
        "xoxe.xoxp-" + "1-Mi0yLTExMTEx",
        "xapp-" + "1-A0111-222-deadbeef",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ASIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "a" * 36,
        "github_pat_" + "11AAAAAAA0aaaaaaaaaaaa",
        "glpat-" + "abcdefghij0123456789",
        "hf_" + "abcdefghijklmnopqrstuvwxyz",
        "sk-" + "proj-abcdefghijklmnop1234",
        "AIza" + "a" * 35,
        "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "https://hooks.slack.com/services/" + "T000/B000/XXXX",
        RANDOM,
    ],
)
def test_tokens_are_taken_out(secret: str) -> None:
    assert redact(f"it said {secret} and went on") == f"it said {REDACTED} and went on"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abcdefgh12345", f"Authorization: Bearer {REDACTED}"),
        ("authorization: basic dXNlcjpwYXNz", f"authorization: basic {REDACTED}"),
        ("WANDB_API_KEY=0123456789", f"WANDB_API_KEY={REDACTED}"),
        ('{"password": "hunter22", "n": 1}', f'{{"password": "{REDACTED}", "n": 1}}'),
        ("db at postgresql://me:hunter2@host/db", f"db at postgresql://me:{REDACTED}@host/db"),
    ],
)
def test_what_is_named_as_a_secret_is_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_a_private_key_goes_whole_and_so_does_the_half_that_a_cut_has_left() -> None:
    body = "MIIEpAIBAAKCAQEA7\nq83vEjRWeJASNFZ4\n"
    begin, end = "-----BEGIN RSA PRIVATE KEY-----\n", "-----END RSA PRIVATE KEY-----"
    assert redact(f"key:\n{begin}{body}{end}\nafter") == f"key:\n{REDACTED}\nafter"
    assert redact(f"key:\n{begin}{body}") == f"key:\n{REDACTED}"
    assert redact(f"{body}{end}\nafter") == f"{REDACTED}\nafter"


@pytest.mark.parametrize(
    "text",
    [
        "step 12000 reward 475.0 tokens_per_s 12",
        "/srv/runs/E-42-s1/a1/checkpoints/step-50000/model.zip",
        "spec_hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x4 and 5x64)",
        "ValueError: expected MultiInputActorCriticPolicyWithSharedExtractor2",
        "task-based max_ticks=100000",
    ],
)
def test_what_a_person_needs_to_read_stays(text: str) -> None:
    assert redact(text) == text


def test_the_tail_has_the_last_lines_and_long_ones_are_cut() -> None:
    lines = [f"line {n}" for n in range(100)] + ["x y " * 1000]
    tail = log_tail("\n".join(lines)).splitlines()
    assert len(tail) == 30
    assert tail[0] == "line 71"
    assert len(tail[-1]) <= 300
    assert "…" in tail[-1]


def test_escapes_and_progress_bars_are_made_plain() -> None:
    assert log_tail("\x1b[31mred\x1b[0m\n 10%\r 50%\r100%\x00\n\n\u202eabc") == "red\n100%\nabc"


def test_a_token_that_the_cut_would_have_halved_is_taken_out_first() -> None:
    secret = "xoxb-" + "1" * 40
    assert "xoxb" not in log_tail("a " * 140 + secret + " b" * 200)


def test_a_sentence_is_one_line() -> None:
    assert one_line("  a\n b\t c ") == "a b c"
    assert len(one_line("word " * 1000)) <= 300


@given(st.text(max_size=2000))
def test_any_text_gives_a_bounded_tail(text: str) -> None:
    tail = log_tail(text)
    assert len(tail.splitlines()) <= 30
    assert all(len(line) <= 300 for line in tail.split("\n"))


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "eyJ",
        "xoxb-",
        "token=",
        "token",
        "-----BEGIN A-----",
        "://",
        "a://",
        "bearer ",
        "\x1b[",
        "-----END A",
        "A0a=",
    ],
)
def test_a_hostile_log_costs_little(piece: str) -> None:
    text = piece * (65_536 // len(piece))
    began = time.process_time()
    log_tail(text)
    assert time.process_time() - began < 2.0
