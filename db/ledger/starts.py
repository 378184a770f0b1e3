"""Start weights: which checkpoint a proposal's `init.from` names, fixed by its hash before it is signed."""

import re

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.config.canonical import same
from db.config.hashes import format_value
from db.config.resolve import Path, value_at
from db.errors import StartRefused
from db.ledger.left import checkpoint_of
from db.lifecycle import RunStatus
from db.models import RunRow
from trainer.catalogue import Environment, load_catalogue
from trainer.contract import JsonObject, RunKind, RunResult

_RUN = re.compile(r"E-(\d{1,9})/(s(\d{1,4})(?:\.\d{1,3})?)")
# What has to be equal for weights to fit, how people call it, and what stands for nothing.
_FITTING: tuple[tuple[Path, str, JsonValue], ...] = (
    (("algo",), "algorithm", None),
    (("policy",), "policy", "MlpPolicy"),
    (("hyperparams", "policy_kwargs"), "policy_kwargs", {}),
)


def with_fixed_start(session: Session, delta: JsonObject, config: JsonObject) -> JsonObject:
    """The delta with the hash and the steps of the checkpoint that the resolved config begins with.

    A delta that says nothing of `init` keeps what its parent was signed with.

    :raises StartRefused: where the run or its checkpoint is not there, or its weights cannot fit.
    """
    if "init" not in delta:
        return delta
    init = config.get("init")
    source = init.get("from") if isinstance(init, dict) else None
    given = delta["init"] if isinstance(delta["init"], dict) else {}
    if source is None:
        if "from" not in given and given.get("load") is not None:
            raise StartRefused("init.load says what to load, but not from where; add init.from = E-12/s1")
        return {**delta, "init": None}
    run = _newest(session, str(source))
    result = RunResult.model_validate(run.result)
    _check_fits(run, config)
    fixed: JsonObject = {
        "from": f"E-{run.experiment}/{run.label}",
        "sha256": result.checkpoint_sha256,
        "timesteps": result.timesteps + result.inherited_timesteps,
    }
    return {**delta, "init": {**given, **fixed}}


def _newest(session: Session, source: str) -> RunRow:
    """The run that `source` names; of a seed that was run again, the newest that has finished."""
    match = _RUN.fullmatch(source)
    if match is None:
        raise StartRefused(f'"{source}" is no run; name one seed of an experiment, such as E-12/s1')
    number, label, seed = int(match[1]), match[2], int(match[3])
    same_seed = (RunRow.experiment == number) & (RunRow.kind == RunKind.SEED) & (RunRow.seed_index == seed)
    runs = session.scalars(select(RunRow).where(same_seed).order_by(RunRow.id.desc())).all()
    if label != f"s{seed}":
        runs = [run for run in runs if run.label == label]
    if not runs:
        raise StartRefused(f"{source} is not in the ledger; name a seed that has finished, such as E-12/s1")
    for run in runs:
        if run.status is RunStatus.SUCCEEDED and _has_checkpoint(run):
            return run
    raise StartRefused(
        f"{source} has no finished run with a checkpoint that can be named ({runs[0].status.value.lower()}); "
        "choose another seed, or retry this one"
    )


def _has_checkpoint(run: RunRow) -> bool:
    """Whether it left one, and said its hash."""
    return (
        checkpoint_of(run) is not None and RunResult.model_validate(run.result).checkpoint_sha256 is not None
    )


def _check_fits(run: RunRow, config: JsonObject) -> None:
    name = f"E-{run.experiment}/{run.label}"
    for path, spoken, default in _FITTING:
        ours, theirs = (value_at(one, path) or default for one in (config, run.config))
        if not same(ours, theirs):
            there, here = format_value(theirs), format_value(ours)
            raise StartRefused(
                f"the weights of {name} do not fit: its {spoken} is {there}, here it is {here}"
            )
    if (value_at(config, ("env", "normalize")) is None) != (
        value_at(run.config, ("env", "normalize")) is None
    ):
        raise StartRefused(f"the weights of {name} do not fit: keep its env.normalize")
    _check_spaces(name, _environment(run.config), _environment(config))


def _check_spaces(name: str, there: Environment | None, here: Environment | None) -> None:
    if here is None or there is None or here.id == there.id:
        return
    for spoken, theirs, ours in (
        ("observations", there.observation_space, here.observation_space),
        ("actions", there.action_space, here.action_space),
    ):
        if ours != theirs:
            raise StartRefused(
                f"the weights of {name} do not fit: {there.id} has {spoken} {theirs}, {here.id} has {ours}"
            )


def _environment(config: JsonObject) -> Environment | None:
    """What the catalogue knows of it; one that it does not know is tried by the smoke run."""
    return load_catalogue().environments.get(str(value_at(config, ("env", "id"))))
