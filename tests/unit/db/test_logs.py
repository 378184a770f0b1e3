"""What processes log: what it is about, in one form, without secrets."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from db.logs import hide_secrets, subject
from db.redact import REDACTED
from tests.builders import make_house

PROGRAM = """
import logging, structlog
from db import logs
logs.configure("{form}")
log = structlog.get_logger("test")
with logs.about({{"experiment": "E-42", "run": "E-42/s1", "attempt": 7}}):
    log.info("act", why="seen running")
    logging.getLogger("celery.worker").error("lost %s", "redis://:hunter2-hunter2@10.0.0.1/0")
log.warning("after", told={{"password": "hunter2", "n": 1}})
log.debug("never")
try:
    token = "xoxb-1234567890-abcdefghijkl"
    raise ValueError(f"Slack refused {{token}}")
except ValueError:
    log.exception("failed")
"""


def logged(form: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(form=form)], capture_output=True, text=True, check=True
    )
    assert not done.stdout
    assert "hunter2" not in done.stderr
    assert "xoxb" not in done.stderr
    return done.stderr.splitlines()


def test_json_is_one_object_a_line() -> None:
    act, library, after, failed = (json.loads(line) for line in logged("json"))
    about = {"experiment": "E-42", "run": "E-42/s1", "attempt": 7}
    assert act == act | about | {"event": "act", "level": "info", "why": "seen running"}
    assert act["timestamp"].endswith("Z")
    assert library == library | about | {"logger": "celery.worker", "level": "error"}
    assert library["event"] == f"lost redis://:{REDACTED}@10.0.0.1/0"
    assert after["told"] == {"password": REDACTED, "n": 1}
    assert "experiment" not in after
    assert f"ValueError: Slack refused {REDACTED}" in failed["exception"]


def test_the_console_says_the_same() -> None:
    lines = logged("console")
    for part in ("level='info' event='act'", "experiment='E-42'", "run='E-42/s1'", "attempt=7"):
        assert part in lines[0]
    assert "logger='celery.worker'" in lines[1]


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ({"slack_bot_token": "anything"}, {"slack_bot_token": REDACTED}),
        ({"token": None}, {"token": None}),
        ({"why": "set hf_abcdefghijklmnopqrst"}, {"why": f"set {REDACTED}"}),
        ({"rows": [{"secret": "x"}, "plain", 3]}, {"rows": [{"secret": REDACTED}, "plain", 3]}),
        ({"hash": "3f" * 32}, {"hash": "3f" * 32}),
        ({"error": OSError("Bearer abcdefghijk")}, {"error": f"Bearer {REDACTED}"}),
    ],
)
def test_what_is_called_or_looks_like_a_secret_is_hidden(
    value: dict[str, Any], hidden: dict[str, Any]
) -> None:
    assert hide_secrets(None, "info", value) == hidden


def test_a_run_is_named_as_people_name_it(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    run = house.queries.experiment(house.approved(seeds=1).number).runs[-1]
    attempt = house.start(run)
    assert subject(run) == {"experiment": f"E-{run.experiment}", "run": run.key}
    assert subject(run, attempt) == subject(run) | {"attempt": attempt.id}
    house.database.dispose()
