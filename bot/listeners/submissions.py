"""Submitted modals: validated and committed within 2 seconds, then acknowledged."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack

from bot.drafting import Drafted
from bot.forms import draft, fields
from bot.forms.filled import View, read, typed
from bot.forms.small_inputs import Unreadable, read_tags
from bot.house import House
from bot.listeners.answers import person_of
from bot.listeners.errors import GuardedApp
from bot.messages import refusals
from bot.messages.actions import Target
from bot.messages.escape import is_blank
from db.errors import Busy, DatasetRefused, NotFound, SignoffError, StartRefused
from db.records import DecisionKind, Person
from trainer.crashpoints import crash_at


def register(app: GuardedApp, house: House) -> None:
    listener = Submissions(house)
    app.view(fields.CALLBACK)(listener.contract)
    app.view(fields.REASON_CALLBACK)(listener.reason)
    app.view(fields.CONCLUDE_CALLBACK)(listener.conclusion)


class Submissions:
    def __init__(self, house: House) -> None:
        self._house = house

    def contract(self, ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        """Propose or revise. The same view never makes two experiments."""
        _acked(ack, view, fields.CHANGES, lambda: self._contract(view, person_of(body)))

    def reason(self, ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        """Send a proposal back with the reason."""
        _acked(ack, view, fields.REASON, lambda: self._reason(view, person_of(body)))

    def conclusion(self, ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        """Write down what was learnt."""
        _acked(ack, view, fields.CONCLUSION, lambda: self._conclusion(view, person_of(body)))

    def _contract(self, view: View, person: Person) -> dict[str, str]:
        drafted = self._house.drafting.draft(read(view), person.id)
        errors = draft.errors_of(drafted.understood, drafted.weighed)
        if not errors:
            try:
                self._save(drafted, person, str(view["id"]))
            except StartRefused as refused:
                field = fields.START if drafted.filled.start_weights else fields.CHANGES
                return {field: refusals.as_sentence(str(refused))}
            except DatasetRefused as refused:
                return {fields.CHANGES: refusals.as_sentence(str(refused))}
        return dict(errors)

    def _save(self, drafted: Drafted, person: Person, view_id: str) -> None:
        filled, rule = drafted.filled, self._house.approvers.rule
        question = filled.question
        if filled.new_question:
            question = self._house.ledger.questions.create(filled.new_question, person).number
        made = draft.proposal(filled, drafted.understood, drafted.weighed, person, question)
        verbs = self._house.ledger.experiments
        if filled.ids.revises is None:
            verbs.propose(made, view_id=view_id, policy_rule=rule)
        else:
            verbs.revise(filled.ids.revises, made, view_id=view_id, policy_rule=rule)

    def _reason(self, view: View, person: Person) -> dict[str, str]:
        target, reason = Target.from_value(str(view["private_metadata"])), typed(view, fields.REASON)
        if is_blank(reason):
            return {fields.REASON: refusals.NO_REASON}
        self._house.ledger.experiments.decide(
            target.experiment,
            revision=target.revision,
            approval_hash=target.approval_hash,
            kind=DecisionKind.REQUEST_CHANGES,
            decider=person,
            reason=reason,
            policy=self._house.approvers.policy(person.id),
        )
        return {}

    def _conclusion(self, view: View, person: Person) -> dict[str, str]:
        target, said = Target.from_value(str(view["private_metadata"])), typed(view, fields.CONCLUSION)
        if is_blank(said):
            return {fields.CONCLUSION: refusals.NO_CONCLUSION}
        try:
            tags = read_tags(typed(view, fields.TAGS))
        except Unreadable as refused:
            return {fields.TAGS: str(refused)}
        verbs = self._house.ledger.experiments
        if tags:
            verbs.add_tags(target.experiment, tags, person)
        self._answer(target.experiment, typed(view, fields.ANSWER), person)
        verbs.write_conclusion(target.experiment, said, person)
        return {}

    def _answer(self, number: int, answer: str, person: Person) -> None:
        question = self._house.queries.experiment(number).revision.intent.question
        if question is not None and not is_blank(answer):
            self._house.ledger.questions.answer(question, answer, person)


def _acked(ack: Ack, view: View, field: str, save: Callable[[], dict[str, str]]) -> None:
    """Ack with the errors at their fields, or close the modal; refusals stand at `field`."""
    try:
        errors = save()
    except Busy:
        errors = {field: refusals.BUSY_FORM}
    except NotFound as gone:
        errors = {field: refusals.as_sentence(str(gone))}
    except SignoffError as refused:
        errors = {field: refusals.as_sentence(str(refused))}
    crash_at("submission.committed")
    if errors:
        ack(response_action="errors", errors=draft.at_fields(errors, view))
    else:
        ack()
