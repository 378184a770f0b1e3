"""What the form's texts mean, as far as that can be known from the parent alone. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.forms import fields
from bot.forms.filled import Filled
from bot.forms.named_code import NamedCode
from bot.forms.resources import AS_USUAL, Resources, read_resources
from bot.forms.small_inputs import (
    Unreadable,
    derive_title,
    read_duration_s,
    read_link,
    read_seeds,
    read_start,
    read_steps,
    read_tags,
)
from bot.messages import budget
from bot.messages.escape import is_blank, one_line
from db.config.diff import Change, diff, flat
from db.config.hashes import config_hash, touches_yardstick
from db.config.problems import OverrideProblems
from db.config.recorded import with_dataset_hash
from db.config.resolve import Resolved, merge
from db.config.text import parse_overrides
from db.errors import ConfigError, ExpectationError
from db.expectation import Expectation, MetricInfo, metrics_of, parse_expectation, parse_guards
from db.stop_rule import StopRule, parse_stop_rule
from trainer.catalogue import Catalogue
from trainer.contract import JsonObject

T = TypeVar("T")

STEPS_KEY = "total_timesteps"
INIT_KEY = "init"
CODE_KEY = "code"
MOST_PROBLEMS = 4
PROBLEM = 220
ERROR = 900


@dataclass(frozen=True)
class Start:
    """What an experiment starts from: its key, title and resolved config.

    `datasets` are the hashes of those that its child may learn from, by name.
    """

    number: int
    title: str
    resolved: Resolved
    datasets: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"E-{self.number}"


@dataclass(frozen=True)
class Understood:
    """The form as read. `errors` holds a sentence for each field that cannot be used.

    `delta` and what follows from it is None or empty where the changes have errors; `missing` are
    the required fields that are still empty.
    """

    delta: JsonObject | None = None
    config: JsonObject | None = None
    changes: tuple[Change, ...] = ()
    config_hash: str = ""
    code_note: str = ""
    new_yardstick: bool = False
    metrics: Mapping[str, MetricInfo] = field(default_factory=dict)
    expectation: Expectation | None = None
    guards: Expectation | None = None
    stop_rule: StopRule | None = None
    seeds: int = fields.DEFAULT_SEEDS
    steps: int | None = None
    time_limit_s: int = 0
    resources: Resources = AS_USUAL
    title: str = ""
    tags: tuple[str, ...] = ()
    context_link: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


class _Reading:
    """Collects the errors of fields while they are read one after the other."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def read(self, name: str, reader: Callable[[], T], otherwise: T) -> T:
        try:
            return reader()
        except OverrideProblems as refused:
            self.errors[name] = _problems(refused)
        except (Unreadable, ConfigError, ExpectationError) as refused:
            self.errors[name] = budget.head(str(refused), ERROR)
        return otherwise


def understand(filled: Filled, start: Start | None, code: NamedCode) -> Understood:
    """Read every field. Nothing is raised: what is wrong stands in `errors`, at its field."""
    reading = _Reading()
    steps = reading.read(fields.STEPS, lambda: read_steps(filled.steps) if filled.steps else None, None)
    delta = _with_code(_delta(filled, start, code.catalogue, steps, reading), start, code, reading)
    delta = _with_dataset(_with_start_weights(filled, delta, reading), start, reading)
    config = merge(start.resolved.config, delta) if start and delta is not None else None
    known = config or (start.resolved.config if start else None)
    none: Mapping[str, MetricInfo] = {}
    metrics = reading.read(fields.EXPECTED, lambda: metrics_of(known), none) if known else none
    return Understood(
        delta=delta,
        config=config,
        changes=flat(diff(start.resolved.config, config)) if start and config is not None else (),
        config_hash=config_hash(config) if config is not None else "",
        code_note=code.note,
        new_yardstick=delta is not None and touches_yardstick(delta),
        metrics=metrics,
        expectation=_claims(fields.EXPECTED, filled.expected, metrics, start, reading),
        guards=_claims(fields.GUARDS, filled.guards, metrics, start, reading),
        stop_rule=_stop_rule(filled, metrics, reading),
        seeds=reading.read(fields.SEEDS, lambda: read_seeds(filled.seeds), fields.DEFAULT_SEEDS),
        steps=steps,
        time_limit_s=reading.read(fields.TIME_LIMIT, lambda: read_duration_s(filled.time_limit), 0),
        resources=reading.read(
            fields.RESOURCES, lambda: read_resources(filled.resources, filled.device), AS_USUAL
        ),
        title=budget.head(one_line(filled.title), fields.TITLE_LENGTH) or derive_title(filled.objective),
        tags=reading.read(fields.TAGS, lambda: read_tags(filled.tags), ()),
        context_link=reading.read(fields.CONTEXT_LINK, lambda: read_link(filled.context_link), ""),
        errors=reading.errors,
        missing=_missing(filled, steps),
    )


