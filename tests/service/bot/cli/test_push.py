"""`signoff push` with a real git and a real build, without a network."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import make_app
from db.code import store
from db.queries import Queries
from db.session import Database

pytestmark = pytest.mark.service

Signoff = Callable[..., Result]
PROJECT = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "toy-cars"
version = "0.1"

[project.entry-points."signoff.rewards"]
action_penalty = "toy_cars:action_penalty"

[tool.setuptools]
packages = ["toy_cars"]
"""


@pytest.fixture
def signoff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signoff:
    for name in ("SIGNOFF_DATABASE_URL", "SIGNOFF_BROKER_URL", "SIGNOFF_ARTIFACTS_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIGNOFF_DATA_DIR", str(tmp_path / "data"))
    runner = CliRunner()

    def run(*arguments: str) -> Result:
        return runner.invoke(make_app(pretty=False), list(arguments))

    assert run("migrate").exit_code == 0
    return run


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A committed package."""
    folder = tmp_path / "cars"
    (folder / "toy_cars").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "toy_cars" / "__init__.py").write_text("def action_penalty(step, *, weight=0.0): ...\n")
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "work")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def queries(tmp_path: Path, signoff: Signoff) -> Queries:
    return Queries(Database(f"sqlite:///{tmp_path}/data/ledger.db"))


def test_the_same_source_is_the_same_bundle(
    signoff: Signoff, package: Path, queries: Queries, tmp_path: Path
) -> None:
    said = signoff("push", str(package))
    assert said.exit_code == 0, said.output
    first = queries.bundle("latest")
    assert f"code = {first.sha256[:12]}" in said.output
    assert (first.package, first.branch, first.is_dirty) == ("toy-cars", "main", False)
    assert first.commit == git(package, "rev-parse", "HEAD")
    artifacts = tmp_path / "data" / "runs"
    _, wheel = store.load(artifacts, first.sha256)
    assert "toy_cars/__init__.py" in wheel.files
    manifest = json.loads((store.folder_of(artifacts, first.sha256) / store.MANIFEST_FILE).read_text())
    assert manifest["files"] == dict(first.files)
    elsewhere = tmp_path / "another" / "place"
    elsewhere.parent.mkdir()
    subprocess.run(["git", "clone", "-q", str(package), str(elsewhere)], check=True)
    assert signoff("push", str(elsewhere)).exit_code == 0
    assert [one.sha256 for one in queries.bundles()] == [first.sha256]


def test_a_dirty_tree_keeps_its_patch_and_ignored_files_stay_out(
    signoff: Signoff, package: Path, queries: Queries, tmp_path: Path
) -> None:
    (package / ".gitignore").write_text("toy_cars/secret.py\n")
    commit(package)
    (package / "toy_cars" / "secret.py").write_text("PASSWORD = 1\n")
    (package / "toy_cars" / "new.py").write_text("x = 1\n")
    (package / "toy_cars" / "__init__.py").write_text("changed = 1\n")
    said = signoff("push", str(package))
    assert "Not everything was committed" in said.output
    bundle = queries.bundle("latest")
    assert bundle.is_dirty
    assert bundle.source.endswith("with changes")
    folder = store.folder_of(tmp_path / "data" / "runs", bundle.sha256)
    patch = (folder / store.PATCH_FILE).read_text()
    assert "+changed = 1" in patch
    assert "+x = 1" in patch
    assert "secret" not in patch
    assert "toy_cars/new.py" in bundle.files
    assert "toy_cars/secret.py" not in bundle.files
    commit(package)
    assert signoff("push", str(package)).exit_code == 0
    again = queries.bundle("latest")
    assert (again.sha256, again.is_dirty) == (bundle.sha256, False)
    assert not (folder / store.PATCH_FILE).exists()


def test_what_cannot_be_pushed_is_told_with_the_remedy(
    signoff: Signoff, package: Path, tmp_path: Path
) -> None:
    def refused(folder: Path) -> str:
        said = signoff("push", str(folder))
        assert said.exit_code == 1
        return " ".join(said.output.split())

    assert "is not a folder" in refused(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "has no pyproject.toml" in refused(tmp_path / "empty")
    (tmp_path / "empty" / "pyproject.toml").write_text(PROJECT)
    assert "run `git init` there" in refused(tmp_path / "empty")
    git(tmp_path / "empty", "init", "-q")
    assert "has no commit yet" in refused(tmp_path / "empty")
    (package / "pyproject.toml").write_text(
        PROJECT.split("[project.entry-points", maxsplit=1)[0] + "[tool.setuptools]\npackages = ['toy_cars']\n"
    )
    assert "declare at least one entry point" in refused(package)
    (package / "pyproject.toml").write_text(PROJECT.replace('"toy_cars"]', '"nowhere"]'))
    assert "could not be built" in (told := refused(package))
    assert "nowhere" in told
