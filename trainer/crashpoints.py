"""Points at which tests end a process as a power cut would: `SIGNOFF_CRASHPOINT=launch.started:1`.

Every write that others rely on has a point on either side of it. Only the standard library, so that each
room may name its points; without the variable a point does nothing.
"""

import os
from collections import Counter
from collections.abc import Mapping

VARIABLE = "SIGNOFF_CRASHPOINT"
EXIT_CODE = 137

POINTS: Mapping[str, str] = {
    "ledger.before_commit": "everything of a transaction is written, nothing is committed",
    "ledger.after_commit": "a transaction is committed, nobody has been told",
    "click.committed": "a decision is committed, the click is not acked",
    "submission.committed": "a form is committed, it is not acked",
    "sender.claimed": "a message is claimed, nothing is sent",
    "sender.looked_up": "an ambiguous message was looked up in Slack",
    "sender.before_show": "the next call shows something to people",
    "sender.shown": "people see a message or an edit, the ledger does not know",
    "upload.reserved": "Slack has named a file, the ledger does not know",
    "upload.sent": "a file's bytes are with Slack, nobody sees them",
    "upload.completed": "a file is shared, the ledger does not know",
    "schedule.reserved": "an attempt and its slots are taken, nobody rang",
    "sweep.noted": "the sweep has noted that it rings, and has not rung",
    "launch.prepared": "spec.json is written, nothing is started",
    "launch.started": "a container runs, its handle is not recorded",
    "launch.recorded": "the handle is recorded",
    "reconcile.listed": "the launcher was asked, nothing is decided",
    "reconcile.started": "a start is recorded",
    "reconcile.exited": "an exit is recorded, the finalizer is not rung for",
    "reconcile.gone": "a loss is recorded, the finalizer is not rung for",
    "reconcile.stopped": "a container was asked to stop",
    "reconcile.freed": "slots are free again",
    "finalize.gathered": "an end is read, nothing is written about it",
    "finalize.resumed": "a lost run is queued again, nobody rang",
    "finalize.finished": "a run has ended, nobody rang",
    "conclude.drawn": "the plot is drawn, there is no result",
    "conclude.written": "the result is in the ledger",
    "checkpoint.written": "a checkpoint's files are written under another name",
    "checkpoint.renamed": "a checkpoint stands under its name, older ones are not removed",
    "file.before_replace": "the new file lies beside the old one",
}
"""Each point by its name, and what is true there."""

_passes: Counter[str] = Counter()


def crash_at(name: str) -> None:
    """Pass a point: the n-th pass of the point that the variable names ends the process at once.

    The variable holds `name:n`, or several of them separated by commas.
    """
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    _passes[name] += 1
    if f"{name}:{_passes[name]}" in wanted.split(","):
        os.write(2, f"crashed at {name}:{_passes[name]}\n".encode())
        os._exit(EXIT_CODE)
