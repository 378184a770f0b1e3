"""What the thread says when a conclusion was written. Pure."""

from bot.messages import actions, blocks, budget, titles
from bot.messages.facts import Facts
from bot.messages.message import Message
from bot.messages.people import at, plain_at
from bot.messages.short import short

CONCLUSION = 3_000


def render(facts: Facts) -> Message:
    """What people wrote about the experiment."""
    experiment = facts.experiment
    written = experiment.conclusion
    if written is None:
        text = f"The conclusion of {experiment.key} is not in the ledger."
        return Message(text=text, blocks=[blocks.section(text)])
    outcome = f" ({short(experiment.results[-1].outcome, 40)})" if experiment.results else ""
    text = f"{at(written.author)} concluded {experiment.key}{outcome}"
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
