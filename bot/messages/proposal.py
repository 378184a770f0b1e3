"""The proposal card: who, why, the diff, the cost, and the three buttons. Pure.

The card is edited through its whole life; its blocks keep their kinds and their order, because
Slack refuses edits that swap rich text for something else. Only the buttons at its end go.
"""

import re

from bot.messages import (
    actions,
    blocks,
    budget,
    code,
    cost,
    datasets,
    diff,
    numbers,
    programs,
    start_weights,
    titles,
    words,
)
from bot.messages.escape import one_line
from bot.messages.facts import ProposalFacts, Reference
from bot.messages.message import Block, Message
from bot.messages.people import at, is_slack_user, plain_at
from bot.messages.short import short, short_sentence
from db.lifecycle import TERMINAL_RUNS, ExperimentStatus, RunStatus
from db.records import DecisionKind, Experiment, Person, Summary
from trainer.contract import RunKind

OBJECTIVE = 800
HYPOTHESIS = 600
EXPECTED = 400
GUARDS = 300
QUESTION = 200
REASON = 500
_WEB_ADDRESS = re.compile(r"https?://[!-~]+")

_DECIDED = {
    DecisionKind.APPROVE: "✅ Approved",
    DecisionKind.REJECT: "⛔ Rejected",
    DecisionKind.REQUEST_CHANGES: "✏️ Changes requested",
}


def render(facts: ProposalFacts) -> Message:
    """The card as the experiment is now, whatever has become of it."""
    experiment = facts.base.experiment
    state = titles.state_word(experiment)
    if experiment.status is ExperimentStatus.APPROVED:
        state = "APPROVED"
    text, complete = diff.for_card(facts.base.changes, facts.base.origins)
    drawn = [
        titles.title_block(experiment, state, facts.base.links),
        blocks.rich(*why(facts)),
        blocks.rich(blocks.rich_line(blocks.words(diff_title(facts), bold=True)), blocks.preformatted(text)),
        blocks.context(*plan_lines(facts, complete=complete)),
        blocks.context(*standing(facts)),
    ]
    buttons = _buttons(facts)
    if buttons:
        drawn.append(blocks.actions(buttons, block_id=f"decide.{experiment.revision.n}"))
    return Message(text=_fallback(facts, state), blocks=drawn)


def _fallback(facts: ProposalFacts, state: str) -> str:
    author = at(facts.base.experiment.revision.author)
    changed = short(diff.in_short(facts.base.changes), titles.CHANGES)
    return f"{titles.title_text(facts.base.experiment, state)} · proposed by {author}: {changed}"


def why(facts: ProposalFacts) -> list[Block]:
    intent = facts.base.experiment.revision.intent
    lines = [
        _who(facts),
        _named("Why", budget.head_and_tail(intent.objective, OBJECTIVE)),
        _named("Hypothesis", budget.head_and_tail(intent.hypothesis, HYPOTHESIS)),
    ]
    if intent.expected:
        lines.append(_named("Expected", budget.head_and_tail(intent.expected, EXPECTED)))
    if facts.base.understood:
        lines.append(_named("Understood as", budget.head(facts.base.understood, EXPECTED)))
    if intent.guards:
        guards = facts.base.guards_understood or intent.guards
        lines.append(_named("Must not get worse", budget.head_and_tail(guards, GUARDS)))
    if facts.question is not None:
        question = f"Q-{facts.question.number} · {one_line(facts.question.text)}"
        lines.append(_named("Question", budget.head(question, QUESTION)))
    if intent.stop_rule:
        lines.append(_named("Stop early if", budget.head_and_tail(intent.stop_rule, GUARDS)))
    if intent.context_link:
        lines.append(_context(intent.context_link))
    return [blocks.rich_lines(lines)]


