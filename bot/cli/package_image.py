"""A Docker image of a packaged policy, on the trainer's image: nothing is downloaded."""

import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from db.errors import NotFound, Refused
from db.redact import one_line

WITHIN_S = 600.0
DOCKERFILE = "Dockerfile.trainer"


def build_image(package: Path, image: str, base: str) -> None:
    """Build `image` from a package's own Dockerfile.

    :raises NotFound: where Docker, or the trainer's image, is not here.
    :raises Refused: where Docker does not build it.
    """
    if shutil.which("docker") is None:
        raise NotFound("docker is not installed here; copy the package to where it is, and see its README.md")
    if _docker(["image", "inspect", base]).returncode:
        raise NotFound(
            f"Docker has no image {one_line(base)}: build it with `make image`, or name yours with --base"
        )
    with tempfile.TemporaryDirectory(prefix="signoff-image-") as scratch:
        with zipfile.ZipFile(package) as archive:
            archive.extractall(scratch)
        (folder,) = Path(scratch).iterdir()
        built = _docker(
            [
                *("build", "--quiet", "--network", "none", "--file", str(folder / DOCKERFILE)),
                *("--build-arg", f"BASE_IMAGE={base}", "--tag", image, str(folder)),
            ]
        )
    if built.returncode:
        lines = built.stderr.strip().splitlines()
        raise Refused(f"Docker did not build {image}: {one_line(lines[-1]) if lines else built.returncode}")


def _docker(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - an argument list of our own, no shell
            ["docker", *arguments],  # noqa: S607 - whichever docker the person uses
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"docker {arguments[0]} took longer than {WITHIN_S:.0f} s") from None
