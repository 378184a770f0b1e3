"""The first line of every card and the state words in it. Pure."""

from bot.messages import blocks, numbers
from bot.messages.facts import Facts, Links
from bot.messages.message import Block
from bot.messages.people import at
from bot.messages.short import short
from db.lifecycle import TERMINAL_RUNS, ExperimentStatus, RunStatus
from db.records import Experiment, Run
from trainer.contract import RunKind

TITLE = 80
CHANGES = 110


def title_block(experiment: Experiment, state: str, links: Links) -> Block:
    """*E-42 · Smoother turns · TRAINING*, the key linked to its page."""
    url = links.experiment(experiment.number)
    key = f"<{url}|{experiment.key}>" if url else experiment.key
    title = short(experiment.title, TITLE)
    return blocks.section(f"*{key} · {title} · {state}*")


def title_text(experiment: Experiment, state: str) -> str:
    """The same for notifications."""
    return f"{experiment.key} · {short(experiment.title, TITLE)} · {state}"


def runs_of(experiment: Experiment, kind: RunKind) -> tuple[Run, ...]:
    """The newest run of every seed of one kind, in the order of the seeds."""
    newest: dict[int, Run] = {}
    for run in experiment.runs:
        if run.kind is kind and (run.seed_index not in newest or run.id > newest[run.seed_index].id):
            newest[run.seed_index] = run
    return tuple(newest[index] for index in sorted(newest))


def state_word(experiment: Experiment) -> str:
    """The experiment's state in capitals, as it stands in the first line of its cards."""
    if experiment.status is not ExperimentStatus.APPROVED:
        return experiment.status.value.replace("_", " ")
    runs = runs_of(experiment, RunKind.SEED) + runs_of(experiment, RunKind.COMPARATOR)
    if runs and all(run.status in TERMINAL_RUNS for run in runs):
        return _ended(experiment, runs)
    if any(run.status in {RunStatus.RUNNING, RunStatus.FINALIZING} for run in runs):
        return "STOPPING" if all(run.cancel_requested_at for run in runs) else "TRAINING"
    if any(run.status is RunStatus.STARTING for run in runs):
        return "STARTING"
    return _before_training(experiment)


def _before_training(experiment: Experiment) -> str:
    if experiment.parent is None:
        return "BASELINE"
    smoke = runs_of(experiment, RunKind.SMOKE)
    if smoke and smoke[-1].status not in TERMINAL_RUNS:
        return "SMOKE RUN"
    return "QUEUED"


def _ended(experiment: Experiment, runs: tuple[Run, ...]) -> str:
    if experiment.results:
        return experiment.results[-1].outcome.upper()
    if all(run.status is RunStatus.FAILED for run in runs):
        return "FAILED"
    if any(run.status is RunStatus.CANCELED for run in runs):
        return "STOPPED"
    return "DONE"


def approved_by(facts: Facts) -> str:
    """Approved by @ana · updated 14:31 (mrkdwn)."""
    decided = next((d for d in reversed(facts.experiment.decisions) if d.kind.value == "approve"), None)
    updated = f"updated {numbers.when(facts.now)}"
    return f"Approved by {at(decided.decider)} · {updated}" if decided else updated.capitalize()