def _who(facts: ProposalFacts) -> list[Block]:
    experiment = facts.base.experiment
    revision = experiment.revision
    elements = [_person(revision.author)]
    if facts.base.parent is None:
        return [*elements, blocks.words(" added this baseline; others start from it")]
    elements += [blocks.words(" proposes a change to "), *_reference(facts.base.parent)]
    if revision.n > 1:
        elements.append(blocks.words(f" (revision {revision.n})"))
    if revision.intent.approver_id and experiment.status is ExperimentStatus.PROPOSED:
        asked = Person(revision.intent.approver_id, revision.intent.approver_id)
        elements += [blocks.words(" and asks "), _person(asked)]
    return elements


def _person(person: Person) -> Block:
    """A mention, which tells the person; a name where there is nobody in Slack to be told."""
    if is_slack_user(person.id):
        return blocks.user(person.id)
    return blocks.words(plain_at(person))


def _reference(reference: Reference) -> list[Block]:
    title = budget.head(one_line(reference.title), titles.TITLE)
    key = (
        blocks.link(reference.url, reference.key) if reference.url else blocks.words(reference.key, bold=True)
    )
    return [key, blocks.words(f" · {title}")]


def _named(name: str, text: str) -> list[Block]:
    return [blocks.words(f"{name}: ", bold=True), blocks.words(text)]


def _context(link: str) -> list[Block]:
    """The context link, clickable where it is a web address; it shows where it leads."""
    text = budget.head(one_line(link), QUESTION)
    label = blocks.words("Context: ", bold=True)
    if len(link) <= budget.URL and _WEB_ADDRESS.fullmatch(link):
        return [label, blocks.link(link, text)]
    return [label, blocks.words(text)]


def diff_title(facts: ProposalFacts) -> str:
    count = numbers.counted(len(facts.base.changes), "change")
    return f"{count} against {facts.base.parent.key}" if facts.base.parent else count


def plan_lines(facts: ProposalFacts, *, complete: bool) -> list[str]:
    experiment = facts.base.experiment
    parts = [_plan(facts), _smoke(facts)] if facts.base.parent else [_baseline(experiment)]
    if begins := start_weights.begins_with(experiment.revision.config):
        parts.insert(1, begins)
    if learns := datasets.learns_from(experiment.revision.config):
        parts.insert(1, learns)
    if facts.code is not None:
        parts.append(code.line(facts.code))
    if program := programs.runs(experiment.revision.config):
        parts.append(program)
    if not complete:
        parts.append("The diff is cut here; the full diff is attached in the thread.")
    warnings = [warning[:1].upper() + warning[1:] for warning in facts.base.warnings[:3]]
    parts += [f"⚠️ {short_sentence(warning, GUARDS)}" for warning in warnings]
    parts += [f"⚠️ {duplicate(other)}" for other in facts.duplicates[:2]]
    tags = experiment.tags or experiment.revision.intent.tags
    if tags:
        parts.append(short(" ".join(f"#{tag}" for tag in tags), 200))
    return parts


def duplicate(other: Summary) -> str:
    """This exact config has been run before: which experiment, and what came out (mrkdwn)."""
    result = f": {short(other.outcome, 40)}" if other.outcome else ""
    got = f", {short(other.got, 120)}" if other.got else ""
    title = short(other.title, titles.TITLE)
    return f"The same config was proposed before in {other.key} · {title}{result}{got}"


def _baseline(experiment: Experiment) -> str:
    config = experiment.revision.config
    total, env = config.get("total_timesteps"), config.get("env")
    length = f" · {numbers.steps(total)} steps" if isinstance(total, int) else ""
    env_id = env.get("id") if isinstance(env, dict) else ""
    return f"{short(str(config.get('algo', '')), 40)} on {short(str(env_id), 60)}{length}"


def _plan(facts: ProposalFacts) -> str:
    experiment = facts.base.experiment
    budget_asked, config = experiment.revision.budget, experiment.revision.config
    total = config.get("total_timesteps")
    length = f" of {numbers.steps(total)} steps" if isinstance(total, int) else ""
    runs = budget_asked.seeds * (2 if experiment.revision.intent.run_alongside else 1)
    parts = [
        f"{numbers.counted(budget_asked.seeds, 'seed')}{length}",
        cost.device(budget_asked),
        cost.at_most(budget_asked, runs),
    ]
    if experiment.revision.intent.run_alongside and facts.base.comparator:
        parts.append(f"{facts.base.comparator.key} runs alongside with as many")
    elif facts.base.comparator:
        parts.append(f"compared with {facts.base.comparator.key}")
    return " · ".join(parts)


