"""search, show, diff, lineage, presets: read the ledger."""

from typing import Annotated

import typer
from pydantic import JsonValue, TypeAdapter
from rich.text import Text
from rich.tree import Tree

from bot.cli.console import out, print_json, print_line, print_table
from bot.cli.ledger import experiment_number, open_ledger
from bot.cli.showing import diff_lines, print_experiment
from bot.pages.lines import line_of
from db.config.diff import Change, Missing, diff
from db.records import Experiment, SearchAnswer
from trainer.catalogue import Preset, load_presets
from trainer.contract import JsonObject

Number = Annotated[int, typer.Argument(parser=experiment_number, metavar="E-n")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def search(
    query: Annotated[list[str], typer.Argument(help="Words as you would say them.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many results.")] = 20,
    as_json: Json = False,
) -> None:
    """Find experiments by what they were about, what they changed and what came out."""
    text = " ".join(query)
    with open_ledger() as ledger:
        answer = ledger.reader.search(text, limit)
    if as_json:
        print_json(_json(SearchAnswer, answer))
        return
    for note in (*(f"Understood: {part}" for part in answer.filters), *answer.warnings):
        print_line(note, "yellow")
    lines = [line_of(summary) for summary in answer.results]
    if not lines:
        print_line("Nothing matches; try fewer or other words.")
        return
    rows = [(line.key, line.title, line.state, line.changes, line.got, line.about) for line in lines]
    print_table(("Experiment", "Title", "State", "Changed", "Got", "Who, what, when"), rows)


def show(number: Number, as_json: Json = False) -> None:
    """Show one experiment: contract, changes, seeds, verdict, conclusion."""
    with open_ledger() as ledger:
        sources = ledger.reader.sources(number)
    if as_json:
        print_json(_json(Experiment, sources.experiment))
    else:
        print_experiment(sources)


def diff_command(a: Number, b: Number, as_json: Json = False) -> None:
    """Show what changes from one experiment's whole config to another's."""
    with open_ledger() as ledger:
        before, after = ledger.queries.resolved(a).config, ledger.queries.resolved(b).config
    changes = diff(before, after)
    if as_json:
        print_json([_change(change) for change in changes])
        return
    print_line(f"E-{a} → E-{b}: {len(changes)} change{'' if len(changes) == 1 else 's'}", "bold")
    for sign, text in diff_lines(changes):
        print_line(text, {"-": "red", "+": "green"}.get(sign, ""))


def lineage(number: Number, as_json: Json = False) -> None:
    """Show where an experiment comes from, from its root on, and its children."""
    with open_ledger() as ledger:
        path = ledger.queries.lineage(number)
        children = ledger.queries.children(number)
    if as_json:
        print_json([_json(Experiment, step) for step in path])
        return
    tree = branch = Tree(Text(f"{path[0].key}  {path[0].title}"))
    for step in path[1:]:
        branch = branch.add(Text(f"{step.key}  {step.title}", style="bold" if step.number == number else ""))
    for child in map(line_of, children):
        branch.add(Text(f"{child.key}  {child.title}  ({child.state}) {child.changes}"))
    out().print(tree)


def presets(as_json: Json = False) -> None:
    """List the baselines that every ledger begins with, their sources and published rewards."""
    known = load_presets()
    if as_json:
        print_json([_json(Preset, preset) for preset in known])
        return
    rows = [(p.name, p.title, p.published, p.source) for p in known]
    print_table(("Preset", "Title", "Published", "Source"), rows)


def _change(change: Change) -> JsonValue:
    entry: JsonObject = {"path": change.dotted, "kind": change.kind.value}
    for name, side in (("before", change.before), ("after", change.after)):
        if not isinstance(side, Missing):
            entry[name] = side
    return entry


def _json(kind: type[object], value: object) -> JsonValue:
    dumped: JsonValue = TypeAdapter(kind).dump_python(value, mode="json")
    return dumped
