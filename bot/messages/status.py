"""The status card: one living message per experiment, at most 12 lines on a phone. Pure."""

from collections.abc import Sequence

from bot.messages import (
    actions,
    blocks,
    budget,
    cost,
    datasets,
    diff,
    numbers,
    start_weights,
    titles,
    words,
)
from bot.messages.escape import mrkdwn
from bot.messages.facts import StatusFacts
from bot.messages.message import Block, Message
from bot.messages.people import at, is_slack_user
from bot.messages.short import plain_short
from db.lifecycle import TERMINAL_RUNS, ExitCause, RunStatus
from db.records import Run
from trainer.contract import Phase, RunKind

MOST_SEED_LINES = 5
LABEL_WIDTH = 3
STATE_WIDTH = 9
NO_HOST = (
    "⚠ No host has the trainer that was approved: it was changed since. "
    "Bring it back, or stop this and fork it to approve the new one."
)

_IN_FLIGHT = frozenset({RunStatus.STARTING, RunStatus.RUNNING, RunStatus.FINALIZING})
_ENDED_WELL = {RunStatus.SUCCEEDED: "✓ done", RunStatus.CANCELED: "■ stopped"}
_PHASES = {
    Phase.STARTING: "starting",
    Phase.EVALUATING: "evaluating",
    Phase.SAVING: "saving",
    Phase.DONE: "saving",
}


def render(facts: StatusFacts) -> Message:
    """The card as the runs are now; after the last one it stays as a record, without Stop."""
    experiment = facts.base.experiment
    state = titles.state_word(experiment)
    runs = _all_runs(facts)
    drawn = [
        titles.title_block(experiment, state, facts.base.links),
        blocks.rich(
            blocks.rich_lines(
                [[blocks.words(_change_line(facts))], [blocks.words(_progress_line(facts, runs))]]
            ),
            blocks.preformatted("\n".join(_run_lines(facts))),
        ),
        blocks.context("\n".join(_foot(facts, runs))),
    ]
    buttons = _buttons(facts, runs)
    if buttons:
        drawn.append(blocks.actions(buttons))
    share = numbers.percent(_share(runs))
    return Message(text=f"{titles.title_text(experiment, state)} · {share}", blocks=drawn)


def _all_runs(facts: StatusFacts) -> tuple[Run, ...]:
    experiment = facts.base.experiment
    return titles.runs_of(experiment, RunKind.SEED) + titles.runs_of(experiment, RunKind.COMPARATOR)


def _change_line(facts: StatusFacts) -> str:
    short = budget.head(diff.in_short(facts.base.changes), titles.CHANGES)
    return f"{short} (vs {facts.base.parent.key})" if facts.base.parent else short


def _progress_line(facts: StatusFacts, runs: Sequence[Run]) -> str:
    share = _share(runs)
    text = f"{numbers.bar(share)} {numbers.percent(share)}"
    left = _seconds_left(facts, runs)
    return f"{text} · ~{numbers.duration(left)} left" if left is not None else text


def _share(runs: Sequence[Run]) -> float:
    return sum(_run_share(run) for run in runs) / len(runs) if runs else 0.0


def _run_share(run: Run) -> float:
    """How far it came; what was stopped or failed stays where it ended."""
    if run.status is RunStatus.SUCCEEDED:
        return 1.0
    measured = run.result or run.progress
    if measured is None or measured.total_timesteps <= 0:
        return 0.0
    return min(1.0, measured.timesteps / measured.total_timesteps)


def _seconds_left(facts: StatusFacts, runs: Sequence[Run]) -> float | None:
    """Rough: what runs now, and what waits spread over as many places as run now."""
    waiting = [run for run in runs if run.status is RunStatus.QUEUED]
    running = [run.progress.eta_s for run in runs if run.status in _IN_FLIGHT and run.progress]
    known = [eta for eta in running if eta is not None]
    each = _seconds_each(facts, runs)
    if (not waiting and not known) or (waiting and each is None):
        return None
    places = max(1, sum(run.status in _IN_FLIGHT for run in runs))
    queued = len(waiting) * (each or 0.0) / places
    return max(known, default=0.0) + queued


