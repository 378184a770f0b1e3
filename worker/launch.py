"""Launches one reserved attempt: write its spec, start it under its name, record the handle.

It may be called any number of times, at once or after a crash at any step: the name is deterministic,
and one host never works on the same attempt twice at a time.
"""

from pathlib import Path

import structlog
from pydantic import ValidationError

from db.claims import read_claims
from db.config.resolve import value_at
from db.doorbell import Task
from db.errors import CodeRefused, ExpectationError
from db.lifecycle import LIVE_ATTEMPTS, AttemptStatus
from db.records import Attempt, Run
from trainer.contract import INIT_FOLDER, SPEC_FILE, RunKind, RunSpec, SmokeLimits, SolveTarget
from trainer.crashpoints import crash_at
from worker.code import program, unpacked
from worker.datasets import dataset_of
from worker.launchers.launcher import (
    DOCKER,
    TRAINER,
    ContainerState,
    LauncherDown,
    LaunchFailed,
    LaunchRefused,
    LaunchSpec,
)
from worker.launchers.shim import write_json
from worker.locks import hold
from worker.names import attempt_name, attempt_token
from worker.start_weights import beginning, place
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

PROGRAM = ("program", "name")
MEGABYTE = 1024 * 1024
LAUNCHABLE = frozenset({AttemptStatus.RESERVED, AttemptStatus.CREATED})


def launch(work: Workplace, attempt_id: int) -> None:
    """Starts the attempt if it still waits for it; does nothing otherwise."""
    attempt = work.queries.attempt(attempt_id)
    if attempt.host_id != work.host_id or attempt.status not in LAUNCHABLE:
        return
    with hold(launch_lock(work, attempt_id)) as mine:
        if mine:
            _launch(work, attempt_id)


def launch_lock(work: Workplace, attempt_id: int) -> Path:
    """Who holds it may decide about an attempt that was never seen to start."""
    return work.state / "launching" / str(attempt_id)


def _launch(work: Workplace, attempt_id: int) -> None:
    attempt = work.queries.attempt(attempt_id)
    if attempt.status not in LAUNCHABLE:
        return
    run = work.queries.run(attempt.run_id)
    try:
        if run.cancel_requested_at is not None and _never_began(work, run, attempt):
            _fail(work, attempt, "it was stopped first", retryable=False)
            return
        spec = _launch_spec(work, run, attempt)
        crash_at("launch.prepared")
        handle = work.launcher.launch(spec, attempt_token(attempt, run))
        crash_at("launch.started")
    except LauncherDown as error:
        log.warning("launch_unknown", attempt=attempt_id, reason=str(error))
    except LaunchFailed as error:
        _fail(work, attempt, str(error), retryable=True)
    except LaunchRefused as error:
        _fail(work, attempt, str(error), retryable=False)
    else:
        _record(work, attempt, handle)


def _record(work: Workplace, attempt: Attempt, handle: str) -> None:
    """Where the attempt was ended meanwhile, what has just been started must not live on."""
    recorded = work.ledger.runs.attempt_created(attempt.id, handle, work.epoch)
    crash_at("launch.recorded")
    if recorded.status in LIVE_ATTEMPTS:
        log.info("launched", attempt=attempt.id, handle=handle)
    else:
        log.warning("launch_superseded", attempt=attempt.id, handle=handle)
        work.launcher.stop(handle, grace_s=work.settings.stop_grace_s)


def _never_began(work: Workplace, run: Run, attempt: Attempt) -> bool:
    """A container that was created, but not started, is forgotten."""
    name = attempt_name(work.instance, run.key, attempt.n)
    seen = work.launcher.inspect(name)
    if seen is not None and seen.state is ContainerState.CREATED:
        work.launcher.remove(name)
        return True
    return seen is None


def _fail(work: Workplace, attempt: Attempt, message: str, *, retryable: bool) -> None:
    log.warning("start_failed", attempt=attempt.id, reason=message, retryable=retryable)
    work.ledger.runs.start_failed(attempt.id, message=message, retryable=retryable, epoch=work.epoch)
    work.ring_here(Task.FINALIZE, attempt.run_id)


