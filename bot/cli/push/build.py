"""Builds a wheel without a network, and makes its bytes depend on the files alone."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.cli.push.source import Source
from db.code.wheel import MAX_WHEEL_BYTES, canonical
from db.errors import CodeRefused
from db.redact import log_tail

BUILD_PATIENCE_S = 600.0
LOG_LINES = 20
# Any fixed moment will do: it is the same for each build, and a zip can hold it.
_MOMENT = "1577836800"


def build_wheel(source: Source) -> bytes:
    """The wheel of a package.

    :raises CodeRefused: with the end of the build's log where it fails.
    """
    with tempfile.TemporaryDirectory(prefix="signoff-push-") as name:
        package, out = Path(name) / "package", Path(name) / "out"
        package.mkdir()
        source.copy_to(package)
        done = _build(package, out)
        wheels = sorted(out.glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            said = log_tail(done.stdout, max_lines=LOG_LINES)
            raise CodeRefused(f"the wheel of {source.folder} could not be built:\n{said}")
        if wheels[0].stat().st_size > MAX_WHEEL_BYTES:
            size = wheels[0].stat().st_size / 1e6
            raise CodeRefused(
                f"the wheel has {size:,.0f} MB; at most {MAX_WHEEL_BYTES / 1e6:,.0f} MB are taken: leave "
                "data and weights out of the package"
            )
        return canonical(wheels[0].read_bytes())


def _build(package: Path, out: Path) -> subprocess.CompletedProcess[str]:
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir", "--no-input")
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": _MOMENT,
        "PYTHONHASHSEED": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(out), str(package)]
    try:
        return subprocess.run(  # noqa: S603 - this very Python's pip, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=environment,
            timeout=BUILD_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CodeRefused(f"building the wheel took longer than {BUILD_PATIENCE_S:.0f} s") from None
