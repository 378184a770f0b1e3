"""The words for what the ledger stores as fields: statuses, causes, outcomes, metrics. Pure."""

from collections.abc import Mapping

from db.lifecycle import ExitCause, ExperimentStatus

CAUSES: Mapping[ExitCause, str] = {
    ExitCause.FINISHED: "finished",
    ExitCause.CODE_ERROR: "the code raised an error",
    ExitCause.BAD_SPEC: "the trainer could not use this config",
    ExitCause.NAN: "a value became NaN or infinite",
    ExitCause.ENVIRONMENT_NAN: "the environment returned NaN or infinity",
    ExitCause.ENVIRONMENT_ERROR: "the environment raised an error",
    ExitCause.STALLED: "it made no progress any more",
    ExitCause.MISSING_PACKAGE: "a package is missing where it runs",
    ExitCause.SPACE_MISMATCH: "the algorithm does not fit the environment's spaces",
    ExitCause.OUT_OF_MEMORY: "it ran out of memory",
    ExitCause.TIME_LIMIT: "the time limit was reached",
    ExitCause.STOPPED: "it was stopped",
    ExitCause.DISK_FULL: "the disk was full",
    ExitCause.RESUME_FAILED: "the checkpoint could not be loaded",
    ExitCause.INFRASTRUCTURE: "the machine or its container went away",
    ExitCause.START_FAILURE: "it could not be started",
    ExitCause.SMOKE: "the smoke run failed, so no seed was started",
}

REMEDIES: Mapping[ExitCause, str] = {
    ExitCause.CODE_ERROR: "Fork with a fix; a retry of the same code will most likely fail again.",
    ExitCause.BAD_SPEC: "Fork and correct the changes.",
    ExitCause.NAN: "Fork with a smaller learning rate, or clip rewards or gradients.",
    ExitCause.ENVIRONMENT_NAN: "Look at the step that is named; fork once the environment is mended.",
    ExitCause.ENVIRONMENT_ERROR: "The log has the traceback; fork once the environment is mended.",
    ExitCause.STALLED: "The log shows where it hangs; Resume goes on from the last checkpoint.",
    ExitCause.MISSING_PACKAGE: "Install the package on the host or in the image, then retry.",
    ExitCause.SPACE_MISMATCH: "Fork with an algorithm or wrappers that fit.",
    ExitCause.OUT_OF_MEMORY: "Fork with a smaller buffer, batch or number of environments.",
    ExitCause.TIME_LIMIT: "Resume goes on from the last checkpoint, or fork with a longer time limit.",
    ExitCause.STOPPED: "Resume goes on from the checkpoint that was saved.",
    ExitCause.DISK_FULL: "Free some space on the host, then resume.",
    ExitCause.RESUME_FAILED: "Retry starts the seed from the beginning.",
    ExitCause.INFRASTRUCTURE: "Resume goes on from the last checkpoint; nothing was wrong with the config.",
    ExitCause.START_FAILURE: "Retry once the host is well again.",
    ExitCause.SMOKE: "Fork and correct what the smoke run stumbled over.",
}

SHORT_CAUSES: Mapping[ExitCause, str] = {
    ExitCause.FINISHED: "done",
    ExitCause.CODE_ERROR: "code error",
    ExitCause.BAD_SPEC: "bad config",
    ExitCause.NAN: "NaN",
    ExitCause.ENVIRONMENT_NAN: "NaN from the environment",
    ExitCause.ENVIRONMENT_ERROR: "environment error",
    ExitCause.STALLED: "no progress",
    ExitCause.MISSING_PACKAGE: "missing package",
    ExitCause.SPACE_MISMATCH: "spaces do not fit",
    ExitCause.OUT_OF_MEMORY: "out of memory",
    ExitCause.TIME_LIMIT: "time limit",
    ExitCause.STOPPED: "stopped",
    ExitCause.DISK_FULL: "disk full",
    ExitCause.RESUME_FAILED: "resume failed",
    ExitCause.INFRASTRUCTURE: "machine lost",
    ExitCause.START_FAILURE: "did not start",
    ExitCause.SMOKE: "smoke run failed",
}

STATUSES: Mapping[ExperimentStatus, str] = {
    ExperimentStatus.PROPOSED: "waits for approval",
    ExperimentStatus.CHANGES_REQUESTED: "changes requested",
    ExperimentStatus.APPROVED: "approved",
    ExperimentStatus.REJECTED: "rejected",
    ExperimentStatus.EXPIRED: "expired",
    ExperimentStatus.WITHDRAWN: "withdrawn",
}

PRIORITIES: Mapping[int, str] = {1: "high", 0: "normal", -1: "low"}

OUTCOME_SIGNS: Mapping[str, str] = {"supported": "✓", "refuted": "✗", "inconclusive": "?"}

SHORT_METRICS: Mapping[str, str] = {
    "final_reward": "reward",
    "success_rate": "success",
    "episode_length": "length",
    "oscillation": "osc",
}

_PARTS_OF_A_SCHEDULE = frozenset({"schedule", "start", "end"})
SHORT_PARAMETERS: Mapping[str, str] = {"learning_rate": "lr", "total_timesteps": "steps"}


def metric_name(name: str) -> str:
    """final_reward -> final reward, as people type it."""
    return name.replace("_", " ")


def short_metric(name: str) -> str:
    return SHORT_METRICS.get(name, metric_name(name))


def short_parameter(dotted: str) -> str:
    """hyperparams.learning_rate -> lr, env.kwargs.gravity -> gravity, ...learning_rate.end -> lr end."""
    rest, _, last = dotted.rpartition(".")
    if rest and last in _PARTS_OF_A_SCHEDULE:
        return f"{short_parameter(rest)} {last}"
    return SHORT_PARAMETERS.get(last, last)
