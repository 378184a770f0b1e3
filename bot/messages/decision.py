"""What the thread says when somebody has decided. Pure."""

from bot.messages import actions, blocks, budget
from bot.messages.facts import Facts
from bot.messages.message import Block, Message
from bot.messages.people import at
from bot.messages.short import short
from db.records import Decision, DecisionKind

REASON = 1_500


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
