"""Files of a run folder for a browser: named ones alone, never through a link, in whole or in part."""

import re
from collections.abc import Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.artifacts import ArtifactError, read_artifact
from db.records import Run
from trainer.contract import EPISODES_FILE, EVALUATIONS_FILE, METRICS_FILE, ONNX_FILE

MAX_BYTES = 64 * 2**20
MAX_TABLE_BYTES = 2 * 2**20
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
_KINDS: Mapping[str, tuple[str, bytes]] = {
    "policy.mp4": ("video/mp4", b""),
    "policy.gif": ("image/gif", b"GIF8"),
    ONNX_FILE: ("application/octet-stream", b""),
    EPISODES_FILE: ("text/csv; charset=utf-8", b""),
    EVALUATIONS_FILE: ("text/csv; charset=utf-8", b""),
    METRICS_FILE: ("text/csv; charset=utf-8", b""),
}
_INLINE = frozenset({"policy.mp4", "policy.gif"})


def present(root: Path, run: Run) -> tuple[str, ...]:
    """The names of the run's files that can be asked for."""
    if run.attempt is None:
        return ()
    folder = root / run.attempt.folder
    return tuple(name for name in _KINDS if (folder / name).is_file() and not (folder / name).is_symlink())


def table_text(root: Path, run: Run, name: str) -> str:
    """A table of the run as text; "" where there is none, or a giant one."""
    if run.attempt is None:
        return ""
    try:
        content = read_artifact(root, f"{run.attempt.folder}/{name}", max_bytes=MAX_TABLE_BYTES)
    except ArtifactError:
        return ""
    return content.decode("utf-8", "replace")


def answer(root: Path, run: Run, name: str, asked_range: str | None) -> Response:
    """The file, or the part of it that a player asks for. Raises HTTPException 404."""
    kind, magic = _KINDS.get(name, ("", b""))
    if not kind or run.attempt is None:
        raise HTTPException(404, "There is no such file.")
    try:
        content = read_artifact(root, f"{run.attempt.folder}/{name}", max_bytes=MAX_BYTES)
    except ArtifactError:
        raise HTTPException(404, "The run left no such file, or it is not there any more.") from None
    if not content.startswith(magic) or (name == "policy.mp4" and content[4:8] != b"ftyp"):
        raise HTTPException(404, "The file is not what its name says.")
    headers = {"cache-control": "private, max-age=3600", "accept-ranges": "bytes"}
    if name not in _INLINE:
        saved = f"{run.key.replace('/', '-')}-{name}"
        headers["content-disposition"] = f'attachment; filename="{saved}"'
    part = _part(asked_range, len(content))
    if part is None:
        return Response(content, media_type=kind, headers=headers)
    first, last = part
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], status_code=206, media_type=kind, headers=headers)


def _part(asked: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of one asked range that lies within the file; None for the whole."""
    match = _RANGE.fullmatch(asked or "")
    if match is None or int(match[1]) >= size:
        return None
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    return (int(match[1]), last) if last >= int(match[1]) else None
