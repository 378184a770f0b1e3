"""Filters of a query as conditions on the ledger's tables."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select

from db.config.normalise import to_decimal
from db.lifecycle import ExperimentStatus, RunStatus
from db.models import ExperimentRow, ResultRow, RevisionRow, RunRow, TagRow
from db.records import FindingKind
from db.search.query import Filter
from db.search.tables import FINDING, facts
from trainer.contract import RunKind

Condition = ColumnElement[bool]
_OUTCOMES = ("supported", "refuted", "inconclusive")
_DATE_LENGTHS = {4: "%Y", 7: "%Y-%m", 10: "%Y-%m-%d"}
_RUN_STATUSES: Mapping[str, tuple[RunStatus, ...]] = {
    "queued": (RunStatus.QUEUED,),
    "running": (RunStatus.STARTING, RunStatus.RUNNING, RunStatus.FINALIZING),
    "failed": (RunStatus.FAILED,),
    "canceled": (RunStatus.CANCELED,),
}


class NotUnderstood(ValueError):
    """The message says what a filter takes."""


def condition(asked: Filter) -> Condition:
    """The condition that a filter puts on an experiment.

    :raises NotUnderstood: where its value is of another kind.
    """
    if asked.key in _FILTERS and asked.key != "created" and asked.op != "=":
        raise NotUnderstood(f"{asked.key} is written {asked.key}:value; got {asked.typed}")
    made = _FILTERS.get(asked.key, _fact)(asked)
    return ~made if asked.negated else made


def newest_outcome() -> ColumnElement[str | None]:
    """The outcome of an experiment's newest result, as a scalar of the enclosing statement."""
    newest = select(ResultRow.outcome).where(ResultRow.experiment == ExperimentRow.number)
    return newest.order_by(ResultRow.n.desc()).limit(1).correlate(ExperimentRow).scalar_subquery()


def _algo(asked: Filter) -> Condition:
    return RevisionRow.algo == asked.value.lower()


def _env(asked: Filter) -> Condition:
    return _contains(func.lower(RevisionRow.env_id), asked.value)


def _author(asked: Filter) -> Condition:
    return or_(
        ExperimentRow.author_id == asked.value, _contains(func.lower(ExperimentRow.author_name), asked.value)
    )


def _contains(column: ColumnElement[str], value: str) -> Condition:
    return column.contains(value.lower(), autoescape=True)


def _status(asked: Filter) -> Condition:
    value = asked.value.lower().replace("-", "_").replace("cancelled", "canceled")
    if value.upper() in ExperimentStatus.__members__:
        return ExperimentRow.status == ExperimentStatus[value.upper()]
    if value in {"done", "concluded"}:
        return exists().where(ResultRow.experiment == ExperimentRow.number)
    if value in _RUN_STATUSES:
        run = (RunRow.experiment == ExperimentRow.number) & (RunRow.kind != RunKind.SMOKE)
        return exists().where(run, RunRow.status.in_(_RUN_STATUSES[value]))
    known = [*(str(status).lower() for status in ExperimentStatus), *_RUN_STATUSES, "done"]
    raise NotUnderstood(f"status takes {', '.join(known)}; got {asked.value}")


def _verdict(asked: Filter) -> Condition:
    value = asked.value.lower()
    if value == "none":
        return ~exists().where(ResultRow.experiment == ExperimentRow.number)
    if value not in _OUTCOMES:
        raise NotUnderstood(f"verdict takes {', '.join(_OUTCOMES)} or none; got {asked.value}")
    return func.coalesce(newest_outcome(), "") == value


def _tag(asked: Filter) -> Condition:
    tagged = (TagRow.experiment == ExperimentRow.number) & (func.lower(TagRow.name) == asked.value.lower())
    return exists().where(tagged)


