"""package: one trained policy as a zip that needs nothing of Signoff."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median_low
from typing import Annotated

import typer

from bot.cli.console import print_line
from bot.cli.ledger import experiment_number, open_ledger
from bot.cli.package_image import build_image
from db import seeds
from db.code import store
from db.errors import NotFound, Refused
from db.lifecycle import RunStatus
from db.records import Experiment, Run
from db.redact import one_line
from trainer.contract import JsonObject, RunKind

WITHIN_S = 300.0
REWARD = "final_reward"


def package(
    number: Annotated[int, typer.Argument(parser=experiment_number, metavar="E-n")],
    seed: Annotated[
        str | None,
        typer.Option(help="The run to take, such as s1; by default the one with the median reward."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="Where to write; by default E-n-s1.zip in this folder.")
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(help="Build a Docker image of this name, too, which serves the policy or evaluates it."),
    ] = None,
    base: Annotated[
        str, typer.Option(help="The trainer's image, on which --image is built, without a network.")
    ] = "signoff-trainer",
) -> None:
    """Package a trained policy: weights, config, evidence, and programs that evaluate and serve it."""
    with open_ledger() as ledger:
        experiment = ledger.queries.experiment(number)
        run = chosen(experiment, seed)
        artifacts = ledger.settings.artifacts_folder
    assert run.attempt is not None
    out = file or Path(f"{run.key.replace('/', '-')}.zip")
    if not out.absolute().parent.is_dir():
        raise NotFound(f"{out.absolute().parent} is not a folder; create it, or give another --out")
    _make(artifacts / run.attempt.folder, about(experiment, run), out, _code(artifacts, run))
    print_line(f"{run.key} is packaged in {out} ({out.stat().st_size / 1e6:,.1f} MB).", "green")
    if seed is None and len(_done(experiment)) > 1:
        print_line(
            "It is the seed with the median reward: neither the best nor the worst. --seed takes another."
        )
    if image is not None:
        build_image(out, image, base)
        print_line(
            f"`docker run -p 8000:8000 {image}` serves it, `docker run {image} evaluate.py` evaluates it."
        )
    print_line(f"Unpack it and read README.md; `python serve.py` answers POST /act with {run.key}'s actions.")


def chosen(experiment: Experiment, label: str | None) -> Run:
    """The run that was asked for, or a typical one: the best of several would promise too much.

    Raises NotFound and Refused, saying which runs there are.
    """
    done = _done(experiment)
    if label is not None:
        run = next((run for run in experiment.runs if run.label == label), None)
        if run is None:
            known = ", ".join(run.label for run in experiment.runs) or "none"
            raise NotFound(f"{experiment.key} has no run {label}; it has {known}")
        if run not in done:
            raise Refused(f"{run.key} is {run.status.value}; only a run that succeeded can be packaged")
        return run
    if not done:
        raise Refused(f"{experiment.key} has no run that succeeded; there is nothing to package yet")
    rewards = {run.label: _reward(run) for run in done}
    middle = median_low(rewards.values())
    return next(run for run in done if rewards[run.label] == middle)


def _done(experiment: Experiment) -> list[Run]:
    """The runs that succeeded: seeds first that count, a comparator's only by name."""
    counted = seeds.counting(seeds.of_kind(experiment.runs, RunKind.SEED))
    others = [run for run in experiment.runs if run.kind is RunKind.COMPARATOR]
    return [
        run for run in (*counted, *others) if run.status is RunStatus.SUCCEEDED and run.attempt is not None
    ]


def _reward(run: Run) -> float:
    return run.result.metrics.get(REWARD, 0.0) if run.result else 0.0


def about(experiment: Experiment, run: Run) -> JsonObject:
    """What the ledger knows and the run folder does not."""
    revision = experiment.revision
    newest = experiment.results[-1] if experiment.results else None
    return {
        "title": experiment.title,
        "kind": run.kind.value,
        "objective": revision.intent.objective,
        "expected": revision.intent.expected,
        "outcome": newest.outcome if newest else None,
        "conclusion": experiment.conclusion.text if experiment.conclusion else None,
        "config_hash": revision.config_hash,
        "approval_hash": revision.approval_hash,
        "approved_by": [decision.decider.name for decision in experiment.decisions],
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "findings": [finding.to_json() for finding in run.findings],
    }


def _code(artifacts: Path, run: Run) -> bytes | None:
    """The wheel of the code bundle that the run was signed with, as it was pushed."""
    sha256 = run.config.get("code")
    return store.load(artifacts, sha256)[0] if isinstance(sha256, str) else None


def _make(folder: Path, known: JsonObject, out: Path, code: bytes | None) -> None:
    """The trainer makes it, in a process of its own: it alone knows what its run folders hold."""
    with tempfile.TemporaryDirectory(prefix="signoff-package-") as scratch:
        facts, wheel = Path(scratch, "about.json"), Path(scratch, "code.whl")
        facts.write_text(json.dumps(known), encoding="utf-8")
        command = [sys.executable, "-m", "trainer.bundle", str(folder), str(facts), str(out.absolute())]
        if code is not None:
            wheel.write_bytes(code)
            command.append(str(wheel))
        try:
            done = subprocess.run(  # noqa: S603 - this very program, no shell
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=WITHIN_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Refused(f"packaging took longer than {WITHIN_S:.0f} s") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Refused(one_line(said[-1]) if said else f"packaging ended with code {done.returncode}")
