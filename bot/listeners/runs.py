"""Stop, retry, resume, more seeds, plot now, and the buttons that open something."""

from typing import Any

from slack_bolt import Ack
from slack_sdk.web import WebClient

from bot.forms import small_views
from bot.house import House
from bot.listeners import decisions, forms
from bot.listeners.answers import Body, channel_of, person_of, tell
from bot.listeners.clicks import commit, menu_target_of, target_of
from bot.listeners.errors import GuardedApp
from bot.listeners.opening import open_then_fill
from bot.messages import actions, numbers, refusals
from bot.messages.actions import Target
from bot.messages.message import Block, Message
from db.errors import Refused


def register(app: GuardedApp, house: House) -> None:
    listener = Runs(house)
    app.action(actions.STOP)(listener.stop)
    app.action(actions.RETRY)(listener.retry)
    app.action(actions.RESUME)(listener.resume)
    app.action(actions.ADD_SEEDS)(listener.add_seeds)
    app.action(actions.PLOT_NOW)(listener.plot_now)
    app.action(actions.SHOW)(listener.show)
    app.action(actions.FORK)(listener.fork)
    app.action(actions.CONCLUDE)(listener.conclude)
    app.action(actions.NEW)(listener.new)
    app.action(actions.MENU)(listener.menu)
    for link in (actions.OPEN_PAGE, actions.OPEN_THREAD):
        app.action(link)(_opened)


def _opened(ack: Ack) -> None:
    """A button with a URL: the browser is open already."""
    ack()


class Runs:
    def __init__(self, house: House) -> None:
        self._house = house
        self._menu = {
            actions.EDIT: lambda body, client, target: decisions.edit(house, body, client, target),
            actions.FORK: self._fork,
            actions.SHOW: self._show,
        }

    def stop(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        commit(ack, body, client, lambda: self._stop(target_of(body), body))

    def retry(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        commit(ack, body, client, lambda: self._again(target_of(body), body, resume=False))

    def resume(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        commit(ack, body, client, lambda: self._again(target_of(body), body, resume=True))

    def add_seeds(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        commit(ack, body, client, lambda: self._add_seeds(target_of(body), body))

    def plot_now(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        commit(ack, body, client, lambda: self._house.cards.curves_now(target_of(body).experiment))

    def show(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        commit(ack, body, client, lambda: self._house.cards.show(target_of(body).experiment))

    def fork(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        self._fork(body, client, target_of(body))

    def conclude(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        target = target_of(body)
        title = f"Conclude E-{target.experiment}"
        open_then_fill(
            client,
            body["trigger_id"],
            title,
            lambda: self._conclusion_form(target.experiment),
        )

    def _conclusion_form(self, number: int) -> Block:
        experiment = self._house.queries.experiment(number)
        asked = experiment.revision.intent.question
        questions = self._house.queries.questions() if asked else ()
        return small_views.conclude(experiment, next((q for q in questions if q.number == asked), None))

    def new(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        person = person_of(body)
        open_then_fill(client, body["trigger_id"], forms.TITLE, lambda: forms.new(self._house, person, None))

    def menu(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """The [⋯] menu of a card: withdrawing is a click, everything else opens something."""
        action, target = menu_target_of(body)
        if action == actions.WITHDRAW:
            commit(ack, body, client, lambda: self._withdraw(target, body))
            return
        ack()
        chosen = self._menu.get(action)
        if chosen is None:
            raise Refused(refusals.OLD_BUTTON)
        chosen(body, client, target)

    def _stop(self, target: Target, body: Body) -> Message | None:
        asked = self._house.ledger.experiments.request_stop(target.experiment, person_of(body))
        return None if asked else refusals.sentence(refusals.nothing_to_stop(target.experiment))

    def _again(self, target: Target, body: Body, *, resume: bool) -> Message:
        if not target.label:
            count = self._house.ledger.experiments.resume_stopped(target.experiment, person_of(body))
            return refusals.sentence(f"{numbers.counted(count, 'seed')} queued; the status card follows.")
        run = self._house.ledger.experiments.retry(
            target.experiment, target.label, person_of(body), resume=resume
        )
        return refusals.sentence(f"{run.key} is queued; the status card follows it.")

    def _add_seeds(self, target: Target, body: Body) -> None:
        self._house.ledger.experiments.extend(
            target.experiment,
            extra_seeds=target.n,
            author=person_of(body),
            policy_rule=self._house.approvers.rule,
        )

    def _withdraw(self, target: Target, body: Body) -> None:
        self._house.ledger.experiments.withdraw(target.experiment, person_of(body))

    def _fork(self, body: Body, client: WebClient, target: Target) -> None:
        person, channel = person_of(body), channel_of(body)
        open_then_fill(
            client,
            body["trigger_id"],
            forms.TITLE,
            lambda: forms.fork(self._house, person, target.experiment, channel),
        )

    def _show(self, body: Body, client: WebClient, target: Target) -> None:
        tell(client, body, self._house.cards.show(target.experiment))
