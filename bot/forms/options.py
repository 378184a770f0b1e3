"""What the form's typeaheads offer: experiments, parameters, questions. At most 100 each. Pure."""

from collections.abc import Sequence

from bot.forms.contract import parent_option, question_option
from bot.forms.inputs import option
from bot.messages import budget, lists
from bot.messages.message import Block
from db.config.hashes import format_value
from db.config.resolve import Resolved, value_at
from db.config.schema import AmbiguousKey, Schema, UnknownKey, schema_for
from db.records import Question, Summary
from trainer.catalogue import Catalogue, Parameter

VALUE = 40
CODE = "code"
NEWEST_CODE = "latest"


def experiments(summaries: Sequence[Summary]) -> list[Block]:
    return [
        parent_option(
            summary.number,
            summary.title,
            f"{lists.state_words(summary)} · {summary.algo} on {summary.env_id}",
        )
        for summary in summaries[: budget.OPTIONS]
    ]


def questions(found: Sequence[Question], typed: str) -> list[Block]:
    wanted = typed.casefold().strip()
    kept = [q for q in found if not wanted or wanted in f"q-{q.number} {q.text}".casefold()]
    return [question_option(question) for question in kept[: budget.OPTIONS]]


def parameters(resolved: Resolved, catalogue: Catalogue, typed: str) -> list[Block]:
    """Every parameter that fits the words typed, with its current value; hyperparameters first."""
    schema = schema_for(resolved.config, catalogue)
    wanted = typed.casefold().replace(" ", "_").strip("_")
    found = [p for p in schema.parameters.values() if wanted in p.path.casefold() and _offered(p)]
    found.sort(key=lambda parameter: _rank(parameter, wanted))
    return [_parameter(parameter, resolved) for parameter in found[: budget.OPTIONS]]


def line_for(path: str, resolved: Resolved, catalogue: Catalogue) -> str:
    """The line that is put into Changes: the shortest unambiguous key with its current value.

    Empty for what is no parameter, such as the option that says that the ledger is busy.
    """
    schema = schema_for(resolved.config, catalogue)
    if path not in schema.parameters:
        return ""
    value = value_at(resolved.config, tuple(path.split(".")))
    suggested = NEWEST_CODE if path == CODE else ""
    shown = format_value(value) if value is not None else suggested
    return f"{_short(path, schema, resolved)} = {shown}".rstrip()


def _short(path: str, schema: Schema, resolved: Resolved) -> str:
    last = path.rpartition(".")[2]
    try:
        found = schema.find(last, resolved.config)
    except (UnknownKey, AmbiguousKey):
        return path
    return last if found == path else path


def _offered(parameter: Parameter) -> bool:
    """Parts of a schedule are not offered: the schedule as a whole is."""
    return not parameter.required or parameter.path.count(".") < 2  # noqa: PLR2004 - hyperparams.x.start


def _rank(parameter: Parameter, wanted: str) -> tuple[bool, bool, bool, str]:
    return (
        parameter.name.casefold() != wanted,
        not parameter.name.casefold().startswith(wanted),
        not parameter.path.startswith("hyperparams."),
        parameter.path,
    )


def _parameter(parameter: Parameter, resolved: Resolved) -> Block:
    value = value_at(resolved.config, tuple(parameter.path.split(".")))
    now = f"now {format_value(value)}" if value is not None else "not set"
    name = parameter.path.removeprefix("hyperparams.")
    return option(f"{name} · {budget.head(now, VALUE)}", parameter.path, parameter.doc)
