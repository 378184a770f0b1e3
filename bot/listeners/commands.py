"""`/experiment new | search | show | list | queue | priority | host | help`."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack
from slack_sdk.web import WebClient

from bot.house import House
from bot.listeners import forms
from bot.listeners.answers import Body, person_of, tell
from bot.listeners.errors import GuardedApp
from bot.listeners.opening import open_then_fill
from bot.listeners.operating import Operating
from bot.messages import actions, lists, refusals
from bot.messages.message import Message
from db.errors import Busy, SignoffError

FOUND = 8
_KEY = re.compile(r"(?:e-?)?(\d{1,9})", re.IGNORECASE)


def register(app: GuardedApp, house: House) -> None:
    app.command(actions.COMMAND)(Commands(house).experiment)


class Commands:
    def __init__(self, house: House) -> None:
        self._house = house
        self._answers: dict[str, Callable[[str], Message]] = {
            "search": self._search,
            "show": self._show,
            "list": self._list,
            "queue": self._queue,
            "help": lambda _: lists.help_message(),
        }
        operating = Operating(house)
        self._acts = {"priority": operating.priority, "host": operating.host}

    def experiment(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Nothing, or `new`, opens the form; the rest is answered to the person alone."""
        ack()
        verb, _, rest = str(body.get("text") or "").strip().partition(" ")
        if verb.lower() in {"", "new"}:
            self._new(body, client)
            return
        act = self._acts.get(verb.lower())
        if act is not None:
            person = person_of(body)
            tell(client, body, _answered(lambda text: act(text, person), rest.strip(), refusals.BUSY))
            return
        answer = self._answers.get(verb.lower(), lambda _: self._unknown(str(body.get("text"))))
        tell(client, body, _answered(answer, rest.strip()))

    def _new(self, body: Body, client: WebClient) -> None:
        person, channel = person_of(body), body.get("channel_id")
        open_then_fill(
            client, body["trigger_id"], forms.TITLE, lambda: forms.new(self._house, person, channel)
        )

    def _search(self, query: str) -> Message:
        if not query:
            return lists.help_message("Say what to look for, as in search experiments fixing oscillation.")
        return lists.search_answer(query, self._house.search(query, FOUND), self._house.links)

    def _show(self, text: str) -> Message:
        match = _KEY.fullmatch(text)
        if not text:
            return lists.help_message("Say which experiment, as in show E-42.")
        if match is None:
            return lists.help_message(f"“{text}” is not an experiment; write for example show E-42.")
        return self._house.cards.show(int(match[1]))

    def _list(self, _: str) -> Message:
        return lists.newest(self._house.queries.recent(FOUND), self._house.links)

    def _queue(self, _: str) -> Message:
        return self._house.cards.queue()

    def _unknown(self, text: str) -> Message:
        return lists.help_message(refusals.unknown_command(text))


def _answered(answer: Callable[[str], Message], rest: str, busy: str = refusals.BUSY_READ) -> Message:
    """The answer, or in words why there is none."""
    try:
        return answer(rest)
    except Busy:
        return refusals.sentence(busy)
    except SignoffError as refused:
        return refusals.sentence(refusals.as_sentence(str(refused)))
