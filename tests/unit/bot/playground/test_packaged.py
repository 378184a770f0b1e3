"""An installed playground has its page with it."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import bot.playground

STATIC = Path(str(bot.playground.__file__)).parent / "static"


def test_every_file_of_the_page_is_packaged() -> None:
    project = tomllib.loads((STATIC.parents[2] / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert [path for path in files if not any(fnmatch(path.name, pattern) for pattern in patterns)] == []
