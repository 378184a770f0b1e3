from pathlib import Path

import pytest

from db.code import store, wheel
from db.errors import CodeRefused
from tests.unit.db.code.wheels import made

CONTENT = wheel.canonical(made({"toy/a.py": "x\n"}))


def test_what_is_kept_is_loaded(tmp_path: Path) -> None:
    sha256 = store.keep(tmp_path, CONTENT, {"commit": "c"}, "+x\n")
    folder = store.folder_of(tmp_path, sha256)
    assert store.load(tmp_path, sha256)[0] == CONTENT
    assert (folder / store.PATCH_FILE).read_text() == "+x\n"
    store.keep(tmp_path, CONTENT, {"commit": "d"}, None)
    assert sorted(path.name for path in folder.iterdir()) == ["bundle.whl", "manifest.json"]


def test_changed_bytes_are_refused(tmp_path: Path) -> None:
    sha256 = store.keep(tmp_path, CONTENT, {}, None)
    path = store.folder_of(tmp_path, sha256) / store.WHEEL_FILE
    path.write_bytes(CONTENT.replace(b"x\n", b"y\n"))
    with pytest.raises(CodeRefused, match="is not what was pushed"):
        store.load(tmp_path, sha256)


def test_a_missing_bundle_and_a_link_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CodeRefused, match="push it again"):
        store.load(tmp_path, "0" * 64)
    sha256 = store.keep(tmp_path, CONTENT, {}, None)
    path = store.folder_of(tmp_path, sha256) / store.WHEEL_FILE
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CodeRefused, match="cannot be read"):
        store.load(tmp_path, sha256)
