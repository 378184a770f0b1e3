"""Approve, reject, request changes, edit, withdraw: the click commits one verb, then it is acknowledged."""

from typing import Any

from slack_bolt import Ack
from slack_sdk.web import WebClient

from bot.forms import small_views
from bot.house import House
from bot.listeners import forms
from bot.listeners.answers import Body, person_of
from bot.listeners.clicks import commit, target_of
from bot.listeners.errors import GuardedApp
from bot.listeners.opening import open_then_fill
from bot.messages import actions, extension
from bot.messages.actions import Target
from bot.messages.message import Block
from db.errors import Refused
from db.lifecycle import may_decide
from db.records import DecisionKind, Person

REASON_TITLE = "Request changes"


def register(app: GuardedApp, house: House) -> None:
    listener = Decisions(house)
    app.action(actions.APPROVE)(listener.approve)
    app.action(actions.REJECT)(listener.reject)
    app.action(actions.REQUEST_CHANGES)(listener.request_changes)
    app.action(actions.EDIT)(listener.edit)


class Decisions:
    def __init__(self, house: House) -> None:
        self._house = house

    def approve(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        commit(ack, body, client, lambda: self._decide(body, DecisionKind.APPROVE))

    def reject(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        commit(ack, body, client, lambda: self._decide(body, DecisionKind.REJECT))

    def request_changes(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Ask for the reason; the decision is made when that form is submitted."""
        ack()
        target, person = target_of(body), person_of(body)
        open_then_fill(client, body["trigger_id"], REASON_TITLE, lambda: self._reason(target, person))

    def edit(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        edit(self._house, body, client, target_of(body))

    def _decide(self, body: Body, kind: DecisionKind) -> None:
        target, person = target_of(body), person_of(body)
        policy = self._house.approvers.policy(person.id)
        verbs = self._house.ledger.experiments
        if target.label == extension.LABEL:
            verbs.decide_extension(
                target.experiment,
                extension=target.n,
                approval_hash=target.approval_hash,
                kind=kind,
                decider=person,
                policy=policy,
            )
            return
        verbs.decide(
            target.experiment,
            revision=target.revision,
            approval_hash=target.approval_hash,
            kind=kind,
            decider=person,
            policy=policy,
        )

    def _reason(self, target: Target, person: Person) -> Block:
        """The form for the reason, unless it is clear already that the decision will be refused."""
        experiment = self._house.queries.experiment(target.experiment)
        revision = experiment.revision
        policy = self._house.approvers.policy(person.id)
        refusal = may_decide(experiment.author.id, revision.author.id, person.id, policy)
        if refusal is not None:
            raise Refused(f"{experiment.key}: {refusal}")
        return small_views.reason(target, experiment.key, revision.author)


def edit(house: House, body: Body, client: WebClient, target: Target) -> None:
    """Reopen the filled form of a proposal, for its author."""
    person = person_of(body)
    title = f"Edit E-{target.experiment}"
    open_then_fill(client, body["trigger_id"], title, lambda: forms.edit(house, person, target.experiment))
