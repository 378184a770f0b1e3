"""A team's own code in the bundle of a policy, and the packages that it needs there."""

import hashlib
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from pathlib import Path

from trainer.contract import RunResult, RunSpec

CODE_FOLDER = "code"


class CannotBundle(Exception):
    """There is no bundle; the message says why and what to do."""


@dataclass(frozen=True)
class OwnCode:
    """The files of a code bundle's wheel, which package it is, and what that says that it needs."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    package: str = ""
    needs: tuple[str, ...] = ()


def own_code(spec: RunSpec, wheel: Path | None) -> OwnCode:
    """What the run imported; nothing where its config names no code.

    :raises CannotBundle: where `wheel` is missing, or is not what was signed.
    """
    signed = spec.config.get("code")
    if signed is None:
        return OwnCode()
    if wheel is None:
        raise CannotBundle(f"{spec.run} was trained with the code bundle {str(signed)[:12]}; give its wheel")
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != signed:
        raise CannotBundle(
            f"{wheel} is not the code bundle {str(signed)[:12]} that {spec.run} was signed with"
        )
    with zipfile.ZipFile(wheel) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    said = next((data for path, data in files.items() if path.endswith(".dist-info/METADATA")), b"")
    metadata = BytesParser().parsebytes(said)
    needs = [str(line) for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in str(line)]
    return OwnCode(files, str(metadata.get("Name", "")), tuple(needs))


def requirements(result: RunResult, code: OwnCode) -> str:
    """The packages that were there when it was trained, for pip, and those that the own code needs.

    The own package is left out: somebody else's of the same name may be where pip looks.
    """
    known = {name: version for name, version in result.versions.items() if name not in {"python", "machine"}}
    measured = result.fingerprint.get("packages")
    if isinstance(measured, dict):
        known |= {name: str(version) for name, version in measured.items()}
    known |= {name: "" for name in ("numba", "pillow", "pydantic", "sb3_contrib") if name not in known}
    pinned = {
        _plain(name): f"{name}=={version.partition('+')[0]}" if version else name
        for name, version in known.items()
        if _plain(name) != _plain(code.package)
    }
    own = [need for need in code.needs if _plain(re.split(r"[^\w.-]", need, maxsplit=1)[0]) not in pinned]
    return "\n".join(sorted([*pinned.values(), *own])) + "\n"


def _plain(name: str) -> str:
    """A package's name, however it is spelled."""
    return re.sub(r"[-_.]+", "-", name).lower()
