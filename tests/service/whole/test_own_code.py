"""The example package from `signoff push` to a verdict; what was changed afterwards is refused."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.bundles import CodeReader
from bot.cli.app import make_app
from bot.forms.filled import Filled
from bot.forms.understand import Start, Understood, understand
from db.code import store
from db.doorbell import Task
from db.lifecycle import ApprovalPolicy, ExitCause, RunStatus
from db.records import Budget, Bundle, DecisionKind, Experiment, Intent, Proposal
from tests.service.worker.premises import ANA, KAI, Premises
from trainer.catalogue import load_catalogue
from worker.checkpoints import newest_valid

pytestmark = pytest.mark.service

EXAMPLE = Path(__file__).parents[3] / "examples" / "turning-vehicle"
CHANGES = """
code = latest
env = TurningVehicle-v0
eval.env.id = TurningVehicle-v0
inertia_s = 0.5
total_timesteps = 512
n_steps = 128
batch_size = 32
n_envs = 1
action_penalty = 0.5
eval.n_eval_episodes = 5
eval.interim.points = 1
eval.metrics.heading_error = {"info_key": "heading_error", "direction": "lower", "unit": "", "range": [0, 4]}
"""
CLIMB = """
code = latest
program = climb
spread = 0.75
env = TurningVehicle-v0
eval.env.id = TurningVehicle-v0
total_timesteps = 3000
eval.n_eval_episodes = 5
eval.interim.points = 1
"""


class OwnCode:
    def __init__(self, premises: Premises, package: Path) -> None:
        self.premises, self.package = premises, package

    def commit(self) -> str:
        for arguments in (("add", "-A"), ("commit", "-q", "-m", "work")):
            identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
            subprocess.run(["git", "-C", str(self.package), *identity, *arguments], check=True)
        named = ["git", "-C", str(self.package), "rev-parse", "HEAD"]
        return subprocess.run(named, capture_output=True, text=True, check=True).stdout.strip()

    def push(self) -> Bundle:
        """Push, and wait until the trainer has looked at it."""
        said = CliRunner().invoke(make_app(pretty=False), ["push", str(self.package)])
        assert said.exit_code == 0, said.output
        bundle = self.premises.queries.bundle("latest")
        self.premises.wait_for(
            lambda: self.premises.queries.description(bundle.sha256) is not None, what="a description"
        )
        return bundle

    def understood(self, parent: int, changes: str) -> Understood:
        """The changes as the form reads them."""
        resolved = self.premises.queries.resolved(parent)
        reader = CodeReader(self.premises.queries, load_catalogue())
        named = reader.named(changes, resolved.config)
        return understand(Filled(parent=parent, changes=changes), Start(parent, "", resolved), named)

    def approve(self, parent: int, changes: str) -> Experiment:
        understood = self.understood(parent, changes)
        assert understood.errors == {}
        assert understood.delta is not None
        intent = Intent(title="t", objective="o", hypothesis="h", expected="final reward > -500")
        proposal = Proposal(ANA, parent, understood.delta, intent, Budget(1, 600), channel_id="C1")
        experiments = self.premises.ledger.experiments
        proposed = experiments.propose(proposal)
        approved = experiments.decide(
            proposed.number,
            revision=1,
            approval_hash=proposed.revision.approval_hash,
            kind=DecisionKind.APPROVE,
            decider=KAI,
            policy=ApprovalPolicy(approvers=None),
        )
        self.premises.bell.ring(Task.SCHEDULE, 0)
        return approved

    def pendulum(self) -> int:
        found = self.premises.queries.parents_like("ppo pendulum")
        return next(row.number for row in found if row.algo == "ppo" and row.env_id == "Pendulum-v1")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """The example in a git repository of its own, beside a worker."""
    for name in ("SIGNOFF_DATABASE_URL", "SIGNOFF_BROKER_URL", "SIGNOFF_ARTIFACTS_DIR"):
        monkeypatch.delenv(name, raising=False)
    package, root = tmp_path / "turning-vehicle", tmp_path / "data"
    shutil.copytree(EXAMPLE, package, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__", "build"))
    subprocess.run(["git", "init", "-q", "-b", "main", str(package)], check=True)
    root.mkdir()
    monkeypatch.setenv("SIGNOFF_DATA_DIR", str(root))
    premises = Premises(root)
    premises.start()
    try:
        yield OwnCode(premises, package)
    finally:
        premises.close()


@pytest.mark.timeout(400)
def test_from_a_push_to_a_verdict(own: OwnCode) -> None:
    commit = own.commit()
    bundle = own.push()
    assert (bundle.commit, bundle.is_dirty) == (commit, False)
    found = own.premises.queries.description(bundle.sha256)
    assert found is not None
    assert found.catalogue is not None, found.message

    refused = own.understood(own.pendulum(), "code = latest\naction_penalty = -1").errors
    assert "at least 0" in refused["changes"]
    experiment = own.approve(own.pendulum(), CHANGES)
    assert experiment.revision.config["code"] == bundle.sha256
    assert experiment.revision.delta["reward"] == {"action_penalty": 0.5}
    own.premises.wait_for(lambda: own.premises.concluded(experiment), what="a verdict", deadline_s=240)
    run = own.premises.run(experiment, "s1")
    assert run.status is RunStatus.SUCCEEDED, (run.message, run.log_tail)
    assert run.result is not None
    assert run.result.fingerprint["class"] == "turning_vehicle.vehicle.TurningVehicle"
    assert 0 < run.result.metrics["heading_error"] < 4

    assert _packaged_and_evaluated(own, experiment)["reproduced"] is True

    rewards = own.package / "turning_vehicle" / "rewards.py"
    rewards.write_text(rewards.read_text().replace("return -weight", "return -2 * weight"))
    own.commit()
    changed = own.push()
    assert changed.sha256 != bundle.sha256
    path = store.folder_of(own.premises.shared.artifacts_folder, changed.sha256) / store.WHEEL_FILE
    child = own.approve(experiment.number, "code = latest\naction_penalty = 0.25")
    path.write_bytes(path.read_bytes().replace(b"-2 * weight", b"-9 * weight"))
    own.premises.bell.ring(Task.SCHEDULE, 0)
    own.premises.wait_for(
        lambda: own.premises.run(child, "smoke").status is RunStatus.FAILED, what="the refusal"
    )
    smoke = own.premises.run(child, "smoke")
    assert smoke.cause is ExitCause.START_FAILURE
    assert "is not what was pushed" in smoke.message


def _packaged_and_evaluated(own: OwnCode, experiment: Experiment) -> dict[str, object]:
    """What the package's own evaluation says where nothing is but the package."""
    out = own.premises.root / "policy.zip"
    said = CliRunner().invoke(make_app(pretty=False), ["package", experiment.key, "--out", str(out)])
    assert said.exit_code == 0, said.output
    with zipfile.ZipFile(out) as archive:
        archive.extractall(own.premises.root / "package")
    (folder,) = (own.premises.root / "package").iterdir()
    done = subprocess.run(
        [sys.executable, "-s", "evaluate.py"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.timeout(300)
def test_a_training_program_of_the_bundle_trains_in_place_of_ours(own: OwnCode) -> None:
    own.commit()
    bundle = own.push()
    refused = own.understood(own.pendulum(), "code = latest\nprogram = climb\nspread = 0").errors
    assert "a number above 0" in refused["changes"]
    experiment = own.approve(own.pendulum(), CLIMB)
    assert experiment.revision.config["program"] == {"name": "climb", "climb": {"spread": 0.75}}
    own.premises.wait_for(lambda: own.premises.concluded(experiment), what="a verdict", deadline_s=240)
    smoke, run = (own.premises.run(experiment, label) for label in ("smoke", "s1"))
    assert smoke.result is not None
    assert smoke.result.smoke is not None, (smoke.message, smoke.log_tail)
    assert run.status is RunStatus.SUCCEEDED, (run.message, run.log_tail)
    assert run.result is not None
    assert run.result.message.startswith("Climbed for ")
    assert run.result.metrics["final_reward"] > -200
    assert run.attempt is not None
    kept = own.premises.shared.artifacts_folder / run.attempt.folder
    assert newest_valid(kept) == run.result.checkpoint
    told = json.loads((kept / "spec.json").read_text())["config"]
    assert (told["code"], told["program"]["climb"]) == (bundle.sha256, {"spread": 0.75})
    assert own.premises.queries.experiment(experiment.number).results[-1].outcome is not None


def test_a_package_that_cannot_be_imported_is_told(own: OwnCode) -> None:
    (own.package / "turning_vehicle" / "rewards.py").write_text("import nowhere_to_be_found\n")
    own.commit()
    bundle = own.push()
    found = own.premises.queries.description(bundle.sha256)
    assert found is not None
    assert found.catalogue is None
    assert found.message == (
        "turning-vehicle needs the package nowhere_to_be_found, which is not installed here: add it to the "
        "trainer's image, or do without it."
    )
    understood = own.understood(own.pendulum(), "code = latest\naction_penalty = 1")
    assert "nowhere_to_be_found" in understood.errors["changes"]


def test_the_tests_of_the_example_pass_without_signoff() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONPATH": str(EXAMPLE), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
