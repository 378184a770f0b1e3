"""A form that is opened with something in it: from a fork, or to edit a proposal. Pure."""

from dataclasses import replace

from bot.forms import changes_text, fields
from bot.forms.filled import Filled, Ids
from bot.forms.resources import resources_text
from bot.forms.small_inputs import derive_title, duration_text
from bot.forms.understand import INIT_KEY
from bot.messages import budget
from db.records import Experiment
from trainer.contract import JsonObject


def new(channel: str | None) -> Filled:
    """An empty form."""
    return Filled(ids=Ids(channel=channel), channel=channel)


def fork(experiment: Experiment, channel: str | None) -> Filled:
    """A child of the experiment: its contract as a start, and changes of one's own."""
    intent = experiment.revision.intent
    return _contract(
        experiment,
        Filled(
            ids=Ids(channel=channel, parent=experiment.number),
            parent=experiment.number,
            channel=channel,
            objective=_fits(intent.objective),
            hypothesis=_fits(intent.hypothesis),
            expected=_fits(intent.expected),
        ),
    )


def revise(experiment: Experiment) -> Filled | None:
    """The proposal as it stands; None where it is too long for Slack's text fields."""
    revision = experiment.revision
    intent = revision.intent
    delta = {name: value for name, value in revision.delta.items() if name != INIT_KEY}
    init = revision.delta.get(INIT_KEY)
    removes = INIT_KEY in revision.delta and not init
    changes = changes_text.to_text({**delta, INIT_KEY: {"from": None}} if removes else delta)
    texts = (changes, intent.objective, intent.hypothesis, intent.expected, intent.guards)
    if experiment.parent is None or any(len(text) > fields.TEXT for text in texts):
        return None
    comparator = None if intent.comparator == experiment.parent else intent.comparator
    filled = Filled(
        ids=Ids(channel=experiment.channel_id, parent=experiment.parent, revises=experiment.number),
        parent=experiment.parent,
        channel=experiment.channel_id,
        changes=changes,
        start_weights=_start_weights(init) if isinstance(init, dict) else "",
        objective=intent.objective,
        hypothesis=intent.hypothesis,
        expected=intent.expected,
        comparator=comparator,
        alongside=intent.run_alongside,
        stop_rule=intent.stop_rule,
        approver=intent.approver_id,
        context_link=intent.context_link,
        title="" if intent.title == derive_title(intent.objective) else intent.title,
    )
    return _contract(experiment, filled)


def _contract(experiment: Experiment, filled: Filled) -> Filled:
    """What a fork and a revision take over alike."""
    revision = experiment.revision
    intent, asked = revision.intent, revision.budget
    return replace(
        filled,
        guards=_fits(intent.guards),
        question=intent.question,
        seeds=str(asked.seeds),
        device=fields.GPU if asked.needs.gpus else fields.CPU,
        resources=resources_text(asked),
        time_limit=duration_text(asked.time_limit_s),
        tags=budget.head(", ".join(intent.tags), fields.ONE_LINE),
    )


def _start_weights(init: JsonObject) -> str:
    source = init.get("from")
    named = ", ".join(map(str, source)) if isinstance(source, list) else str(source)
    return f"{named} {init.get('load', 'policy')}"


def _fits(text: str) -> str:
    return budget.head(text, fields.TEXT)