def _seconds_each(facts: StatusFacts, runs: Sequence[Run]) -> float | None:
    done = [run.result.duration_s for run in runs if run.result and run.status is RunStatus.SUCCEEDED]
    if done:
        return sum(done) / len(done)
    smoke = facts.base.experiment.smoke
    return smoke.estimated_s if smoke else None


def _run_lines(facts: StatusFacts) -> list[str]:
    experiment = facts.base.experiment
    seeds = titles.runs_of(experiment, RunKind.SEED)
    shown = _most_telling(seeds)
    lines = [_run_line(run, facts) for run in shown]
    rest = [run for run in seeds if run not in shown]
    if rest:
        lines[-1:] = [f"and {len(rest) + 1} more: {_counts([*rest, shown[-1]])}"]
    alongside = titles.runs_of(experiment, RunKind.COMPARATOR)
    if alongside:
        name = facts.base.comparator.key if facts.base.comparator else "comparator"
        lines.append(f"{name} alongside: {_counts(alongside)}")
    return lines or [_before_seeds(facts)]


def _before_seeds(facts: StatusFacts) -> str:
    if titles.runs_of(facts.base.experiment, RunKind.SMOKE):
        return "smoke run first, then the seeds"
    return "no runs yet"


def _most_telling(seeds: Sequence[Run]) -> list[Run]:
    """At most five seeds, in their order: all of them, or what moves before what is over or waits."""
    if len(seeds) <= MOST_SEED_LINES:
        return list(seeds)
    ranked = sorted(seeds, key=lambda run: (run.status not in _IN_FLIGHT, run.status is RunStatus.QUEUED))
    chosen = {run.id for run in ranked[:MOST_SEED_LINES]}
    return [run for run in seeds if run.id in chosen]


def _counts(runs: Sequence[Run]) -> str:
    groups = (
        ("done", [run for run in runs if run.status is RunStatus.SUCCEEDED]),
        ("running", [run for run in runs if run.status in _IN_FLIGHT]),
        ("queued", [run for run in runs if run.status is RunStatus.QUEUED]),
        ("failed", [run for run in runs if run.status is RunStatus.FAILED]),
        ("stopped", [run for run in runs if run.status is RunStatus.CANCELED]),
    )
    return ", ".join(f"{len(group)} {name}" for name, group in groups if group)


def _run_line(run: Run, facts: StatusFacts) -> str:
    label = run.label.ljust(LABEL_WIDTH)
    if run.status is RunStatus.QUEUED:
        return f"{label}{_queued(run, facts)}"
    return f"{label}{_run_state(run).ljust(STATE_WIDTH)}{_measured(run, facts.base.metric)}".rstrip()


def _run_state(run: Run) -> str:
    if run.status is RunStatus.FAILED:
        return f"✗ {words.SHORT_CAUSES[run.cause] if run.cause else 'failed'}"
    if run.status in _ENDED_WELL:
        return _ENDED_WELL[run.status]
    if run.cancel_requested_at is not None:
        return "■ stopping"
    if run.status is RunStatus.STARTING or run.progress is None:
        return "▶ starting"
    if run.stalled:
        return "⚠ no sign of life"
    phase = _PHASES.get(run.progress.phase)
    return f"▶ {phase}" if phase else f"▶ {numbers.percent(_run_share(run))}"


def _queued(run: Run, facts: StatusFacts) -> str:
    if run.id in facts.hostless:
        return "waits for a host"
    position = facts.positions.get(run.id)
    text = f"queue {position}" if position else "queued"
    if run.priority:
        text = f"{text} · {words.PRIORITIES[run.priority]} priority"
    if run.kept_on is not None:
        return f"{text} · {plain_short(run.kept_on, 24)} is kept for it"
    holder = next((h for h in facts.holders if h.experiment != run.experiment), None)
    if holder is None:
        return text
    where, who = plain_short(holder.device, 24), plain_short(holder.person, 20)
    return f"{text} · {where}: @{who} E-{holder.experiment}"


