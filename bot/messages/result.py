"""The result card: the verdict with its numbers, every seed's value, and the plot. Pure.

The wording of claims (asked, got, difference) is the verdict's own; this module lays it out in at
most 12 lines, so that it reads on a phone.
"""

from bot.messages import actions, blocks, budget, diff, numbers, titles, words
from bot.messages.escape import line, mrkdwn, one_line
from bot.messages.facts import ResultFacts
from bot.messages.message import Block, Message
from db.lifecycle import RunStatus
from db.records import Run
from db.verdict import ClaimVerdict
from trainer.contract import RunKind

CLAIM = 300
REASON = 300
SEEDS = 900
MOST_CLAIMS = 3
MOST_GUARDS = 3
MOST_NOTES = 2


def render(facts: ResultFacts) -> Message:
    """The card. Without a file id it says where the plot would be, in words."""
    experiment = facts.base.experiment
    state = facts.verdict.outcome.value.upper()
    if facts.result.n > 1:
        state = f"{state} (result {facts.result.n})"
    drawn = [
        titles.title_block(experiment, state, facts.base.links),
        blocks.section("\n".join(_claims(facts))),
        blocks.rich(blocks.rich_line(blocks.words("\n".join(_seeds(facts))))),
        blocks.context("\n".join(_foot(facts))),
    ]
    if facts.file_id:
        drawn.append(blocks.image(facts.file_id, facts.result.plot_alt))
    elif facts.picture_note:
        drawn.append(blocks.context(line(facts.picture_note)))
    drawn.append(blocks.actions(_buttons(facts)))
    return Message(text=_fallback(facts, state), blocks=drawn)


def _fallback(facts: ResultFacts, state: str) -> str:
    first = facts.verdict.claims[0] if facts.verdict.claims else None
    got = f" · asked: {_cut(first.asked)} · got: {_cut(first.got)}" if first else ""
    return titles.title_text(facts.base.experiment, state) + got


def _cut(text: str, limit: int = CLAIM) -> str:
    return line(budget.head(one_line(text), limit))


def _claims(facts: ResultFacts) -> list[str]:
    verdict = facts.verdict
    lines: list[str] = []
    for claim in verdict.claims[:MOST_CLAIMS]:
        sign = f" {words.OUTCOME_SIGNS[claim.outcome.value]}" if len(verdict.claims) > 1 else ""
        lines += [f"*Asked:* {_cut(claim.asked)}{sign}", f"*Got:* {_cut(claim.got)}"]
        if claim.difference:
            lines.append(f"*Diff* {_cut(claim.difference)}")
        if claim.reason and claim.outcome.value == "inconclusive":
            lines.append(f"_{_cut(claim.reason, REASON)}_")
    if len(verdict.claims) > MOST_CLAIMS:
        lines.append(f"and {len(verdict.claims) - MOST_CLAIMS} more claims on the page")
    lines += [_guard(guard) for guard in verdict.guards[:MOST_GUARDS]]
    return lines or ["The contract made no claim that can be judged."]


def _guard(guard: ClaimVerdict) -> str:
    return f"{_cut(guard.asked)}: {_cut(guard.got)} {words.OUTCOME_SIGNS[guard.outcome.value]}"


def _seeds(facts: ResultFacts) -> list[str]:
    verdict = facts.verdict
    counted = f"{verdict.seeds_done} of {verdict.seeds_planned} seeds done"
    if verdict.comparator_seeds and facts.base.comparator:
        counted += f" · {facts.base.comparator.key}: {verdict.comparator_seeds}"
    runs = titles.runs_of(facts.base.experiment, RunKind.SEED)
    values = " · ".join(_seed(run, facts.base.metric) for run in runs)
    episodes = max((run.result.n_eval_episodes for run in runs if run.result), default=0)
    each = f" ({numbers.counted(episodes, 'episode')} each)" if episodes else ""
    lines = [counted, budget.head(values, SEEDS) + each]
    if verdict.worst_seed:
        lines.append(_worst(facts, runs))
    return [text for text in lines if text]


def _seed(run: Run, metric: str) -> str:
    values = run.result.metrics if run.result else {}
    if run.status is RunStatus.SUCCEEDED and metric in values:
        return f"{run.label} {numbers.metric(values[metric])}"
    cause = words.SHORT_CAUSES[run.cause] if run.cause else "no value"
    code = run.attempt.exit_code if run.attempt else None
    return f"{run.label} ✗ {cause}" + (f" (exit {code})" if code else "")


def _worst(facts: ResultFacts, runs: tuple[Run, ...]) -> str:
    label = facts.verdict.worst_seed or ""
    run = next((run for run in runs if run.label == label), None)
    value = run.result.metrics.get(facts.base.metric) if run and run.result else None
    return f"Worst seed {label}" + (f": {numbers.metric(value)}" if value is not None else "")


def _foot(facts: ResultFacts) -> list[str]:
    verdict = facts.verdict
    lines = [f"Failures up to {numbers.percent(verdict.failure_limit)} not excluded"]
    lines += [_cut(note, REASON) for note in verdict.notes[:MOST_NOTES]]
    short = line(budget.head(diff.in_short(facts.base.changes), titles.CHANGES))
    parent = f" (vs {facts.base.parent.key})" if facts.base.parent else ""
    return [*lines, f"{short}{parent}", mrkdwn(_cost(facts))]


def _cost(facts: ResultFacts) -> str:
    experiment = facts.base.experiment
    runs = [run for run in experiment.runs if run.kind is not RunKind.SMOKE]
    used = sum(run.result.duration_s for run in runs if run.result)
    kind = "GPU-h" if experiment.revision.budget.gpus else "CPU-h"
    text = f"{numbers.hours(used)} {kind}"
    if experiment.smoke is None:
        return text
    planned = experiment.revision.budget.seeds * (2 if experiment.revision.intent.run_alongside else 1)
    return f"{text} (estimated {numbers.hours(experiment.smoke.estimated_s * planned)})"


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
