"""What the thread says when somebody has decided, and when a conclusion was written. Pure."""

from bot.messages import actions, blocks, budget, titles
from bot.messages.escape import line
from bot.messages.facts import Facts
from bot.messages.message import Block, Message
from bot.messages.people import at, plain_at
from bot.messages.short import short
from db.records import Decision, DecisionKind

REASON = 1_500
CONCLUSION = 3_000


def render(facts: Facts, decision: Decision) -> Message:
    """One line for the thread, with the reason where there is one, and what happens next."""
    experiment = facts.experiment
    said = _SENTENCES[decision.kind].format(
        who=at(decision.decider), key=experiment.key, author=at(experiment.revision.author)
    )
    drawn: list[Block] = [blocks.section(said)]
    if decision.reason:
        drawn.append(blocks.rich(blocks.quote(budget.head_and_tail(decision.reason, REASON))))
    drawn.append(blocks.context(_NEXT[decision.kind]))
    if decision.kind is DecisionKind.REQUEST_CHANGES:
        edit = actions.button(
            "Edit and resubmit", actions.EDIT, actions.target_of(experiment), style="primary"
        )
        drawn.append(blocks.actions([edit]))
    reason = f" “{short(decision.reason, 300)}”" if decision.reason else ""
    return Message(text=f"{said.replace('*', '')}{reason}", blocks=drawn)


def withdrawn(facts: Facts) -> Message:
    text = f"{facts.experiment.key} was withdrawn by its author; nothing will run."
    return Message(text=text, blocks=[blocks.section(text)])


def expired(facts: Facts) -> Message:
    text = f"{facts.experiment.key} expired without a decision; nothing will run. It can be forked."
    return Message(text=text, blocks=[blocks.section(text)])


def conclusion(facts: Facts) -> Message:
    """What people wrote about the experiment."""
    experiment = facts.experiment
    written = experiment.conclusion
    if written is None:
        text = f"The conclusion of {experiment.key} is not in the ledger."
        return Message(text=text, blocks=[blocks.section(text)])
    outcome = f" ({experiment.results[-1].outcome})" if experiment.results else ""
    text = f"{at(written.author)} concluded {experiment.key}{line(outcome)}"
    return Message(
        text=f"{text}: {short(written.text, 300)}",
        blocks=[
            titles.title_block(experiment, "CONCLUSION", facts.links),
            blocks.rich(
                blocks.rich_line(blocks.words(f"{plain_at(written.author)} writes:")),
                blocks.quote(budget.head_and_tail(written.text, CONCLUSION)),
            ),
            blocks.actions([actions.button("Fork", actions.FORK, actions.Target(experiment.number))]),
        ],
    )


_SENTENCES = {
    DecisionKind.APPROVE: "✅ *{who} approved {key}.*",
    DecisionKind.REJECT: "⛔ *{who} rejected {key}.*",
    DecisionKind.REQUEST_CHANGES: "✏️ *{who} asks {author} to change {key}.*",
}
_NEXT = {
    DecisionKind.APPROVE: "The seeds are queued; the status card in this thread follows them.",
    DecisionKind.REJECT: "Nothing will run. It stays in the ledger and can be forked.",
    DecisionKind.REQUEST_CHANGES: "Nothing runs until the author has resubmitted and somebody has approved.",
}
