"""What the thread shows of runs, and what its buttons do: stop, retry, conclude, more seeds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli.playground_seen import SeenMessage
from bot.forms import fields
from bot.messages import actions
from db.lifecycle import ExitCause, ExperimentStatus, RunStatus
from db.records import Experiment
from tests import builders
from tests.service.bot.conversation.conftest import Office
from trainer.contract import EVALUATIONS_FILE, RunKind

pytestmark = pytest.mark.service


def _approved(office: Office, **changed: Any) -> tuple[Experiment, SeenMessage]:
    """An approved experiment whose smoke run has passed, and its card."""
    experiment = office.ledger.approved(**changed)
    return experiment, office.card(f"E-{experiment.number}>")


def _reply(office: Office, card: SeenMessage, where: Callable[[SeenMessage], bool], what: str) -> SeenMessage:
    return office.people.wait_for_message(where, what, thread_ts=card.ts, timeout_s=20)


def _seeds(experiment: Experiment) -> list[int]:
    return [run.id for run in experiment.runs if run.kind is RunKind.SEED]


def test_the_status_card_follows_the_seeds_and_stop_says_who(office: Office) -> None:
    experiment, card = _approved(office, delta={"hyperparams": {"gamma": 0.50}})
    run = office.queries.run(_seeds(experiment)[0])
    office.ledger.start(run)
    status = _reply(office, card, lambda seen: "TRAINING" in seen.words, "the status card")
    assert status.has_button(actions.STOP)
    office.people.press("UANA", status, actions.STOP)
    _reply(office, card, lambda seen: "Stopped by @ana" in seen.words, "who stopped it")
    stopped = office.queries.run(run.id)
    assert stopped.cancel_requested_by is not None
    assert stopped.cancel_requested_by.name == "ana"
    attempt = office.queries.run(run.id).attempt
    assert attempt is not None
    office.ledger.end(attempt)
    office.ledger.ledger.runs.finish(
        run.id, status=RunStatus.CANCELED, cause=ExitCause.STOPPED, message="", log_tail="", result=None
    )
    done = _reply(office, card, lambda seen: "■ stopped" in seen.words, "the stopped seeds")
    office.people.press("UANA", status, actions.STOP)
    office.people.wait_for_ephemeral("UANA", f"Nothing of E-{experiment.number} is running")
    assert done.ts == status.ts
    office.ledger.finish_all(experiment.number)
    over = _reply(office, card, lambda seen: seen.has_button(actions.RESUME), "the button to go on")
    office.people.press("UANA", over, actions.RESUME)
    office.people.wait_for_ephemeral("UANA", "queued; the status card follows")
    assert "s1.2" in [again.label for again in office.queries.experiment(experiment.number).runs]
    office.ledger.ledger.experiments.request_stop(experiment.number, builders.KAI)


def test_a_failed_seed_is_told_with_its_cause_and_can_be_retried(office: Office) -> None:
    experiment, card = _approved(office, delta={"hyperparams": {"gamma": 0.51}}, seeds=1)
    run = office.queries.run(_seeds(experiment)[0])
    said: dict[str, Any] = {"log_tail": "step 1200\nloss is nan", "message": "NaN in loss"}
    office.ledger.finish(run, status=RunStatus.FAILED, cause=ExitCause.NAN, **said)
    failure = _reply(office, card, lambda seen: "loss is nan" in seen.words, "the failure card")
    assert "a value became NaN or infinite" in failure.words
    assert "exit code 1" in failure.words
    office.people.press("UANA", failure, actions.RETRY)
    office.people.wait_for_ephemeral("UANA", f"E-{experiment.number}/s1.2 is queued")
    labels = [run.label for run in office.queries.experiment(experiment.number).runs]
    assert "s1.2" in labels
    office.people.press("UANA", failure, actions.RETRY)
    assert [r.label for r in office.queries.experiment(experiment.number).runs] == labels
    office.ledger.finish_all(experiment.number)


def test_the_result_comes_and_is_concluded(office: Office) -> None:
    asked = office.ledger.ledger.questions.create("Does a penalty help?", builders.KAI).number
    experiment, card = _approved(office, delta={"hyperparams": {"gamma": 0.52}}, seeds=3, question=asked)
    number = experiment.number
    office.ledger.finish_all(number)
    office.ledger.ledger.experiments.conclude(number)
    result = _reply(office, card, lambda seen: "Asked: " in seen.words, "the result")
    for part in ("INCONCLUSIVE", "final reward > 450", "s1 500", "100 episodes each", "Add 2 seeds"):
        assert part in result.words
    office.people.press("UKAI", result, actions.CONCLUDE)
    form = office.people.wait_for_view("UKAI", fields.CONCLUDE_CALLBACK)
    blank = office.people.submit("UKAI", form, {fields.CONCLUSION: "\u202e"})
    assert blank.errors == {fields.CONCLUSION: "Say what was learnt."}
    said_so = {
        fields.CONCLUSION: "The penalty works <!channel>.",
        fields.ANSWER: "Yes.",
        fields.TAGS: "smooth",
    }
    answer = office.people.submit("UKAI", form, said_so)
    assert not answer.errors
    said = _reply(office, card, lambda seen: "The penalty works <!channel>." in seen.words, "the conclusion")
    assert said.text.startswith(f"@kai concluded E-{number} (inconclusive): ")
    assert office.queries.experiment(number).tags == ("smooth",)
    assert [one.answer for one in office.queries.questions() if one.number == asked] == ["Yes."]
    _more_seeds(office, card, result, number)


def _more_seeds(office: Office, card: SeenMessage, result: SeenMessage, number: int) -> None:
    """Two more seeds are asked for, and approved on a card of their own."""
    office.people.press("UKAI", result, actions.ADD_SEEDS)
    asked = _reply(office, card, lambda seen: "MORE SEEDS" in seen.words, "the card for more seeds")
    office.people.press("UKAI", asked, actions.APPROVE)
    office.people.wait_for_ephemeral("UKAI", "nobody decides on their own")
    office.people.press("UANA", asked, actions.APPROVE)
    _reply(
        office, card, lambda seen: seen.ts == asked.ts and "Approved by @ana" in seen.words, "the approval"
    )
    extension = office.queries.experiment(number).extensions[0]
    assert extension.status is ExperimentStatus.APPROVED
    office.ledger.finish_all(number)


def test_plot_now_draws_the_interim_values(office: Office) -> None:
    experiment, card = _approved(office, delta={"hyperparams": {"gamma": 0.53}})
    run = office.queries.run(_seeds(experiment)[0])
    attempt = office.ledger.start(run)
    status = _reply(office, card, lambda seen: seen.has_button(actions.PLOT_NOW), "the status card")
    office.people.press("UANA", status, actions.PLOT_NOW)
    office.people.wait_for_ephemeral("UANA", "No interim value of final reward has been written yet")
    folder = office.program.house.cards.curves.root / Path(attempt.folder)
    folder.mkdir(parents=True)
    rows = "".join(f"{step},{step / 10}\n" for step in range(0, 5_000, 500))
    (folder / EVALUATIONS_FILE).write_text(f"timesteps,final_reward\n{rows}half a li")
    office.people.press("UANA", status, actions.PLOT_NOW)
    drawn = office.people.wait_for_ephemeral("UANA", "▁")
    assert "450 at 4,500" in drawn.words
