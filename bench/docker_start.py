"""From the approving click to the first gradient step in a container, beside `docker run` by hand.

python -m bench.run docker_start         (root, with dockerd: an engine of its own is started)

Both train the same config in the same image on an idle host; the smoke run has passed before. The mark
is a line of the trainer's log, in both.
"""

import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.figure import Figure, figure
from db.doorbell import Task
from db.lifecycle import ApprovalPolicy, RunStatus
from db.records import Budget, DecisionKind, Experiment, Intent, Proposal
from tests.service.docker import images
from tests.service.docker.engine import Engine
from tests.service.worker.premises import ANA, KAI, Premises
from trainer.callbacks import FIRST_GRADIENT_STEP
from trainer.contract import LOG_FILE, SPEC_FILE

ROUNDS = 3
STEPS = 4096
GOAL = 1.15
PATIENCE_S = 300.0
_MARK = re.compile(r"^(\S+ \S+),(\d{3}) .*" + re.escape(FIRST_GRADIENT_STEP), re.MULTILINE)


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name, images.data_root() as data:
        engine = Engine(data)
        try:
            engine.start()
            yield from _measure(engine, Path(name))
        finally:
            engine.close()


def _measure(engine: Engine, root: Path) -> Iterator[Figure]:
    (root / "premises").mkdir()
    premises = Premises(
        root / "premises",
        SIGNOFF_LAUNCHER="docker",
        SIGNOFF_INSTANCE="bench",
        SIGNOFF_TRAINER_IMAGE=images.IMAGE,
        SIGNOFF_PASS_S="2",
        DOCKER_HOST=engine.url,
    )
    try:
        premises.start()
        clicked, by_hand = [], []
        _from_click(premises, 0)  # approves the image, so that the later smoke runs come before the click
        for n in range(1, ROUNDS + 1):
            seconds, spec = _from_click(premises, n)
            clicked.append(seconds)
            by_hand.append(_by_hand(engine, root / f"hand-{n}", spec))
        ours, theirs = median(clicked), median(by_hand)
        yield figure("`docker run` by hand to the first gradient step", theirs, "s")
        yield figure(
            "approving click to the first gradient step",
            ours,
            "s",
            against="docker run by hand",
            ratio=ours / theirs,
            goal=f"at most {GOAL} times",
            holds=ours <= GOAL * theirs,
        )
    finally:
        premises.close()


def _from_click(premises: Premises, n: int) -> tuple[float, Path]:
    """Seconds from the decision to the mark, and the spec that was trained."""
    proposed = _propose(premises, n)
    if n:
        premises.wait_for(
            lambda: premises.run(proposed, "smoke").status is RunStatus.SUCCEEDED,
            what="the smoke run",
            deadline_s=PATIENCE_S,
        )
        premises.wait_for(premises.all_slots_free, what="an idle host")
    clicked_at = time.time()
    premises.ledger.experiments.decide(
        proposed.number,
        revision=1,
        approval_hash=proposed.revision.approval_hash,
        kind=DecisionKind.APPROVE,
        decider=KAI,
        policy=ApprovalPolicy(approvers=None),
    )
    premises.bell.ring(Task.SCHEDULE, 0)
    premises.wait_for(lambda: premises.concluded(proposed), what="the result", deadline_s=PATIENCE_S)
    folder = premises.folder(premises.run(proposed, "s1"))
    return _marked_at(folder) - clicked_at, folder / SPEC_FILE


def _propose(premises: Premises, n: int) -> Experiment:
    intent = Intent(
        title=f"Round {n}", objective="measure", hypothesis="it is quick", expected="final reward > 0"
    )
    delta = {"total_timesteps": STEPS + n}
    budget = Budget(seeds=1, time_limit_s=600)
    return premises.ledger.experiments.propose(
        Proposal(ANA, premises.baseline(), dict(delta), intent, budget, channel_id="C1")
    )


def _by_hand(engine: Engine, folder: Path, spec: Path) -> float:
    """What somebody would type who has the run folder ready."""
    folder.mkdir()
    shutil.copy(spec, folder / SPEC_FILE)
    subprocess.run(["chown", "-R", "10001:10001", str(folder)], check=True)
    command = ["docker", "run", "--rm", "--init", "--network", "none", "--memory", "4g"]
    command += ["--volume", f"{folder}:/opt/training/logs", images.IMAGE]
    began_at = time.time()
    subprocess.run(command, env=engine.environment, check=True, capture_output=True)
    assert json.loads((folder / SPEC_FILE).read_text())["kind"] == "seed"
    return _marked_at(folder) - began_at


def _marked_at(folder: Path) -> float:
    """Containers write their log in UTC."""
    found = _MARK.search((folder / LOG_FILE).read_text())
    assert found is not None, f"{folder} has no first gradient step"
    second = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return second.timestamp() + int(found[2]) / 1000
