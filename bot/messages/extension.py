"""The card that asks for more seeds of an approved experiment, under an approval of their own. Pure."""

from bot.messages import actions, blocks, cost, numbers, titles
from bot.messages.facts import Facts
from bot.messages.message import Block, Message
from bot.messages.people import at
from bot.messages.short import short
from db.lifecycle import ExperimentStatus
from db.records import Extension

REASON = 500
LABEL = "extension"


def render(facts: Facts, extension: Extension) -> Message:
    """The card as the extension is now; after the decision its buttons are gone."""
    experiment = facts.experiment
    state = _STATES.get(extension.status, extension.status.value.replace("_", " "))
    seeds = numbers.counted(extension.seeds, "more seed")
    asked = (
        f"{at(extension.author)} asks for *{seeds}* of the same contract "
        f"(s{extension.first_seed} and up). Nothing else changes; the verdict is computed again at the end."
    )
    drawn = [
        titles.title_block(experiment, f"MORE SEEDS · {state}", facts.links),
        blocks.section(asked),
        blocks.context(_standing(facts, extension)),
    ]
    if extension.status is ExperimentStatus.PROPOSED:
        drawn.append(blocks.actions(_buttons(extension)))
    text = f"{titles.title_text(experiment, state)} · {seeds} asked for by {at(extension.author)}"
    return Message(text=text, blocks=drawn)


_STATES = {ExperimentStatus.PROPOSED: "WAITS FOR APPROVAL"}
_DECIDED = {ExperimentStatus.APPROVED: "✅ Approved", ExperimentStatus.REJECTED: "⛔ Rejected"}


def target_of(extension: Extension) -> actions.Target:
    """`n` is the extension's number."""
    return actions.Target(
        extension.experiment,
        approval_hash=extension.approval_hash[: actions.HASH_PREFIX],
        label=LABEL,
        n=extension.n,
    )


def _standing(facts: Facts, extension: Extension) -> str:
    decided = _DECIDED.get(extension.status)
    if decided is None or extension.decider is None:
        return f"{_cost(facts, extension)}Somebody else than who asks decides."
    when = f" · {numbers.day(extension.decided_at)}" if extension.decided_at else ""
    reason = f": {short(extension.reason, REASON)}" if extension.reason else ""
    return f"{decided} by {at(extension.decider)}{when}{reason}"


def _cost(facts: Facts, extension: Extension) -> str:
    smoke = facts.experiment.smoke
    if smoke is None:
        return ""
    runs = extension.seeds * (2 if facts.experiment.revision.intent.run_alongside else 1)
    asked = facts.experiment.revision.budget
    return f"About {cost.hours(smoke.estimated_s * runs, asked)} {cost.kind(asked)}. "


def _buttons(extension: Extension) -> list[Block]:
    target = target_of(extension)
    return [
        actions.button("Approve", actions.APPROVE, target, style="primary"),
        actions.button("Reject", actions.REJECT, target, style="danger"),
    ]
