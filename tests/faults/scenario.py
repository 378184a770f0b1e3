"""One experiment from the form to its result, played by a process that may end at any point."""

import os
from pathlib import Path
from typing import Any

import structlog
from slack_bolt import Ack
from slack_sdk.web import WebClient

from bot.listeners.clicks import commit
from bot.listeners.submissions import _acked
from db.lifecycle import TERMINAL_RUNS, ExperimentStatus
from db.records import Budget, DecisionKind, Experiment, Intent, Proposal
from tests.faults.town import TURN_S, Town
from tests.unit.worker.house import ANA, ANYBODY, KAI
from trainer.crashpoints import VARIABLE

MOST_TURNS = 80
NOT_OVER = 3


def play(root: Path, url: str, crashes: str, said: Path) -> None:
    """Go on from wherever an earlier process ended. Exit code 0 once everything has come to its end."""
    os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.environ[VARIABLE] = crashes
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()], logger_factory=_silence)
    town = Town(root, url)
    for _ in range(MOST_TURNS):
        people_act(town)
        town.everybody_works()
        if town.is_over():
            os._exit(0)
    os.write(2, f"not over: {[(run.key, run.status) for run in town.everything()]}".encode())
    os._exit(NOT_OVER)


def one_turn(root: Path, url: str, crashes: str, said: Path) -> None:
    """The host and the sender work once, in a process that may end on the way."""
    os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.environ[VARIABLE] = crashes
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()], logger_factory=_silence)
    town = Town(root, url)
    town.turn(TURN_S)
    while town.sender.step():
        pass
    town.keep_time()
    os._exit(0)


def people_act(town: Town) -> None:
    """Whoever saw no answer does it again: the same form, the same click."""
    experiment = town.experiment()
    if experiment is None:
        _acked(_ack(), {"id": "V1", "blocks": []}, "field", lambda: _propose(town))
    elif experiment.status is ExperimentStatus.PROPOSED:
        commit(_ack(), {}, WebClient(), lambda: _approve(town, experiment))
    else:
        _stop(town, experiment)


def _propose(town: Town) -> dict[str, str]:
    intent = Intent(title="t", objective="o", hypothesis="h", expected="final reward > 100")
    proposal = Proposal(
        author=ANA,
        parent=town.baseline(),
        delta={"hyperparams": {"gamma": 0.9}},
        intent=intent,
        budget=Budget(seeds=2, time_limit_s=36_000),
        channel_id="C1",
    )
    town.ledger.experiments.propose(proposal, view_id="V1")
    return {}


def _approve(town: Town, experiment: Experiment) -> None:
    town.ledger.experiments.decide(
        experiment.number,
        revision=1,
        approval_hash=experiment.revision.approval_hash,
        kind=DecisionKind.APPROVE,
        decider=KAI,
        policy=ANYBODY,
    )


def _stop(town: Town, experiment: Experiment) -> None:
    """The second seed has come back, and the first one has finished: enough."""
    first, second = (next(run for run in experiment.runs if run.label == label) for label in ("s1", "s2"))
    back = second.attempt is not None and second.attempt.n > 1 and town.seen(second) is not None
    if back and first.status in TERMINAL_RUNS:
        town.ledger.experiments.request_stop(experiment.number, KAI)


def _ack() -> Ack:
    return Ack()  # type: ignore[no-untyped-call]  # Bolt's own signature


def _silence(*_: Any) -> Any:
    return structlog.PrintLogger(Path(os.devnull).open("w"))
