"""Runs the benchmarks, prints each figure beside its goal, writes bench/results.json.

    python -m bench.run                      all of them
    python -m bench.run verdict_errors       these only; the others' results stay as they are
    python -m bench.run --list

A benchmark is a module in this folder with a function `figures() -> Iterable[Figure]`; there is nothing
to register. Each figure is written as soon as it is there. Exits 1 where a goal does not hold.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figure import Bench, Figure

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"


@dataclass(frozen=True)
class BenchResult:
    """What one benchmark measured, until now or, where `complete`, in all."""

    bench: str
    duration_s: float
    figures: list[Figure]
    complete: bool = True

    def stored(self) -> list[Figure]:
        """Its figures as they stand in results.json: their names begin with the benchmark's."""
        return [{**figure, "name": f"{self.bench}: {figure['name']}"} for figure in self.figures]


def names() -> list[str]:
    """The benchmarks there are: the modules of this folder that define `figures`."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if "\ndef figures()" in path.read_text())


def run(name: str) -> BenchResult:
    """Measure, and write each figure at once."""
    started = time.perf_counter()
    bench: Bench = import_module(f"bench.{name}").figures
    figures: list[Figure] = []

    def so_far(*, complete: bool) -> BenchResult:
        took = round(time.perf_counter() - started, 1)
        return BenchResult(bench=name, duration_s=took, figures=figures, complete=complete)

    for figure in bench():
        figures.append(figure)
        write(so_far(complete=False))
    write(so_far(complete=True))
    return so_far(complete=True)


def write(result: BenchResult) -> None:
    stored: list[Figure] = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    RESULTS.write_text(json.dumps(merged(result, stored), indent=1, ensure_ascii=False) + "\n")


def merged(new: BenchResult, stored: list[Figure]) -> list[Figure]:
    """The stored figures with the new ones in their place; those of benchmarks that are gone are dropped.

    While a benchmark is not complete, its earlier figures of other names stay.
    """
    fresh = new.stored()
    named = {figure["name"] for figure in fresh}
    if not new.complete:
        fresh += [figure for figure in _of(new.bench, stored) if figure["name"] not in named]
    return [figure for name in names() for figure in (fresh if name == new.bench else _of(name, stored))]


def _of(bench: str, figures: list[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure["name"].startswith(f"{bench}: ")]


def table(result: BenchResult) -> Table:
    drawn = Table(title=f"{result.bench} ({result.duration_s:g} s)", title_justify="left")
    for heading in ("figure", "value", "against", "goal", "holds"):
        drawn.add_column(heading, justify="right" if heading == "value" else "left")
    for figure in result.figures:
        ratio = f" ({figure['ratio']:.2f}x)" if figure["ratio"] is not None else ""
        drawn.add_row(
            figure["name"],
            f"{_number(figure['value'])} {figure['unit']}",
            f"{figure['against'] or ''}{ratio}",
            figure["goal"] or "reported",
            {True: "yes", False: "[bold red]NO[/]", None: ""}[figure["holds"]],
        )
    return drawn


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Run benchmarks.")
    parser.add_argument("names", nargs="*", help="which to run; all of them if none is named")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(names()))
        return 0
    unknown = [name for name in asked.names if name not in names() or find_spec(f"bench.{name}") is None]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(names())}")
    console = Console(width=None if sys.stdout.isatty() else 150)
    results = []
    for name in asked.names or names():
        results.append(run(name))
        console.print(table(results[-1]))
    return int(any(figure["holds"] is False for result in results for figure in result.figures))


if __name__ == "__main__":
    sys.exit(main())
