"""Runs come into being and are asked to stop."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ledger.transition import Act, append_event, move_run
from db.lifecycle import TERMINAL_RUNS, ExitCause, RunStatus
from db.models import ExperimentRow, RevisionRow, RunRow
from db.queries import assemble
from trainer.contract import JsonObject, RunKind

_LETTERS = {RunKind.SEED: "s", RunKind.COMPARATOR: "c"}


@dataclass(frozen=True)
class NewRun:
    """What is to be run. `config_of` is the comparator whose config it is, None for our own."""

    kind: RunKind
    seed_index: int
    config: JsonObject
    spec_hash: str
    config_of: int | None
    resume_from: str | None = None

    @property
    def base_label(self) -> str:
        return "smoke" if self.kind is RunKind.SMOKE else f"{_LETTERS[self.kind]}{self.seed_index}"


def add_run(
    session: Session, experiment: ExperimentRow, revision: RevisionRow, new: NewRun, act: Act
) -> RunRow:
    """Add a run, QUEUED; one more of the same seed gets the label "s1.2"."""
    budget = assemble.budget(revision.budget)
    needs = budget.needs
    run = RunRow(
        experiment=experiment.number,
        label=_label(session, experiment.number, new.base_label),
        kind=new.kind,
        seed_index=new.seed_index,
        seed=new.seed_index,
        config=new.config,
        config_of=new.config_of,
        spec_hash=new.spec_hash,
        runtime=revision.runtime,
        device=budget.device,
        gpus=needs.gpus,
        gpu_share=needs.gpu_share,
        cpus=needs.cpus,
        memory_mb=needs.memory_mb,
        priority=experiment.priority,
        time_limit_s=budget.time_limit_s,
        resume_from=new.resume_from,
        created_at=act.at,
    )
    session.add(run)
    session.flush()
    payload: JsonObject = {"run": run.label, "to": RunStatus.QUEUED.value, "spec_hash": run.spec_hash}
    append_event(session, experiment, "run.queued", act, payload)
    return run


def request_cancel(session: Session, experiment: ExperimentRow, run: RunRow, act: Act) -> bool:
    """Ask a run to stop; one that has not started is CANCELED at once. False where it was asked before."""
    if run.status in TERMINAL_RUNS or run.cancel_requested_at is not None:
        return False
    run.cancel_requested_at = act.at
    run.cancel_requested_by = act.actor
    run.cancel_requested_name = str(act.details.get("by", act.actor))
    session.flush()
    if run.status is RunStatus.QUEUED:
        cancel_queued(session, experiment, run, act, cause=ExitCause.STOPPED)
    else:
        append_event(session, experiment, "run.stop_requested", act, {"run": run.label})
    return True


def cancel_queued(
    session: Session, experiment: ExperimentRow, run: RunRow, act: Act, *, cause: ExitCause, message: str = ""
) -> None:
    """A run that never started ends as CANCELED; the sweep looks whether it was the last one."""
    experiment.ring_at = act.at
    move_run(
        session, experiment, run, RunStatus.CANCELED, act, cause=cause, message=message, finished_at=act.at
    )


def _label(session: Session, number: int, base: str) -> str:
    used = set(session.scalars(select(RunRow.label).where(RunRow.experiment == number)))
    if base not in used:
        return base
    return next(label for n in range(2, len(used) + 3) if (label := f"{base}.{n}") not in used)
