"""A code bundle's wheel as bytes: the same bytes from the same files, and what stands in them. Pure."""

import configparser
import difflib
import hashlib
import io
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from db.errors import CodeRefused

PROGRAMS = "signoff.trainers"
GROUPS = (
    "signoff.environments",
    "signoff.rewards",
    "signoff.metrics",
    "signoff.algorithms",
    PROGRAMS,
)
MAX_WHEEL_BYTES = 64 * 2**20
MAX_UNPACKED_BYTES = 256 * 2**20
MAX_FILES = 5_000
MAX_TEXT_BYTES = 2**20
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier time
_NAME = re.compile(r"[A-Za-z0-9_.+@\- ]{1,200}")


@dataclass(frozen=True)
class Wheel:
    """`files` by their path in the wheel; `entry_points` names by group, of our groups alone.

    `programs` are the modules of its training programs, by name.
    """

    package: str
    version: str
    files: Mapping[str, bytes]
    entry_points: Mapping[str, tuple[str, ...]]
    programs: Mapping[str, str] = field(default_factory=dict)


def canonical(content: bytes) -> bytes:
    """The same files without what differs from build to build: order, times, rights, compression.

    :raises CodeRefused: as `read`.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, data in sorted(read(content).files.items()):
            entry = zipfile.ZipInfo(path, date_time=_EARLIEST)
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_STORED  # what zlib makes differs from version to version
            archive.writestr(entry, data)
    return made.getvalue()


def digest(content: bytes) -> str:
    """The SHA-256 that names a bundle."""
    return hashlib.sha256(content).hexdigest()


def read(content: bytes) -> Wheel:
    """What a wheel holds.

    :raises CodeRefused: where it is no wheel, too large, or has files that would land elsewhere.
    """
    if len(content) > MAX_WHEEL_BYTES:
        raise _too_large(len(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = dict(_files(archive))
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise CodeRefused(f"the bundle is no wheel: {error}") from error
    folder = next((path.partition("/")[0] for path in files if path.endswith(".dist-info/METADATA")), None)
    if folder is None:
        raise CodeRefused("the bundle is no wheel: it has no METADATA")
    package, _, version = folder.removesuffix(".dist-info").rpartition("-")
    declared = _declared(files.get(f"{folder}/entry_points.txt", b""))
    names = {group: tuple(sorted(declared[group])) for group in GROUPS if declared.has_section(group)}
    programs = declared[PROGRAMS] if declared.has_section(PROGRAMS) else {}
    modules = {name: value.partition(":")[0].strip() for name, value in programs.items()}
    return Wheel(package.replace("_", "-").lower(), version, files, names, modules)


def program(wheel: Wheel, name: str) -> str:
    """The module that is run as the training program `name`.

    :raises CodeRefused: where the bundle has no such program, or does not hold its module itself.
    """
    module = wheel.programs.get(name)
    if module is None:
        known = ", ".join(sorted(wheel.programs)) or "none"
        raise CodeRefused(f"{wheel.package} has no training program {name[:80]!r}; it has {known}")
    path = module.replace(".", "/")
    held = bool({f"{path}.py", f"{path}/__main__.py"} & wheel.files.keys())
    if not held or path.partition("/")[0] == "trainer":  # the name of Signoff's own
        raise CodeRefused(
            f"the training program {name} is the module {module[:80]!r}, which {wheel.package} "
            "does not hold; name one of its own"
        )
    return module


def patch(before: Wheel | None, after: Wheel) -> str:
    """What differs between two bundles, as `diff -u` writes it; everything, where there was none."""
    ours, theirs = _texts(before), _texts(after)
    parts = []
    for path in sorted(ours.keys() | theirs.keys()):
        old, new = ours.get(path), theirs.get(path)
        if old != new:
            parts.append(_file_patch(path, old, new))
    return "".join(parts)


@dataclass(frozen=True)
class Extent:
    """How much a patch changes."""

    files: int
    added: int
    removed: int


def extent(text: str) -> Extent:
    """Counts of a patch that `patch` has made."""
    lines = text.splitlines()
    return Extent(
        files=sum(line.startswith("diff ") for line in lines),
        added=sum(line.startswith("+") and not line.startswith("+++ ") for line in lines),
        removed=sum(line.startswith("-") and not line.startswith("--- ") for line in lines),
    )


def _files(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise _too_large(unpacked)
    if len(entries) > MAX_FILES:
        raise CodeRefused(f"the bundle has {len(entries):,} files; at most {MAX_FILES:,} are taken")
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or not all(_harmless(part) for part in path.parts):
            raise CodeRefused(f"the bundle has a file named {entry.filename!r}, which would land elsewhere")
        with archive.open(entry) as file:
            yield str(path), file.read(entry.file_size)


def _harmless(part: str) -> bool:
    return part != ".." and _NAME.fullmatch(part) is not None


def _too_large(size: int) -> CodeRefused:
    return CodeRefused(
        f"the bundle has {size / 1e6:,.0f} MB; at most {MAX_WHEEL_BYTES / 1e6:,.0f} MB are taken: leave data "
        "and weights out of the package"
    )


def _declared(text: bytes) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their case
    try:
        parser.read_string(text.decode("utf-8", "replace"))
    except configparser.Error as error:
        raise CodeRefused(f"the bundle's entry points cannot be read: {error}") from error
    return parser


def _texts(wheel: Wheel | None) -> dict[str, str]:
    """The files that people write, as text; what is no text stands for itself by its hash."""
    if wheel is None:
        return {}
    return {path: _text(data) for path, data in wheel.files.items() if not path.endswith(".dist-info/RECORD")}


def _text(data: bytes) -> str:
    try:
        if len(data) <= MAX_TEXT_BYTES and b"\0" not in data:
            return data.decode()
    except UnicodeDecodeError:
        pass
    return f"binary, {len(data):,} bytes, sha256 {digest(data)}\n"


def _file_patch(path: str, old: str | None, new: str | None) -> str:
    names = ("/dev/null" if old is None else f"a/{path}", "/dev/null" if new is None else f"b/{path}")
    lines = difflib.unified_diff(
        (old or "").splitlines(keepends=True), (new or "").splitlines(keepends=True), *names
    )
    ended = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return f"diff a/{path} b/{path}\n" + "".join(ended)
