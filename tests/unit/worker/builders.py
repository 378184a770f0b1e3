"""Records as the ledger would give them, with the fields that a test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from db.lifecycle import AttemptStatus, RunStatus
from db.records import Attempt, Person, Run
from trainer.contract import RunKind, RunResult
from worker.launchers.launcher import Container, ContainerState

NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
ANA = Person("UANA", "Ana")


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def attempt(status: AttemptStatus, **fields: Any) -> Attempt:
    filled: dict[str, Any] = {
        "id": 7,
        "run_id": 3,
        "n": 1,
        "status": status,
        "host_id": "host",
        "folder": "E-42-s1/a1",
        "handle": None if status is AttemptStatus.RESERVED else "signoff-test-E-42-s1-a1",
        "exit_code": None,
        "signal": None,
        "oom_killed": False,
        "boot_id": None,
        "resume_from": None,
        "reserved_at": ago(1),
        "started_at": ago(1) if status is AttemptStatus.STARTED else None,
        "finished_at": None,
    }
    return Attempt(**{**filled, **fields})


def run(**fields: Any) -> Run:
    filled: dict[str, Any] = {
        "id": 3,
        "experiment": 42,
        "label": "s1",
        "kind": RunKind.SEED,
        "seed_index": 1,
        "seed": 1,
        "status": RunStatus.RUNNING,
        "version": 3,
        "config": {},
        "spec_hash": "abc",
        "device": "cpu",
        "time_limit_s": 3600,
        "cancel_requested_at": None,
        "cancel_requested_by": None,
        "progress": None,
        "stalled": False,
        "cause": None,
        "message": "",
        "log_tail": "",
        "result": None,
        "resumes": 0,
        "created_at": ago(100),
        "finished_at": None,
        "attempt": None,
    }
    return Run(**{**filled, **fields})


def container(state: ContainerState, **fields: Any) -> Container:
    filled: dict[str, Any] = {
        "handle": "signoff-test-E-42-s1-a1",
        "run": "E-42/s1",
        "attempt": 1,
        "token": "7.abc",
        "state": state,
        "created_at": NOW.timestamp() - 1,
        "started_at": NOW.timestamp() - 1,
    }
    return Container(**{**filled, **fields})


def result(**fields: Any) -> RunResult:
    filled: dict[str, Any] = {
        "run": "E-42/s1",
        "attempt": 1,
        "exit_code": 0,
        "message": "finished",
        "timesteps": 1000,
        "total_timesteps": 2000,
        "duration_s": 3.0,
    }
    return RunResult(**{**filled, **fields})
