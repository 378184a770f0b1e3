"""The small modals: loading, a sentence, the reason for changes, the conclusion. Pure."""

from bot.forms import fields, inputs
from bot.messages import blocks, budget
from bot.messages.actions import Target
from bot.messages.escape import one_line, with_code
from bot.messages.message import Block
from bot.messages.people import at
from db.records import Experiment, Person, Question

LOADING_CALLBACK = "loading"


HINT_LENGTH = 300


def loading(title: str = "New experiment") -> Block:
    """Shown at once, before anything is looked up: Slack's trigger lives for 3 seconds."""
    said = blocks.section("One moment, the ledger is being asked …")
    return inputs.modal(LOADING_CALLBACK, title, [said], submit=None)


def sentence(title: str, text: str) -> Block:
    """A modal that only says something."""
    said = blocks.section(with_code(text))
    return inputs.modal(LOADING_CALLBACK, title, [said], submit=None, close="Close")


def reason(target: Target, key: str, author: Person) -> Block:
    """Why changes are requested; the author reads it in the thread."""
    element = inputs.text(
        fields.REASON, placeholder="What should be changed, and why?", multiline=True, limit=fields.TEXT
    )
    return inputs.modal(
        fields.REASON_CALLBACK,
        "Request changes",
        [
            blocks.section(f"*{key}* goes back to {at(author)}, who can edit and resubmit it."),
            inputs.block(fields.REASON, "What should change", element),
        ],
        submit="Request changes",
        metadata=target.to_value(),
    )


def conclude(experiment: Experiment, question: Question | None = None) -> Block:
    """What has been learnt; it can be written again later. `question` is what it was meant to answer."""
    written = experiment.conclusion.text if experiment.conclusion else ""
    element = inputs.text(
        fields.CONCLUSION,
        initial=written,
        placeholder="What did we learn, and what follows from it?",
        multiline=True,
        limit=fields.TEXT,
    )
    tags = inputs.text(fields.TAGS, placeholder="oscillation, reward", limit=fields.ONE_LINE)
    asked = [] if question is None else [_answer(question)]
    return inputs.modal(
        fields.CONCLUDE_CALLBACK,
        f"Conclude {experiment.key}",
        [
            inputs.block(fields.CONCLUSION, "Conclusion", element),
            *asked,
            inputs.block(fields.TAGS, "Tags to add", tags, optional=True),
        ],
        submit="Save",
        metadata=Target(experiment.number).to_value(),
    )


def _answer(question: Question) -> Block:
    element = inputs.text(fields.ANSWER, initial=question.answer or "", multiline=True, limit=fields.TEXT)
    hint = budget.head(one_line(question.text), HINT_LENGTH)
    return inputs.block(fields.ANSWER, "Answer to the question", element, hint=hint, optional=True)
