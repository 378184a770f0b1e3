"""The pictures of a result, each drawn by a process of its own: one that hangs costs no result."""

import subprocess
import sys
from pathlib import Path
from typing import Protocol

from db import seeds
from db.claims import Claims, read_claims
from db.expectation import Comparison, CountOfSeeds, Equivalence
from db.queries import Queries
from db.redact import one_line
from trainer.contract import RunKind

PATIENCE_S = 30


class PictureFailed(Exception):
    """There is no picture; the message says why."""


class Artist(Protocol):
    def draw(self, number: int, path: Path) -> str:
        """Draws experiment `number` as it stands; returns what the picture says in words.

        Raises `PictureFailed`.
        """

    def draw_sheet(self, number: int, path: Path) -> str:
        """Likewise the diagnostics sheet; "" where no seed left anything to draw."""


class OtherProcess:
    """Draws by `python -m worker --picture NUMBER PATH` and `--sheet NUMBER PATH`, within 30 s each."""

    def draw(self, number: int, path: Path) -> str:
        return self._draw("--picture", number, path)

    def draw_sheet(self, number: int, path: Path) -> str:
        return self._draw("--sheet", number, path)

    def _draw(self, what: str, number: int, path: Path) -> str:
        command = (sys.executable, "-m", "worker", what, str(number), str(path))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(  # noqa: S603  # an argument list of our own, no shell
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PictureFailed(f"it took longer than {PATIENCE_S} s") from error
        except OSError as error:
            raise PictureFailed(str(error)) from error
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()
            raise PictureFailed(one_line(said[-1]) if said else f"exit code {done.returncode}")
        return done.stdout.strip()


def paint(queries: Queries, artifacts: Path, number: int, path: Path) -> str:
    """Draws the experiment's plot to `path` and returns its alt text. For the process of its own."""
    # matplotlib takes half a second to import, and only this process needs it.
    from worker.plots import alt_text, plot_spec, read_curves, render  # noqa: PLC0415

    experiment = queries.experiment(number)
    revision = experiment.revision
    claims = read_claims(revision.intent, revision.config, experiment.parent or number)
    ours = seeds.counting(seeds.of_kind(experiment.runs, RunKind.SEED))
    theirs = queries.comparators(number).get(_compared_first(claims), ())
    plot = plot_spec(experiment, claims.expectation, read_curves(artifacts, ours, theirs))
    render(plot, path)
    return alt_text(plot, queries.verdict(number))


def paint_sheet(queries: Queries, artifacts: Path, number: int, path: Path) -> str:
    """Draws the experiment's diagnostics sheet to `path`; its alt text, "" where there is nothing to draw."""
    from worker.plots import read_sheet, render_sheet, sheet_alt  # noqa: PLC0415 - as above

    sheet = read_sheet(artifacts, queries.experiment(number))
    return sheet_alt(sheet) if render_sheet(sheet, path) else ""


def _compared_first(claims: Claims) -> int:
    """The comparator of the first claim that has one: the curve that the plot names."""
    for claim in claims.expectation.claims:
        inner = claim.claim if isinstance(claim, CountOfSeeds) else claim
        if isinstance(inner, Comparison | Equivalence):
            return claims.compared[inner.other]
    return claims.alongside
