"""When a stop was first asked for, remembered across restarts of the worker."""

import json
import time
from contextlib import suppress
from pathlib import Path


def first_request(path: Path) -> float | None:
    """When a stop was first asked for, in seconds since the epoch; None if this is the first time."""
    try:
        with path.open("x") as file:
            json.dump(time.time(), file)
    except FileExistsError:
        with suppress(ValueError):  # half written by a worker that was killed: ask again from now
            return float(path.read_text())
        path.unlink(missing_ok=True)
        return first_request(path)
    return None
