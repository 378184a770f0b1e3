"""From a filled form to a proposal, or to the sentences that stand at its fields. Pure."""

from collections.abc import Mapping

from bot.forms import fields
from bot.forms.filled import Filled, View, block_ids
from bot.forms.understand import Understood
from bot.forms.weigh import Weighed, asked
from bot.messages import budget, refusals
from db.records import Intent, Person, Proposal

ERROR = 900

_MISSING = {
    fields.PARENT: "Choose what to start from.",
    fields.CHANGES: "Say what changes, one `key = value` a line.",
    fields.OBJECTIVE: "Say what should get better.",
    fields.HYPOTHESIS: "Say why these changes should do that.",
    fields.EXPECTED: "Say what you expect, for example final reward > 450.",
    fields.CHANNEL: "Choose the channel where the proposal is posted.",
}
_INSTEAD = (fields.EXPECTED, fields.CHANGES, fields.OBJECTIVE, fields.CONCLUSION, fields.REASON)
"""Fields that are always shown, for errors of fields that are not."""


def errors_of(understood: Understood, weighed: Weighed) -> Mapping[str, str]:
    """Every field that keeps the form from being submitted, with its sentence."""
    missing = {name: _MISSING[name] for name in understood.missing}
    return {**missing, **weighed.errors}


def at_fields(errors: Mapping[str, str], view: View) -> dict[str, str]:
    """The errors by block_id, as an ack takes them; Slack refuses blocks that the view has not."""
    shown = block_ids(view)
    placed: dict[str, str] = {}
    for name, problem in errors.items():
        block_id = shown.get(name) or next((shown[other] for other in _INSTEAD if other in shown), None)
        if block_id is not None:
            sentence = refusals.at_field(problem)
            said = f"{placed[block_id]}\n{sentence}" if block_id in placed else sentence
            placed[block_id] = budget.head(said, ERROR)
    return placed


def proposal(
    filled: Filled, understood: Understood, weighed: Weighed, author: Person, question: int | None
) -> Proposal:
    """The contract of a form without errors. `question` is the one that was picked or just made."""
    assert filled.parent is not None
    assert filled.channel is not None
    assert understood.delta is not None
    return Proposal(
        author=author,
        parent=filled.parent,
        delta=understood.delta,
        intent=Intent(
            title=understood.title,
            objective=filled.objective,
            hypothesis=filled.hypothesis,
            expected=filled.expected,
            guards=filled.guards,
            comparator=weighed.comparator,
            run_alongside=weighed.alongside,
            question=question,
            stop_rule=filled.stop_rule,
            approver_id=filled.approver,
            context_link=understood.context_link,
            tags=understood.tags,
        ),
        budget=asked(filled, understood),
        channel_id=filled.channel,
    )
