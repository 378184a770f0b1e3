"""What the index holds of one experiment, gathered from the ledger's rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.config.hashes import format_value
from db.config.resolve import leaves
from db.lifecycle import RunStatus
from db.models import (
    ConclusionRow,
    ExperimentRow,
    QuestionRow,
    ResultRow,
    RevisionRow,
    RunRow,
    TagRow,
)
from db.records import Finding, FindingKind
from db.search.tables import FINDING
from trainer.contract import JsonObject, RunKind, RunResult

MAX_NAME = 100
MAX_VALUE = 200


@dataclass(frozen=True)
class Fact:
    """A parameter or a measured metric: `name` is short, `path` dotted, `number` None for words."""

    name: str
    path: str
    number: float | None
    words: str


@dataclass(frozen=True)
class Document:
    """Text by weight: title and objective count twice, names (of a root's parameters, too) half."""

    title: str
    objective: str
    body: str
    names: str
    facts: tuple[Fact, ...]


def document_of(session: Session, number: int) -> Document | None:
    """The document of an experiment as the session sees it now; None where there is none."""
    experiment = session.get(ExperimentRow, number)
    if experiment is None:
        return None
    same = (RevisionRow.experiment == number) & (RevisionRow.n == experiment.revision)
    revision = session.scalars(select(RevisionRow).where(same)).one()
    intent = {key: value for key, value in revision.intent.items() if isinstance(value, str)}
    tags = session.scalars(select(TagRow.name).where(TagRow.experiment == number).order_by(TagRow.name))
    kinds = _finding_kinds(session, number)
    body = (
        intent.get("hypothesis"),
        intent.get("expected"),
        intent.get("guards"),
        *revision.changes,
        *(_delta_words(revision) if experiment.parent is not None else ()),
        *_said(session, experiment),
        *(kind.words for kind in kinds),
    )
    tuned = revision.delta.get("hyperparams") if experiment.parent is None else None
    names = (
        *tags,
        revision.algo,
        revision.env_id,
        *dict.fromkeys((experiment.author_name, revision.author_name)),
        *(tuned if isinstance(tuned, dict) else ()),
    )
    return Document(
        title=revision.title,
        objective=intent.get("objective", ""),
        body="\n".join(filter(None, body)),
        names=" ".join(filter(None, names)),
        facts=(*_parameters(revision.config), *_metrics(session, number), *_seen(kinds)),
    )


def _said(session: Session, experiment: ExperimentRow) -> Iterator[str]:
    """The question, and what came out, in the words of the verdict and of people."""
    if experiment.question is not None:
        question = session.get(QuestionRow, experiment.question)
        yield question.text if question else ""
    newest_result = (
        select(ResultRow).where(ResultRow.experiment == experiment.number).order_by(ResultRow.n.desc())
    )
    if result := session.scalars(newest_result.limit(1)).first():
        yield f"{result.outcome} {result.got} {result.plot_alt}"
    newest_words = select(ConclusionRow).where(ConclusionRow.experiment == experiment.number)
    if conclusion := session.scalars(newest_words.order_by(ConclusionRow.id.desc()).limit(1)).first():
        yield conclusion.text


def _delta_words(revision: RevisionRow) -> Iterator[str]:
    """The keys that a child sets itself, without the yardstick's."""
    for path, value in leaves(revision.delta):
        if path[0] != "eval":
            yield f"{path[-1]} {'' if isinstance(value, list) else format_value(value)}"


def _parameters(config: JsonObject) -> Iterator[Fact]:
    for path, value in _parts(config, ()):
        number = _number(value)
        name, dotted = path[-1][:MAX_NAME], ".".join(path)[: 2 * MAX_NAME]
        yield Fact(name, dotted, number, format_value(value)[:MAX_VALUE])


def _parts(node: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], JsonValue]]:
    """Leaves of the training's config; a schedule is one leaf."""
    if path[:1] in {("eval",), ("algo",)}:
        return
    if isinstance(node, dict) and "schedule" not in node:
        for name, item in node.items():
            yield from _parts(item, (*path, name))
    else:
        yield path, node


def _number(value: JsonValue) -> float | None:
    if isinstance(value, dict):
        return _number(value.get("start"))
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _finding_kinds(session: Session, number: int) -> tuple[FindingKind, ...]:
    """What detectors saw in any of its seeds, each once."""
    runs = select(RunRow.findings).where(RunRow.experiment == number, RunRow.kind == RunKind.SEED)
    seen = {finding.kind for each in session.scalars(runs) for finding in Finding.read_all(each)}
    return tuple(sorted(seen))


def _seen(kinds: Iterable[FindingKind]) -> Iterator[Fact]:
    for kind in kinds:
        yield Fact(FINDING, f"{FINDING}.{kind.value}", None, kind.value)


def _metrics(session: Session, number: int) -> Iterator[Fact]:
    """The median of each metric over the seeds that are done."""
    runs = select(RunRow.result).where(
        RunRow.experiment == number, RunRow.kind == RunKind.SEED, RunRow.status == RunStatus.SUCCEEDED
    )
    values: dict[str, list[float]] = {}
    for stored in session.scalars(runs):
        if stored is not None:
            for name, value in RunResult.model_validate(stored).metrics.items():
                values.setdefault(name, []).append(value)
    for name, measured in sorted(values.items()):
        middle = median(measured)
        yield Fact(name[:MAX_NAME], f"metrics.{name}"[: 2 * MAX_NAME], middle, f"{middle:g}")