def _launch_spec(work: Workplace, run: Run, attempt: Attempt) -> LaunchSpec:
    """Prepares the run folder.

    Raises `LaunchFailed` where the disk does not take it, `LaunchRefused` where there is no valid spec.
    """
    folder = work.artifacts / attempt.folder
    try:
        spec = run_spec(work, run, attempt)
    except (ExpectationError, ValidationError) as error:
        raise LaunchRefused(f"its spec cannot be written: {error}") from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place(work, run, folder)
        code, module = _code(work, run)
        if not (folder / SPEC_FILE).exists():
            write_json(folder / SPEC_FILE, spec.model_dump(mode="json"))
    except CodeRefused as error:
        raise LaunchRefused(str(error)) from error
    except OSError as error:
        raise LaunchFailed(f"its run folder cannot be written: {error}") from error
    slots = work.queries.slots(work.host_id)
    ours = (slot.device for slot in slots if slot.owner_attempt_id == attempt.id and slot.kind == "gpu")
    return LaunchSpec(
        run=run.key,
        attempt=attempt.n,
        folder=folder,
        device=run.device,
        gpus=tuple(dict.fromkeys(ours)),
        code=code,
        module=module,
        reads=tuple(Path(path) for path in (spec.resume_from, spec.dataset_from) if path),
        image=_image(work, run),
        memory_bytes=run.needs.memory_mb * MEGABYTE or None,
        cpus=run.needs.cpus or None,
    )


def _image(work: Workplace, run: Run) -> str | None:
    """The image that was signed, whatever this host would run by now; None where it runs processes."""
    runtime = work.queries.runtime_of(run.id)
    return runtime.digest if runtime.launcher == work.launcher.name == DOCKER else None


def _code(work: Workplace, run: Run) -> tuple[Path | None, str]:
    """The bundle that was signed with the config, ready to be imported, and the module that is run.

    The bundle is None where there is none; the module is that of our trainer unless `program` names another.
    """
    sha256, named = run.config.get("code"), value_at(run.config, PROGRAM)
    if not isinstance(sha256, str):
        if named is not None:
            raise CodeRefused(f"the training program {named} is in a code bundle, and the config names none")
        return None, TRAINER
    module = TRAINER if named is None else program(work, sha256, str(named))
    return unpacked(work, sha256), module


def run_spec(work: Workplace, run: Run, attempt: Attempt) -> RunSpec:
    """What the trainer is told."""
    resume = work.artifacts / attempt.resume_from if attempt.resume_from else None
    dataset = dataset_of(work, run)
    init = beginning(run)
    return RunSpec.model_validate(
        {
            "experiment": f"E-{run.experiment}",
            "run": run.key,
            "attempt": attempt.n,
            "kind": run.kind,
            "seed_index": run.seed_index,
            "seed": run.seed,
            "config": run.config if init is None else {**run.config, "init": init},
            "spec_hash": run.spec_hash,
            "device": run.device,
            "time_limit_s": run.time_limit_s,
            "used_s": run.used_s,
            "smoke": SmokeLimits() if run.kind is RunKind.SMOKE else None,
            "solve_targets": () if run.kind is RunKind.SMOKE else _solve_targets(work, run),
            "resume_from": str(resume) if resume else None,
            "init_from": INIT_FOLDER if init else None,
            "dataset_from": str(dataset) if dataset else None,
            "environments": work.environments,
        }
    )


def _solve_targets(work: Workplace, run: Run) -> tuple[SolveTarget, ...]:
    """The crossings that the contract's claims ask for; a comparator's seeds are asked the same."""
    experiment = work.queries.experiment(run.experiment)
    revision = experiment.revision
    claims = read_claims(revision.intent, revision.config, experiment.parent or experiment.number)
    parts = (claims.expectation, claims.guards)
    return tuple({target: None for part in parts if part for target in part.solve_targets})