def _finding(asked: Filter) -> Condition:
    value = asked.value.lower().replace("-", "_").replace(" ", "_")
    if value not in tuple(FindingKind):
        raise NotUnderstood(f"finding takes {', '.join(FindingKind)}; got {asked.value}")
    seen = (facts.c.number == ExperimentRow.number) & (facts.c.name == FINDING) & (facts.c.words == value)
    return exists().where(seen).correlate(ExperimentRow)


def _parent(asked: Filter) -> Condition:
    return ExperimentRow.parent.is_not_distinct_from(_whole(asked, asked.value.upper().removeprefix("E-")))


def _question(asked: Filter) -> Condition:
    return ExperimentRow.question.is_not_distinct_from(_whole(asked, asked.value.upper().removeprefix("Q-")))


def _created(asked: Filter) -> Condition:
    start, end = _period(asked.value)
    created = ExperimentRow.created_at
    if asked.op == "..":
        return (created >= start) & (created < _period(asked.upper)[1])
    conditions: Mapping[str, Condition] = {
        "=": (created >= start) & (created < end),
        "!=": (created < start) | (created >= end),
        "<": created < start,
        "<=": created < end,
        ">": created >= end,
        ">=": created >= start,
    }
    return conditions[asked.op]


def _before(asked: Filter) -> Condition:
    return ExperimentRow.created_at < _period(asked.value)[0]


def _after(asked: Filter) -> Condition:
    return ExperimentRow.created_at >= _period(asked.value)[1]


def _fact(asked: Filter) -> Condition:
    """A parameter or a metric, by its short or its dotted name."""
    named = (facts.c.number == ExperimentRow.number) & (
        (facts.c.name == asked.key) | (facts.c.path == asked.key)
    )
    return exists().where(named, _valued(asked)).correlate(ExperimentRow)


def _valued(asked: Filter) -> Condition:
    value, number = facts.c.value, to_decimal(asked.value)
    if asked.op == "..":
        return value.between(_number(asked, asked.value), _number(asked, asked.upper))
    if asked.op in {"=", "!="} and number is None:
        same = func.lower(facts.c.words) == asked.value.lower()
        return same if asked.op == "=" else ~same
    limit = _number(asked, asked.value)
    conditions: Mapping[str, Condition] = {
        "=": value == limit,
        "!=": value != limit,
        "<": value < limit,
        "<=": value <= limit,
        ">": value > limit,
        ">=": value >= limit,
    }
    return conditions[asked.op]


def _number(asked: Filter, typed: str) -> float:
    number = to_decimal(typed)
    if number is None:
        raise NotUnderstood(f"{asked.key} is compared with a number; got {typed}")
    return float(number)


def _whole(asked: Filter, typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or len(typed) > len("999999999"):
        raise NotUnderstood(f"{asked.key} takes a number such as E-12; got {asked.value}")
    return int(typed)


def _period(typed: str) -> tuple[datetime, datetime]:
    """The first moment of a year, month or day, and the first one after it, in UTC."""
    try:
        start = datetime.strptime(typed, _DATE_LENGTHS[len(typed)]).replace(tzinfo=UTC)
        if len(typed) == len("2026"):
            return start, start.replace(year=start.year + 1)
        if len(typed) == len("2026-01"):
            year, month = divmod(start.year * 12 + start.month, 12)
            return start, start.replace(year=year, month=month + 1)
        return start, datetime.fromtimestamp(start.timestamp() + 86_400, UTC)
    except (KeyError, ValueError, OverflowError) as error:
        raise NotUnderstood(f"a date is written 2026, 2026-01 or 2026-01-31; got {typed}") from error


_FILTERS: Mapping[str, Callable[[Filter], Condition]] = {
    "after": _after,
    "algo": _algo,
    "author": _author,
    "before": _before,
    "created": _created,
    "env": _env,
    "finding": _finding,
    "parent": _parent,
    "question": _question,
    "status": _status,
    "tag": _tag,
    "verdict": _verdict,
}
