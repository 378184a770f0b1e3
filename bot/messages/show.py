"""The answer to `/experiment show E-n`: the contract, where it stands and what came out. Pure."""

from bot.messages import actions, blocks, diff, findings, proposal, titles, words
from bot.messages.facts import ProposalFacts
from bot.messages.message import Block, Message
from bot.messages.people import at
from bot.messages.short import short
from db.lifecycle import OPEN_EXPERIMENTS
from db.records import Result
from db.verdict import Verdict
from trainer.contract import RunKind

CLAIM = 300
CONCLUSION = 600
MOST_FINDINGS = 4


def render(facts: ProposalFacts, verdict: Verdict | None) -> Message:
    """`verdict` is the newest result's, where there is one."""
    experiment = facts.base.experiment
    state = titles.state_word(experiment)
    text, complete = diff.for_card(facts.base.changes, facts.base.origins)
    drawn = [
        titles.title_block(experiment, state, facts.base.links),
        blocks.rich(*proposal.why(facts)),
        *([_diff(facts, text)] if facts.base.parent else []),
        blocks.context(*proposal.plan_lines(facts, complete=complete)),
        blocks.context(*proposal.standing(facts), *_runs(facts)),
    ]
    outcome = _outcome(experiment.results[-1] if experiment.results else None, verdict)
    if outcome:
        drawn.append(blocks.section(outcome))
    seen = [short(findings.marked(group), CLAIM) for group in findings.grouped(experiment.runs)]
    if seen:
        drawn.append(blocks.context("\n".join(seen[:MOST_FINDINGS])))
    if experiment.conclusion is not None:
        said = short(experiment.conclusion.text, CONCLUSION)
        drawn.append(blocks.section(f"*Conclusion* by {at(experiment.conclusion.author)}: {said}"))
    buttons = _buttons(facts)
    if buttons:
        drawn.append(blocks.actions(buttons))
    return Message(text=titles.title_text(experiment, state), blocks=drawn)


def _diff(facts: ProposalFacts, text: str) -> Block:
    title = blocks.rich_line(blocks.words(proposal.diff_title(facts), bold=True))
    return blocks.rich(title, blocks.preformatted(text))


def _runs(facts: ProposalFacts) -> list[str]:
    seeds = titles.runs_of(facts.base.experiment, RunKind.SEED)
    return [" · ".join(f"{run.label} {run.status.value.lower()}" for run in seeds[:10])] if seeds else []


def _outcome(result: Result | None, verdict: Verdict | None) -> str:
    if result is None:
        return ""
    sign = words.OUTCOME_SIGNS.get(result.outcome, "")
    lines = [f"*Verdict: {short(result.outcome, 40)} {sign}*"]
    for claim in verdict.claims[:2] if verdict else ():
        lines.append(f"Asked: {short(claim.asked, CLAIM)}")
        lines.append(f"Got: {short(claim.got, CLAIM)}")
    return "\n".join(lines)


def _buttons(facts: ProposalFacts) -> list[Block]:
    experiment, links = facts.base.experiment, facts.base.links
    buttons = []
    if experiment.status not in OPEN_EXPERIMENTS:
        buttons.append(actions.button("Fork", actions.FORK, actions.Target(experiment.number)))
    page = links.experiment(experiment.number)
    if page:
        buttons.append(actions.button("Open page", actions.OPEN_PAGE, url=page))
    thread = links.thread(experiment.channel_id, experiment.thread_ts)
    if thread:
        buttons.append(actions.button("Open thread", actions.OPEN_THREAD, url=thread))
    return buttons