def _measured(run: Run, metric: str) -> str:
    values = run.result.metrics if run.result else run.progress.metrics if run.progress else {}
    name = metric if metric in values else "final_reward"
    if name not in values:
        return ""
    return f"  {budget.head(words.short_metric(name), 16)} {numbers.metric(values[name])}"


def _foot(facts: StatusFacts, runs: Sequence[Run]) -> list[str]:
    over = all(run.status in TERMINAL_RUNS for run in runs) if runs else False
    lines = [] if over else ["Interim, no verdict yet"]
    if facts.hostless:
        lines = [NO_HOST]
    stopped = next((run.cancel_requested_by for run in runs if run.cancel_requested_by), None)
    if stopped is not None:
        lines = [f"Stopped by {at(stopped) if is_slack_user(stopped.id) else mrkdwn(stopped.name)}"]
    cost = _cost(facts, runs)
    if cost:
        lines.append(cost)
    if begins := start_weights.begins_with(facts.base.experiment.revision.config):
        lines.append(begins)
    if learns := datasets.learns_from(facts.base.experiment.revision.config):
        lines.append(learns)
    lines.append(titles.approved_by(facts.base))
    return lines


def _cost(facts: StatusFacts, runs: Sequence[Run]) -> str:
    experiment = facts.base.experiment
    used = sum(_seconds_used(run, facts) for run in runs)
    asked = experiment.revision.budget
    kind, so_far = cost.kind(asked), cost.hours(used, asked)
    text = f"{so_far} {kind}"
    if experiment.smoke is not None:
        text = f"{so_far} of ~{cost.hours(experiment.smoke.estimated_s * len(runs), asked)} {kind}"
    speeds = [
        run.progress.steps_per_s
        for run in runs
        if run.status in _IN_FLIGHT and run.progress and run.progress.steps_per_s
    ]
    return f"{text} · {sum(speeds):,.0f} steps/s" if speeds else text


def _seconds_used(run: Run, facts: StatusFacts) -> float:
    if run.result is not None:
        return run.result.duration_s
    attempt = run.attempt
    if attempt is None or attempt.started_at is None:
        return 0.0
    end = attempt.finished_at or facts.base.now
    return max(0.0, (end - attempt.started_at).total_seconds())


def _buttons(facts: StatusFacts, runs: Sequence[Run]) -> list[Block]:
    experiment = facts.base.experiment
    target = actions.Target(experiment.number)
    moving = [run for run in runs if run.status not in TERMINAL_RUNS and run.cancel_requested_at is None]
    buttons = [
        actions.button("Plot now", actions.PLOT_NOW, target),
        actions.overflow([("Fork", actions.FORK, target), ("Show the contract", actions.SHOW, target)]),
    ]
    if moving:
        sure = _sure_to_stop(facts, len(moving))
        buttons.insert(0, actions.button("Stop", actions.STOP, target, style="danger", confirm=sure))
    elif any(map(_was_stopped_by_a_person, runs)) and all(run.status in TERMINAL_RUNS for run in runs):
        buttons.insert(0, actions.button("Resume", actions.RESUME, target))
    return buttons


def _was_stopped_by_a_person(run: Run) -> bool:
    by = run.cancel_requested_by
    return run.cause is ExitCause.STOPPED and by is not None and is_slack_user(by.id)


def _sure_to_stop(facts: StatusFacts, count: int) -> Block:
    return actions.confirm(
        f"Stop {facts.base.experiment.key}?",
        f"{numbers.counted(count, 'run')} will save a checkpoint and end. The verdict will be inconclusive; "
        "Resume on this card goes on later.",
        yes="Stop",
        no="Keep training",
        danger=True,
    )
