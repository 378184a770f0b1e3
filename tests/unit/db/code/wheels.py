"""Wheels made by hand."""

import io
import zipfile
from collections.abc import Mapping

ENTRY_POINTS = "[signoff.rewards]\nAction_penalty = toy.rewards:action_penalty\n[console_scripts]\nx = y:z\n"


def made(files: Mapping[str, str | bytes], *, when: int = 2020, entry_points: str = ENTRY_POINTS) -> bytes:
    """A wheel of the package toy-cars 0.1 with these files, in this order."""
    content = io.BytesIO()
    about = {
        "toy_cars-0.1.dist-info/METADATA": "Name: toy-cars\nVersion: 0.1\n",
        "toy_cars-0.1.dist-info/entry_points.txt": entry_points,
        "toy_cars-0.1.dist-info/RECORD": f"{sorted(files)}\n",
    }
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, **about}.items():
            archive.writestr(zipfile.ZipInfo(name, (when, 1, 1, 0, 0, 0)), data)
    return content.getvalue()
