"""How long a plot takes: reading the tables of five seeds and of their comparator, and drawing them.

In seconds of one core, so that a busy machine does not spoil the figure.

python -m bench.run plot_time
"""

import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.figure import Figure, at_most, figure
from worker.plots import CurveKind, CurveState, ExpectedLine, Panel, PlotSpec, alt_text, render
from worker.plots.read import read_curve

SEEDS = 5
TOTAL = 1_000_000
ROUNDS = 7


def _write_run(folder: Path, rows: int) -> None:
    folder.mkdir()
    spacing = max(1, TOTAL // rows)
    returns = "".join(f"{i * spacing},{i * 0.1:.3f},{500 * i / rows:.3f},200,3\n" for i in range(1, rows + 1))
    (folder / "metrics.csv").write_text("timesteps,time_s,reward,episode_length,episodes\n" + returns)
    looks = "".join(f"{i * TOTAL // 20},{25 * i},0.{i:02}\n" for i in range(1, 21))
    (folder / "evaluations.csv").write_text("timesteps,final_reward,oscillation\n" + looks)


def _draw_ms(folders: list[Path], path: Path) -> float:
    started = time.process_time()
    kinds = ([CurveKind.SEED] * SEEDS + [CurveKind.COMPARATOR] * SEEDS)[: len(folders)]
    curves = tuple(
        read_curve(folder, folder.name, kind, CurveState.DONE, {"final_reward": 480.0})
        for folder, kind in zip(folders, kinds, strict=True)
    )
    line = ExpectedLine(450, "asked: > 450")
    panel = Panel("final_reward", "final reward", "return", 0, 500, lines=(line,))
    plot = PlotSpec("E-1 · Plot", curves, (panel,), TOTAL, 100, 5, "E-2")
    render(plot, path)
    alt_text(plot, None)
    return (time.process_time() - started) * 1000


def figures() -> list[Figure]:
    found = [
        figure(f"plot of {SEEDS} + {SEEDS} runs with {rows:,} rows each", _warm_ms(2 * SEEDS, rows), "ms")
        for rows in (1_000, 20_000)
    ]
    million = _warm_ms(SEEDS, 1_000_000)
    found.append(at_most(f"plot of {SEEDS} runs with 1,000,000 rows each, tables read", million, 100, "ms"))
    return found


def _warm_ms(runs: int, rows: int) -> float:
    """The median of the rounds after one that warms up."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = [folder / f"s{i}" for i in range(runs)]
        _write_run(folders[0], rows)
        for other in folders[1:]:
            shutil.copytree(folders[0], other)
        _draw_ms(folders, folder / "plot.png")
        return round(median(_draw_ms(folders, folder / "plot.png") for _ in range(ROUNDS)), 1)
