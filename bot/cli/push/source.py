"""A package's files as git knows them: tracked ones and new ones, without what is ignored."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from db.errors import CodeRefused

GIT_PATIENCE_S = 60.0
MAX_PATCH_BYTES = 8 * 2**20
_FORMAT = ("-c", "core.quotepath=off", "-c", "diff.noprefix=false", "-c", "color.ui=never")


@dataclass(frozen=True)
class Source:
    """`files` are relative to `folder`; `dirty_patch` leads from the commit to them, None if it has them."""

    folder: Path
    commit: str
    branch: str
    dirty_patch: str | None
    files: tuple[Path, ...]

    def copy_to(self, target: Path) -> None:
        """The files alone, with equal rights, so that nothing else can reach the build."""
        for name in self.files:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / name, target / name)
            (target / name).chmod(0o644)


def read_source(folder: Path) -> Source:
    """What would be pushed from a folder.

    :raises CodeRefused: where it is no package in a git repository with a commit.
    """
    if not folder.is_dir():
        raise CodeRefused(f"{folder} is not a folder; give the folder of your package")
    if not (folder / "pyproject.toml").is_file():
        raise CodeRefused(
            f"{folder} has no pyproject.toml, so it is no package; docs/your-own-code.md shows a small one"
        )
    if _git(folder, "rev-parse", "--is-inside-work-tree") is None:
        raise CodeRefused(
            f"{folder} is not in a git repository; run `git init` there and commit, so that a run can be "
            "traced to its source"
        )
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if commit is None:
        raise CodeRefused(f"{folder} has no commit yet; commit your package first")
    branch = _git(folder, "symbolic-ref", "--short", "-q", "HEAD") or ""
    patch = _dirty_patch(folder)
    return Source(folder, commit.strip(), branch.strip(), patch or None, _files(folder))


def _files(folder: Path) -> tuple[Path, ...]:
    listed = _asked(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    names = sorted({Path(name) for name in listed.split("\0") if name})
    return tuple(name for name in names if (folder / name).is_file() and not (folder / name).is_symlink())


def _dirty_patch(folder: Path) -> str:
    """What the commit lacks of the folder: changes of tracked files, and new files as a whole."""
    changed = _asked(folder, *_FORMAT, "diff", "--binary", "HEAD", "--", ".")
    new = _asked(folder, "ls-files", "-z", "--others", "--exclude-standard", "--", ".").split("\0")
    parts = [changed, *(_new_file(folder, name) for name in sorted(new) if name)]
    patch = "".join(parts)
    if len(patch) > MAX_PATCH_BYTES:
        raise CodeRefused(
            f"what is not committed makes a patch of {len(patch) / 1e6:,.0f} MB; commit it, or let "
            ".gitignore name it"
        )
    return patch


def _new_file(folder: Path, name: str) -> str:
    """`git diff --no-index` ends with 1 where there is a difference."""
    done = _run(folder, *_FORMAT, "diff", "--binary", "--no-index", "--", "/dev/null", name)
    return done.stdout


def _asked(folder: Path, *arguments: str) -> str:
    done = _run(folder, *arguments)
    if done.returncode:
        raise CodeRefused(f"git cannot read {folder}: {done.stderr.strip()[:300]}")
    return done.stdout


def _git(folder: Path, *arguments: str) -> str | None:
    done = _run(folder, *arguments)
    return None if done.returncode else done.stdout


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - an argument list of our own, no shell
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git of the person who pushes
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=GIT_PATIENCE_S,
            check=False,
        )
    except FileNotFoundError:
        raise CodeRefused("git is not installed here; install it to push code") from None
    except subprocess.TimeoutExpired:
        raise CodeRefused(f"git did not answer for {folder} within {GIT_PATIENCE_S:.0f} s") from None
