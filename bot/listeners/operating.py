"""`/experiment priority` and `/experiment host`: who may, what was asked, one verb, one answer."""

import re

from bot.house import House
from bot.messages import lists, refusals, words
from bot.messages.message import Message
from db.errors import Refused
from db.lifecycle import may_administer
from db.records import Person

PRIORITY_USAGE = "Say which experiment and how: `priority E-42 high`, `normal` or `low`."
HOST_USAGE = (
    "Say what to do with which host: `host dead gpu-2`, or `host clean gpu-1` with or without a GPU's UUID."
)
_PRIORITY = re.compile(r"(?:e-?)?(?P<number>\d{1,9})\s+(?P<level>high|normal|low)", re.IGNORECASE)
_LEVELS = {name: value for value, name in words.PRIORITIES.items()}


class Operating:
    """What approvers and administrators do about the queue and its hosts."""

    def __init__(self, house: House) -> None:
        self._house = house

    def priority(self, text: str, person: Person) -> Message:
        """Raise or lower an experiment in the queue."""
        match = _PRIORITY.fullmatch(text)
        if match is None:
            return lists.help_message(PRIORITY_USAGE)
        number, level = int(match["number"]), match["level"].lower()
        verb = self._house.ledger.experiments.set_priority
        verb(number, _LEVELS[level], person, self._raisers(person.id))
        return refusals.sentence(f"E-{number} has {level} priority now; what runs already goes on.")

    def host(self, text: str, person: Person) -> Message:
        """Declare a host dead, or offer GPUs again that were marked as dirty."""
        verb, _, rest = text.partition(" ")
        name, _, more = rest.strip().partition(" ")
        if verb.lower() not in {"dead", "clean"} or not name:
            return lists.help_message(HOST_USAGE)
        refusal = may_administer(person.id, self._house.admins.policy(person.id).approvers)
        if refusal is not None:
            raise Refused(refusal)
        hosts = self._house.ledger.hosts
        if verb.lower() == "dead":
            lost = hosts.declare_dead(name, person, more.strip())
            return refusals.sentence(lists.declared_dead(name, lost))
        return refusals.sentence(lists.cleaned(name, hosts.clean(name, more.strip() or None)))

    def _raisers(self, person_id: str) -> frozenset[str] | None:
        """Approvers and administrators; None where anyone is either."""
        house = self._house
        approvers = house.approvers.policy(person_id).approvers
        if approvers is None or person_id in approvers:
            return approvers
        admins = house.admins.policy(person_id).approvers
        return None if admins is None else approvers | admins
