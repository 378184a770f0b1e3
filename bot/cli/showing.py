"""An experiment as text: the same facts as its page."""

from collections.abc import Iterator, Sequence

from rich.panel import Panel
from rich.text import Text

from bot.cli.console import out, print_line, print_table
from bot.messages.escape import one_line
from bot.messages.facts import Links
from bot.pages.experiment import Sources, page_of
from bot.pages.shapes import ExperimentPage, ResultBlock
from db.config.diff import Change, ChangeKind, Missing, Side, flat
from db.config.hashes import format_value

_TONES = {"good": "green", "bad": "red", "open": "yellow", "": "cyan"}


def diff_lines(changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """(sign, line) for each side of each change; the sign and a word stand in the line as well."""
    for change in flat(changes):
        word = change.kind.value
        if change.kind is not ChangeKind.ADDED:
            note = f"  ({word})" if change.kind is ChangeKind.REMOVED else ""
            yield "-", f"- {change.dotted} = {_value(change.before)}{note}"
        if change.kind is not ChangeKind.REMOVED:
            note = f"  ({word})" if change.kind is not ChangeKind.CHANGED else ""
            yield "+", f"+ {change.dotted} = {_value(change.after)}{note}"


def print_experiment(sources: Sources) -> None:
    """Print what `signoff show` says."""
    page = page_of(sources, Links())
    head = Text.assemble(
        (page.key, "bold"), " · ", (page.title, "bold"), " · ", (page.state, _TONES[page.tone])
    )
    console = out()
    console.print(Panel.fit(head, border_style=_TONES[page.tone]) if console.is_terminal else head)
    print_line(page.about, "dim")
    for name, text in page.contract:
        console.print(Text.assemble((f"{name}: ", "cyan"), text))
    print_line()
    print_line(page.diff_title, "bold")
    for sign, text in diff_lines(sources.changes):
        print_line(text, {"-": "red", "+": "green"}[sign])
    _print_runs(page)
    for result in page.results:
        _print_result(result)
    if page.conclusion:
        print_line()
        print_line("Conclusion", "bold")
        print_line(page.conclusion.text)
        print_line(page.conclusion.by, "dim")


def _print_runs(page: ExperimentPage) -> None:
    if not page.runs:
        return
    print_line()
    rows = [(run.label, run.state, *run.metrics, run.steps, run.exit, run.message) for run in page.runs]
    print_table(("Run", "State", *page.metric_names, "Steps", "Exit", "Why"), rows)
    for run in page.runs:
        if run.log_tail:
            print_line()
            print_line(f"Last lines of {run.label}", "bold")
            print_line(run.log_tail, "dim")


def _print_result(result: ResultBlock) -> None:
    print_line()
    print_line(f"Result {result.n}: {result.outcome}", f"bold {_TONES[result.tone]}")
    for claim in result.claims:
        guard = " (must not get worse)" if claim.guard else ""
        print_line(f"  {claim.asked}{guard}: {claim.outcome}", _TONES[claim.tone])
        for name, text in (("Got", claim.got), ("Diff", claim.difference)):
            if text:
                print_line(f"    {name}: {text}")
        if claim.reason:
            print_line(f"    {claim.reason}", "dim")
    for note in result.notes:
        print_line(f"  {note}", "dim")
    for finding in result.findings:
        print_line(f"  {finding.severity}: {finding.text}", _TONES[finding.tone])


def _value(value: Side) -> str:
    return "" if isinstance(value, Missing) else one_line(format_value(value))
