"""The result card: the verdict with its numbers, every seed's value, and the plot. Pure.

The verdict's own lines come from `db.verdict.card_lines`; this module lays them out, so that the
card has at most 12 lines on a phone.
"""

from bot.messages import (
    actions,
    blocks,
    budget,
    cost,
    curriculum,
    diff,
    findings,
    numbers,
    programs,
    start_weights,
    titles,
    words,
)
from bot.messages.escape import one_line
from bot.messages.facts import ResultFacts
from bot.messages.message import Block, Message
from bot.messages.short import short, short_sentence
from db.lifecycle import RunStatus
from db.records import Run, Severity
from db.verdict import SeedLine, card_lines
from trainer.contract import RunKind

MOST_LINES = 8
LINE = 300
SEEDS = 900
MOST_NOTES = 2
MOST_FINDINGS = 2


def render(facts: ResultFacts) -> Message:
    """The card. Without a plot it says why there is none, in words."""
    experiment = facts.base.experiment
    state = facts.verdict.outcome.value.upper()
    if facts.result.n > 1:
        state = f"{state} (result {facts.result.n})"
    drawn = [
        titles.title_block(experiment, state, facts.base.links),
        blocks.rich(blocks.rich_lines(_lines(facts))),
        *_seen(facts),
        blocks.context("\n".join(_foot(facts))),
    ]
    if facts.file_id:
        drawn.append(blocks.image(facts.file_id, facts.result.plot_alt))
    elif facts.picture_note:
        drawn.append(blocks.context(short(facts.picture_note, LINE)))
    drawn.append(blocks.actions(_buttons(facts)))
    return Message(text=_fallback(facts, state), blocks=drawn)


def _fallback(facts: ResultFacts, state: str) -> str:
    claims = facts.verdict.claims
    got = f" · asked: {_escaped(claims[0].asked)} · got: {_escaped(claims[0].got)}" if claims else ""
    return titles.title_text(facts.base.experiment, state) + got


def _escaped(text: str) -> str:
    return short(text, LINE)


def _lines(facts: ResultFacts) -> list[list[Block]]:
    if not facts.verdict.claims:
        return [[blocks.words("The contract made no claim that can be judged.")]]
    said = [budget.head(one_line(text), LINE) for text in card_lines(facts.verdict)]
    if len(said) > MOST_LINES:
        said = [*said[: MOST_LINES - 1], f"and {len(said) - MOST_LINES + 1} more lines on the page"]
    lines = [_labelled(text) for text in said]
    lines.append([blocks.words(budget.head(_seeds(facts), SEEDS))])
    return lines


def _labelled(text: str) -> list[Block]:
    """Asked: and Got: in bold, so that the eye finds them."""
    label, colon, rest = text.partition(": ")
    if colon and label in {"Asked", "Got"}:
        return [blocks.words(f"{label}: ", bold=True), blocks.words(rest)]
    return [blocks.words(text)]


def _seeds(facts: ResultFacts) -> str:
    """Every seed's value; what failed says why."""
    verdict = facts.verdict
    metric = verdict.headline_metric
    runs = {run.label: run for run in facts.base.experiment.runs}
    values = " · ".join(_seed(seed, metric, runs.get(seed.label)) for seed in verdict.seeds)
    if not verdict.n_episodes:
        return values
    return f"{values} ({words.metric_name(metric)}, {numbers.counted(verdict.n_episodes, 'episode')} each)"


def _seed(seed: SeedLine, metric: str, run: Run | None) -> str:
    if seed.state == "done" and metric in seed.values:
        return f"{seed.label} {numbers.metric(seed.values[metric])}"
    cause = words.SHORT_CAUSES[run.cause] if run and run.cause else seed.state
    code = run.attempt.exit_code if run and run.attempt else None
    return f"{seed.label} ✗ {cause}" + (f" (exit {code})" if code else "")


def _seen(facts: ResultFacts) -> list[Block]:
    """What detectors saw, the worst first, and not more than one thing that alarms nobody."""
    covered = facts.result.runs
    groups = findings.grouped(run for run in facts.base.experiment.runs if not covered or run.id in covered)
    alarming = [group for group in groups if group.severity is Severity.ALARMING]
    lines = [short(findings.marked(group), LINE) for group in alarming[:MOST_FINDINGS] or groups[:1]]
    rest = len(groups) - len(lines)
    if rest > 0:
        lines[-1] += f" · {rest} more on the page"
    return [blocks.context("\n".join(lines))] if lines else []


def _foot(facts: ResultFacts) -> list[str]:
    notes = [short_sentence(note, LINE) for note in facts.verdict.notes[:MOST_NOTES]]
    runs = facts.base.experiment.runs
    indices = {run.seed_index for run in runs if run.kind is RunKind.SEED}
    if caveat := start_weights.caveat(facts.base.experiment.revision.config, len(indices)):
        notes.append(caveat)
    seeds = [run for run in runs if run.kind is RunKind.SEED and run.status is RunStatus.SUCCEEDED]
    if behind := curriculum.unfinished(seeds):
        notes.append(behind)
    if measured := programs.measured(facts.base.experiment.revision.config):
        notes.append(measured)
    changed = short(diff.in_short(facts.base.changes), titles.CHANGES)
    parent = f" (vs {facts.base.parent.key})" if facts.base.parent else ""
    return [*notes, f"{changed}{parent}", _cost(facts)]


def _cost(facts: ResultFacts) -> str:
    experiment = facts.base.experiment
    runs = [run for run in experiment.runs if run.kind is not RunKind.SMOKE]
    used = sum(run.result.duration_s for run in runs if run.result)
    asked = experiment.revision.budget
    kind = cost.kind(asked)
    text = f"{cost.hours(used, asked)} {kind}"
    if experiment.smoke is None:
        return text
    planned = experiment.revision.budget.seeds * (2 if experiment.revision.intent.run_alongside else 1)
    return f"{text} (estimated {cost.hours(experiment.smoke.estimated_s * planned, asked)})"


def _buttons(facts: ResultFacts) -> list[Block]:
    experiment = facts.base.experiment
    target = actions.Target(experiment.number)
    buttons = [
        actions.button("Conclude", actions.CONCLUDE, target, style="primary"),
        actions.button("Fork", actions.FORK, target),
    ]
    more = facts.verdict.needs_more_seeds
    if more:
        asked = actions.Target(experiment.number, n=more)
        buttons.append(actions.button(f"Add {numbers.counted(more, 'seed')}", actions.ADD_SEEDS, asked))
    page = facts.base.links.experiment(experiment.number)
    if page:
        buttons.append(actions.button("Open page", actions.OPEN_PAGE, url=page))
    buttons.append(actions.overflow([("Show the contract", actions.SHOW, target)]))
    return buttons