def _smoke(facts: ProposalFacts) -> str:
    experiment = facts.base.experiment
    if experiment.smoke is not None:
        return _smoke_passed(facts)
    runs = titles.runs_of(experiment, RunKind.SMOKE)
    newest = runs[-1] if runs else None
    if newest is not None and newest.status is RunStatus.FAILED:
        cause = words.CAUSES[newest.cause] if newest.cause else "it ended badly"
        said = short(newest.message or experiment.smoke_message, GUARDS)
        return f"❌ Smoke run failed: {cause}. {said}".rstrip()
    if experiment.smoke_message:
        said = short(experiment.smoke_message, GUARDS)
        return f"Smoke run: {said}"
    if newest is not None and newest.status not in TERMINAL_RUNS:
        return "⏳ Smoke run: under way, the estimate follows here"
    return "Smoke run: right after approval, before the first seed"


def _smoke_passed(facts: ProposalFacts) -> str:
    experiment = facts.base.experiment
    assert experiment.smoke is not None
    runs = experiment.revision.budget.seeds * (2 if experiment.revision.intent.run_alongside else 1)
    asked = experiment.revision.budget
    return (
        f"✅ Smoke run passed: about {numbers.duration(experiment.smoke.estimated_s)} a seed, "
        f"~{cost.hours(experiment.smoke.estimated_s * runs, asked)} {cost.kind(asked)} in all · "
        f"{experiment.smoke.steps_per_s:,.0f} steps/s · {experiment.smoke.peak_memory_mb:,.0f} MB"
    )


def standing(facts: ProposalFacts) -> list[str]:
    """Who decided what and when; before that, what is awaited."""
    experiment = facts.base.experiment
    decision = experiment.decisions[-1] if experiment.decisions else None
    if facts.base.parent is None:
        return ["Shipped with Signoff; nobody had to approve it."]
    if experiment.status is ExperimentStatus.PROPOSED:
        return ["Somebody else than the author decides. Approving signs exactly what is shown here."]
    if experiment.status is ExperimentStatus.WITHDRAWN:
        return ["Withdrawn by the author; nothing will run."]
    if experiment.status is ExperimentStatus.EXPIRED:
        return ["Expired without a decision; nothing will run. Propose it again if it is still wanted."]
    if decision is None:
        return [words.STATUSES[experiment.status].capitalize()]
    said = f"{_DECIDED[decision.kind]} by {at(decision.decider)} · {numbers.day(decision.at)}"
    reason = f": {short(decision.reason, REASON)}" if decision.reason else ""
    return [said + reason]


def _buttons(facts: ProposalFacts) -> list[Block]:
    experiment = facts.base.experiment
    target = actions.target_of(experiment)
    if experiment.status is ExperimentStatus.PROPOSED:
        return [
            actions.button("Approve", actions.APPROVE, target, style="primary"),
            actions.button("Reject", actions.REJECT, target, style="danger", confirm=_sure_to_reject(facts)),
            actions.button("Request changes", actions.REQUEST_CHANGES, target),
            actions.overflow([("Edit", actions.EDIT, target), ("Withdraw", actions.WITHDRAW, target)]),
        ]
    if experiment.status is ExperimentStatus.CHANGES_REQUESTED:
        return [
            actions.button("Edit and resubmit", actions.EDIT, target, style="primary"),
            actions.overflow([("Withdraw", actions.WITHDRAW, target)]),
        ]
    return []


def _sure_to_reject(facts: ProposalFacts) -> Block:
    return actions.confirm(
        f"Reject {facts.base.experiment.key}?",
        "It ends here and nothing runs. To have it corrected instead, request changes.",
        yes="Reject",
        danger=True,
    )
