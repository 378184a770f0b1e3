"""The page of one run: its recording, its evaluation episodes, its files. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.messages import findings, numbers, words
from bot.messages.escape import one_line, plain
from bot.pages.experiment import run_state, run_tone
from db.records import Experiment, Run
from trainer.contract import (
    EPISODES_FILE,
    EVALUATIONS_FILE,
    METRICS_FILE,
    ONNX_FILE,
    TENSORBOARD_FOLDER,
    VIDEO_FILES,
    Keepsake,
)

MAX_ROWS = 500
MAX_COLUMNS = 20
_EXACT = frozenset({"episode", "seed"})
DOWNLOADS: Mapping[str, str] = {
    ONNX_FILE: "the policy as ONNX, its actions checked against the original",
    EPISODES_FILE: "the final evaluation's episodes",
    EVALUATIONS_FILE: "evaluations during training",
    METRICS_FILE: "training episodes and losses",
}
_NAMES: Mapping[str, str] = {"video": "Recording", "onnx": "ONNX"}


@dataclass(frozen=True)
class Episodes:
    """The table of the final evaluation's episodes; `left_out` rows are not shown."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0


@dataclass(frozen=True)
class RunPage:
    """All that the template shows; nothing in it is markup."""

    number: int
    key: str
    label: str
    title: str
    state: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    findings: tuple[str, ...]
    video: str | None
    is_animation: bool
    video_alt: str
    notes: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    episodes: Episodes | None


def run_page(experiment: Experiment, run: Run, episodes: str, present: Sequence[str]) -> RunPage:
    """`episodes` is the text of `episodes.csv`, "" without one; `present` the files that can be read."""
    kept: Sequence[Keepsake] = run.result.keepsakes if run.result else ()
    files = {keepsake.file for keepsake in kept}
    video = next((name for name in VIDEO_FILES if name in files and name in present), None)
    reward = run.result.metrics.get("final_reward") if run.result else None
    scored = f", whose mean final reward is {numbers.metric(reward)}" if reward is not None else ""
    return RunPage(
        number=experiment.number,
        key=run.key,
        label=run.label,
        title=one_line(experiment.title),
        state=run_state(run),
        tone=run_tone(run),
        facts=tuple(_facts(run)),
        findings=tuple(findings.sentence(finding) for finding in run.findings),
        video=video,
        is_animation=video is not None and video.endswith(".gif"),
        video_alt=f"One evaluation episode of {run.key}{scored}.",
        notes=tuple(_note(keepsake) for keepsake in kept if keepsake.note),
        files=tuple((name, said) for name, said in DOWNLOADS.items() if name in present),
        episodes=_table(episodes),
    )


def _facts(run: Run) -> list[tuple[str, str]]:
    result, attempt = run.result, run.attempt
    cause = words.CAUSES[run.cause] if run.cause else ""
    rows = [
        ("Ended", ": ".join(part for part in (cause, plain(run.message)) if part)),
        ("Seed", str(run.seed)),
        ("Steps", numbers.steps(result.timesteps) if result else ""),
        ("Took", numbers.duration(result.duration_s) if result else ""),
        ("Speed", f"{result.steps_per_s:,.0f} steps/s" if result and result.steps_per_s else ""),
        ("Memory", f"{result.peak_memory_mb:,.0f} MB" if result and result.peak_memory_mb else ""),
        ("Device", result.device or "" if result else ""),
        ("Host", attempt.host_id if attempt else ""),
        ("Attempt", str(attempt.n) if attempt else ""),
        ("TensorBoard", f"{attempt.folder}/{TENSORBOARD_FOLDER}, below the artifacts" if attempt else ""),
    ]
    return [(name, text) for name, text in rows if text]


def _note(keepsake: Keepsake) -> str:
    return f"{_NAMES.get(keepsake.kind, plain(keepsake.kind))}: none, {one_line(keepsake.note)}."


def _table(text: str) -> Episodes | None:
    """The table as it was written; strange rows are left out."""
    if not text:
        return None
    header, *rows = list(csv.reader(io.StringIO(text.replace("\0", ""))))[: MAX_ROWS + 2] or [[]]
    if not header or len(header) > MAX_COLUMNS:
        return None
    shown = [
        tuple(_cell(name, value) for name, value in zip(header, row, strict=True))
        for row in rows[:MAX_ROWS]
        if len(row) == len(header)
    ]
    names = tuple(name.replace("_", " ") if name in _EXACT else words.metric_name(name) for name in header)
    return Episodes(names, tuple(shown), max(0, text.count("\n") - 1 - len(shown)))


def _cell(name: str, text: str) -> str:
    try:
        return text[:20] if name in _EXACT else numbers.metric(float(text))
    except ValueError:
        return text[:20]
