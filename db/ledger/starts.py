"""Start weights: which checkpoints a proposal's `init.from` names, fixed by their hashes before it is signed.

One run ("E-12/s1") starts all seeds. A whole experiment ("E-12": each of its seeds that has finished), or a
list of runs and experiments, is kept as `init.sources`, of which the seeds take one each in order, beginning
anew after the last: seed 2 begins with the second.
"""

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
_EXPERIMENT = re.compile(r"E-(\d{1,9})")
MOST_SOURCES = 100
# What has to be equal for weights to fit, how people call it, and what stands for nothing.
_FITTING: tuple[tuple[Path, str, JsonValue], ...] = (
    (("program", "name"), "training program", "Signoff's"),
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
    assert isinstance(init, dict)
    return {**delta, "init": {**given, **_fixed(session, source, init, config)}}


def _fixed(session: Session, source: JsonValue, init: JsonObject, config: JsonObject) -> JsonObject:
    """What takes the place of `source`; null for what `init` still has from another one."""
    names = [name.strip() for one in _listed(source) for name in str(one).split(",") if name.strip()]
    found = [_named(session, name) for name in names]
    runs = [run for _, several in found for run in several]
    if not 0 < len(runs) <= MOST_SOURCES:
        raise StartRefused(f"init.from names {len(runs)} runs to begin with; name 1 to {MOST_SOURCES}")
    for run in runs:
        _check_fits(run, config)
    names = [name for name, _ in found]
    if len(names) == 1 and _RUN.fullmatch(names[0]):
        return {name: None for name in ("sources",) if name in init} | _checkpoint(runs[0])
    rest: JsonObject = {name: None for name in ("sha256", "timesteps") if name in init}
    return {
        "from": names[0] if len(names) == 1 else list(names),
        "sources": [_checkpoint(run) for run in runs],
        **rest,
    }


def _listed(source: JsonValue) -> list[JsonValue]:
    return source if isinstance(source, list) else [source]


def _checkpoint(run: RunRow) -> JsonObject:
    result = RunResult.model_validate(run.result)
    return {
        "from": f"E-{run.experiment}/{run.label}",
        "sha256": result.checkpoint_sha256,
        "timesteps": result.timesteps + result.inherited_timesteps,
    }


def _named(session: Session, name: str) -> tuple[str, list[RunRow]]:
    """The runs that a name stands for, and the name with the label of the run that counts."""
    match = _EXPERIMENT.fullmatch(name)
    if match is None:
        run = _newest(session, name)
        return f"E-{run.experiment}/{run.label}", [run]
    of_it = (RunRow.experiment == int(match[1])) & (RunRow.kind == RunKind.SEED)
    runs: dict[int, RunRow] = {}
    for run in session.scalars(select(RunRow).where(of_it).order_by(RunRow.seed_index, RunRow.id)):
        if _is_source(run):
            runs[run.seed_index] = run
    if not runs:
        raise StartRefused(f"{name} has no finished seed with a checkpoint that can be named; choose another")
    return f"E-{int(match[1])}", list(runs.values())


def _newest(session: Session, source: str) -> RunRow:
    """The run that `source` names; of a seed that was run again, the newest that has finished."""
    match = _RUN.fullmatch(source)
    if match is None:
        raise StartRefused(f'"{source}" is no run; name a seed such as E-12/s1, or E-12 for one seed each')
    number, label, seed = int(match[1]), match[2], int(match[3])
    same_seed = (RunRow.experiment == number) & (RunRow.kind == RunKind.SEED) & (RunRow.seed_index == seed)
    runs = session.scalars(select(RunRow).where(same_seed).order_by(RunRow.id.desc())).all()
    if label != f"s{seed}":
        runs = [run for run in runs if run.label == label]
    if not runs:
        raise StartRefused(f"{source} is not in the ledger; name a seed that has finished, such as E-12/s1")
    for run in runs:
        if _is_source(run):
            return run
    raise StartRefused(
        f"{source} has no finished run with a checkpoint that can be named ({runs[0].status.value.lower()}); "
        "choose another seed, or retry this one"
    )


def _is_source(run: RunRow) -> bool:
    """Whether it has finished, left a checkpoint, and said its hash."""
    if run.status is not RunStatus.SUCCEEDED or checkpoint_of(run) is None:
        return False
    return RunResult.model_validate(run.result).checkpoint_sha256 is not None


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
