"""Which contract form is opened by what: new, fork, edit."""

from dataclasses import replace

from bot.forms import prefill
from bot.forms.filled import Filled
from bot.house import House
from bot.messages import refusals
from bot.messages.message import Block
from db.errors import Refused
from db.lifecycle import OPEN_EXPERIMENTS
from db.records import Person

TITLE = "New experiment"
_CHANNELS = ("C", "G")


def new(house: House, person: Person, channel_id: str | None) -> Block:
    """An empty form."""
    return _draw(house, person, prefill.new(None), channel_id)


def fork(house: House, person: Person, number: int, channel_id: str | None) -> Block:
    """A form that starts from an experiment."""
    experiment = house.queries.experiment(number)
    if experiment.status in OPEN_EXPERIMENTS:
        raise Refused(refusals.not_approved_yet(experiment))
    return _draw(house, person, prefill.fork(experiment, None), channel_id or experiment.channel_id)


def edit(house: House, person: Person, number: int) -> Block:
    """The form of a proposal as it stands. Raises Refused where it is not this person's to edit."""
    experiment = house.queries.experiment(number)
    if person.id not in (experiment.author.id, experiment.revision.author.id):
        raise Refused(refusals.only_author(experiment))
    if experiment.status not in OPEN_EXPERIMENTS:
        raise Refused(refusals.decided_already(experiment))
    filled = prefill.revise(experiment)
    if filled is None:
        raise Refused(refusals.too_long_to_edit(experiment))
    return house.drafting.view(filled, person.id)


def _draw(house: House, person: Person, filled: Filled, channel_id: str | None) -> Block:
    """The form for a channel: fixed where the bot is a member, else to be chosen in the form."""
    suggested = channel_id if channel_id and channel_id.startswith(_CHANNELS) else house.settings.channel
    if channel_id == suggested and suggested and not house.channels.problem(suggested):
        filled = replace(filled, ids=replace(filled.ids, channel=suggested))
    return house.drafting.view(replace(filled, channel=suggested or None), person.id)
