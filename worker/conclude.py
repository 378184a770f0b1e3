"""Draws an experiment's result and asks the ledger for its verdict, once all seeds have ended. Idempotent."""

import structlog

from db import seeds
from db.records import Experiment
from trainer.contract import RunKind
from worker.workplace import Workplace

log = structlog.get_logger(__name__)


def conclude(work: Workplace, number: int) -> None:
    """Adds the next result of an experiment, unless a seed is still out or the newest covers all runs."""
    experiment = work.queries.experiment(number)
    if not seeds.all_terminal(experiment.runs) or _is_covered(experiment):
        return
    result = work.ledger.experiments.conclude(number)
    if result is not None:
        log.info("concluded", experiment=experiment.key, n=result.n, outcome=result.outcome)


def _is_covered(experiment: Experiment) -> bool:
    """Doorbells come twice: what has its result is not drawn again."""
    runs = sorted(run.id for run in experiment.runs if run.kind is not RunKind.SMOKE)
    return bool(experiment.results) and sorted(experiment.results[-1].runs) == runs
