"""What the series of an ended run show: from its folder to findings."""

import structlog
from pydantic import JsonValue

from db.errors import ExpectationError
from db.expectation import FINAL_REWARD, metrics_of
from db.lifecycle import ExitCause
from db.records import Finding, Run
from trainer.contract import EVALUATIONS_FILE, METRICS_FILE, JsonObject, RunKind, RunResult
from worker.detectors import Recording, detect
from worker.tables import read_table
from worker.workplace import Workplace

_NOT_A_NUMBER = frozenset({ExitCause.NAN, ExitCause.ENVIRONMENT_NAN})

log = structlog.get_logger(__name__)


def look(work: Workplace, run: Run, result: RunResult | None, cause: ExitCause) -> tuple[Finding, ...]:
    """The findings in what a seed or a comparator's run has written; none for a smoke run."""
    if run.attempt is None or run.kind is RunKind.SMOKE:
        return ()
    folder = work.artifacts / run.attempt.folder
    recording = Recording(
        seed=run.label,
        total_timesteps=_total(run),
        training=read_table(folder / METRICS_FILE),
        evaluations=read_table(folder / EVALUATIONS_FILE),
        final=result.metrics if result else {},
        best=_best(run),
        own_reward=_environment(run.config.get("env")) != _environment(_yardstick(run).get("env")),
        nan_at=(result.timesteps if result else 0) if cause in _NOT_A_NUMBER else None,
    )
    try:
        return detect(recording)
    except Exception:  # what a run wrote must never keep it from ending
        log.exception("detectors_stumbled", run=run.key)
        return ()


def _total(run: Run) -> int:
    total = run.config.get("total_timesteps")
    return total if isinstance(total, int) else 0


def _best(run: Run) -> float | None:
    """The highest return that the yardstick knows."""
    try:
        metric = metrics_of(run.config).get(FINAL_REWARD)
    except ExpectationError:
        return None
    return metric.high if metric and metric.higher_is_better else None


def _yardstick(run: Run) -> JsonObject:
    yardstick = run.config.get("eval")
    return yardstick if isinstance(yardstick, dict) else {}


def _environment(config: JsonValue) -> JsonValue:
    """What an environment does; how its observations are normalised for learning is no part of it."""
    if not isinstance(config, dict):
        return config
    return {name: value for name, value in config.items() if name != "normalize" and value}