def _missing(filled: Filled, steps: int | None) -> tuple[str, ...]:
    needed: dict[str, object] = {
        fields.PARENT: filled.parent,
        fields.CHANGES: filled.changes or steps or filled.start_weights,
        fields.OBJECTIVE: filled.objective,
        fields.HYPOTHESIS: filled.hypothesis,
        fields.EXPECTED: filled.expected,
        fields.CHANNEL: filled.channel,
    }
    return tuple(
        name for name, value in needed.items() if not value or (isinstance(value, str) and is_blank(value))
    )


def _delta(
    filled: Filled, start: Start | None, catalogue: Catalogue, steps: int | None, reading: _Reading
) -> JsonObject | None:
    """The changes and the steps field as one delta; None where they cannot be used."""
    if start is None or not (filled.changes or steps or filled.start_weights):
        return None
    resolved, text = start.resolved, filled.changes
    delta = reading.read(
        fields.CHANGES, lambda: parse_overrides(text, resolved, catalogue) if text else {}, None
    )
    if delta is None or steps is None:
        return delta
    if STEPS_KEY in delta and delta[STEPS_KEY] != steps:
        reading.errors[fields.STEPS] = (
            f"Changes already sets {STEPS_KEY} to {delta[STEPS_KEY]}. Please keep one of the two."
        )
    elif resolved.config.get(STEPS_KEY) != steps:
        delta = {**delta, STEPS_KEY: steps}
    if not delta and not filled.start_weights:
        reading.errors[fields.CHANGES] = f"Nothing differs from {start.key} yet."
        return None
    return delta


def _with_code(
    delta: JsonObject | None, start: Start | None, code: NamedCode, reading: _Reading
) -> JsonObject | None:
    """The delta with the whole hash of the bundle that it names; its keys may be unknown for want of it."""
    said = reading.errors.get(fields.CHANGES, "")
    if code.problem:
        reading.errors[fields.CHANGES] = budget.head(code.problem, ERROR)
        return None
    if said and code.note:
        reading.errors[fields.CHANGES] = budget.head(f"{said}\n{code.note}", ERROR)
    if delta is None or start is None or delta.get(CODE_KEY) is None or code.sha256 is None:
        return delta
    if start.resolved.config.get(CODE_KEY) == code.sha256:
        reading.errors[fields.CHANGES] = f"`code` is already {code.sha256[:12]}; push what you changed first."
        return None
    return {**delta, CODE_KEY: code.sha256}


def _with_start_weights(filled: Filled, delta: JsonObject | None, reading: _Reading) -> JsonObject | None:
    """The delta with what the start weights field says; which checkpoint that is, the ledger finds out."""
    if delta is None or not filled.start_weights:
        return delta
    if INIT_KEY in delta:
        reading.errors[fields.START] = "Changes already sets `init`. Please keep one of the two."
        return delta
    nothing: JsonObject = {}
    init = reading.read(fields.START, lambda: read_start(filled.start_weights), nothing)
    return {**delta, INIT_KEY: init} if init else delta


def _with_dataset(delta: JsonObject | None, start: Start | None, reading: _Reading) -> JsonObject | None:
    """The delta with the hash of the dataset that it names."""
    if delta is None or start is None:
        return delta
    config = merge(start.resolved.config, delta)
    return reading.read(fields.CHANGES, lambda: with_dataset_hash(delta, config, start.datasets), None)


def _claims(
    name: str,
    text: str,
    metrics: Mapping[str, MetricInfo],
    start: Start | None,
    reading: _Reading,
) -> Expectation | None:
    if not text or not metrics or start is None:
        return None
    parse = parse_expectation if name == fields.EXPECTED else parse_guards
    return reading.read(name, lambda: parse(text, metrics, parent_key=start.key), None)


def _stop_rule(filled: Filled, metrics: Mapping[str, MetricInfo], reading: _Reading) -> StopRule | None:
    if not filled.stop_rule or not metrics:
        return None
    return reading.read(fields.STOP_RULE, lambda: parse_stop_rule(filled.stop_rule, metrics), None)


def _problems(refused: OverrideProblems) -> str:
    lines = [budget.head(str(problem), PROBLEM) for problem in refused.problems[:MOST_PROBLEMS]]
    if len(refused.problems) > MOST_PROBLEMS:
        lines.append(f"and {len(refused.problems) - MOST_PROBLEMS} more problems")
    return budget.head("\n".join(lines), ERROR)
