"""Draws an experiment's result and asks the ledger for its verdict, once all seeds have ended. Idempotent."""

import structlog

from db import seeds
from db.records import Experiment
from trainer.contract import RunKind
from trainer.crashpoints import crash_at
from worker.locks import hold
from worker.names import plot_path, sheet_path
from worker.picture import PictureFailed
from worker.workplace import Workplace

log = structlog.get_logger(__name__)


def conclude(work: Workplace, number: int) -> None:
    """Adds the next result of an experiment, unless a seed is still out or the newest covers all runs."""
    with hold(work.state / "concluding" / str(number)) as mine:
        if mine:
            _conclude(work, work.queries.experiment(number))


def _conclude(work: Workplace, experiment: Experiment) -> None:
    if not seeds.all_terminal(experiment.runs) or _is_covered(experiment):
        return
    path, alt = _picture(work, experiment)
    sheet, said = _sheet(work, experiment)
    crash_at("conclude.drawn")
    result = work.ledger.experiments.conclude(
        experiment.number, plot_path=path, plot_alt=alt, sheet_path=sheet, sheet_alt=said
    )
    crash_at("conclude.written")
    if result is not None:
        log.info("concluded", experiment=experiment.key, n=result.n, outcome=result.outcome)


def _is_covered(experiment: Experiment) -> bool:
    """Doorbells come twice: what has its result is not drawn again."""
    runs = sorted(run.id for run in experiment.runs if run.kind is not RunKind.SMOKE)
    return bool(experiment.results) and sorted(experiment.results[-1].runs) == runs


def _picture(work: Workplace, experiment: Experiment) -> tuple[str | None, str]:
    """The plot's path within the artifacts and its alt text. A result is never lost to its picture."""
    relative = plot_path(experiment.number, len(experiment.results) + 1)
    try:
        return str(relative), work.artist.draw(experiment.number, work.artifacts / relative)
    except PictureFailed as error:
        log.warning("no_picture", experiment=experiment.key, reason=str(error))
        return None, f"The plot could not be drawn: {error}"


def _sheet(work: Workplace, experiment: Experiment) -> tuple[str | None, str]:
    """Likewise the diagnostics sheet; None where there was nothing to draw."""
    relative = sheet_path(experiment.number, len(experiment.results) + 1)
    try:
        said = work.artist.draw_sheet(experiment.number, work.artifacts / relative)
    except PictureFailed as error:
        log.warning("no_sheet", experiment=experiment.key, reason=str(error))
        return None, ""
    return (str(relative), said) if said else (None, "")
