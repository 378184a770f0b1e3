"""What a run says that it has left. It is not trusted to name anything outside of its own folder."""

import re

from db.models import RunRow
from trainer.contract import CHECKPOINTS_FOLDER, RunResult

_CHECKPOINT = re.compile(rf"{CHECKPOINTS_FOLDER}/[0-9]{{1,15}}")


def checkpoint_of(run: RunRow) -> str | None:
    """The checkpoint that a run left, relative to its newest attempt's folder; None where it left none."""
    result = RunResult.model_validate(run.result) if run.result else None
    named = result.checkpoint if result is not None else None
    return named if _CHECKPOINT.fullmatch(named or "") else None
