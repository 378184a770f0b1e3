"""Proposing and revising: what is written down when a contract form is submitted."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.claims import read_claims
from db.config.diff import MISSING, Change, Side, diff, flat
from db.config.hashes import approval_hash, config_hash, format_value, spec_hash, touches_yardstick
from db.config.resolve import merge, value_at
from db.errors import Conflict, NotFound, Refused
from db.expectation import metrics_of
from db.ledger import messages, smoke
from db.ledger.code import with_fixed_code
from db.ledger.datasets import with_fixed_dataset
from db.ledger.starts import with_fixed_start
from db.ledger.transition import Act, append_event, lock_experiment, move_experiment
from db.lifecycle import OPEN_EXPERIMENTS, ExperimentStatus
from db.limits import UNLIMITED, Limits, excess
from db.models import ExperimentRow, QuestionRow, RevisionRow, RuntimeRow, TagRow
from db.queries import lists
from db.records import Budget, Intent, OutboxKind, Proposal
from db.search import index_experiment
from db.stop_rule import parse_stop_rule
from trainer.contract import JsonObject

MOST_SEEDS = 100
MOST_GPUS = 64
LONGEST_S = 90 * 24 * 3600
MOST_LETTERS_OF_A_TAG = 64


@dataclass(frozen=True)
class Submission:
    """A filled form, the view it came from (None from elsewhere), and the rule it is to be decided by."""

    proposal: Proposal
    view_id: str | None
    policy_rule: str
    at: datetime
    limits: Limits = UNLIMITED

    @property
    def act(self) -> Act:
        return Act.of(self.proposal.author, self.at)


def propose(session: Session, submission: Submission) -> ExperimentRow:
    """Write a new experiment; the same view a second time is the same experiment."""
    known = _submitted(session, submission.view_id)
    if known is not None:
        return known
    proposal, at = submission.proposal, submission.at
    parent = _parent(session, proposal.parent)
    experiment = ExperimentRow(
        origin="proposal",
        author_id=proposal.author.id,
        author_name=proposal.author.name,
        parent=parent.number,
        question=_question(session, proposal.intent.question),
        channel_id=proposal.channel_id or None,
        created_at=at,
    )
    session.add(experiment)
    session.flush()
    revision = _write_revision(session, submission, experiment, parent)
    append_event(session, experiment, "experiment.proposed", submission.act, _signed(revision))
    messages.post(session, experiment, OutboxKind.PROPOSAL, at)
    messages.post(session, experiment, OutboxKind.DIFF_FILE, at, name="r1")
    smoke.ensure_before_approval(session, experiment, revision, submission.act)
    index_experiment(session, experiment.number)
    return experiment


def revise(session: Session, number: int, submission: Submission) -> ExperimentRow:
    """Write the next revision of an experiment that is still open; approvals of older ones are void."""
    known = _submitted(session, submission.view_id)
    if known is not None:
        return known
    experiment = lock_experiment(session, number)
    if experiment.status not in OPEN_EXPERIMENTS:
        raise Conflict(f"E-{number} is {experiment.status.lower()}; fork it to change something")
    if submission.proposal.parent != experiment.parent:
        raise Refused(f"E-{number} starts from E-{experiment.parent}; propose a new one to start elsewhere")
    parent = _parent(session, submission.proposal.parent)
    experiment.revision += 1
    experiment.question = _question(session, submission.proposal.intent.question)
    revision = _write_revision(session, submission, experiment, parent)
    append_event(session, experiment, "experiment.revised", submission.act, _signed(revision))
    if experiment.status is ExperimentStatus.CHANGES_REQUESTED:
        move_experiment(session, experiment, ExperimentStatus.PROPOSED, submission.act)
    messages.wake(session, experiment, OutboxKind.PROPOSAL, submission.at)
    name = f"r{revision.n}"
    messages.post(session, experiment, OutboxKind.DIFF_FILE, submission.at, name=name, n=revision.n)
    smoke.renew(session, experiment, revision, submission.act)
    index_experiment(session, number)
    return experiment


def newest_revision(session: Session, experiment: ExperimentRow) -> RevisionRow:
    """The revision that a decision would sign."""
    same = (RevisionRow.experiment == experiment.number) & (RevisionRow.n == experiment.revision)
    return session.scalars(select(RevisionRow).where(same)).one()


def newest_runtime(session: Session) -> RuntimeRow | None:
    """What the host that joined last can run."""
    return session.scalars(select(RuntimeRow).order_by(RuntimeRow.newest_at.desc())).first()


def changes_in_words(before: JsonObject, after: JsonObject) -> list[str]:
    """The differences as short lines: "learning_rate 0.0003 → 0.00015"."""
    return [_in_words(change) for change in flat(diff(before, after))]


def add_tags(session: Session, experiment: ExperimentRow, names: Iterable[str], act: Act) -> list[str]:
    """Add words to find a locked experiment by; those that are new."""
    known = set(session.scalars(select(TagRow.name).where(TagRow.experiment == experiment.number)))
    cut = (name.strip().lower()[:MOST_LETTERS_OF_A_TAG] for name in names)
    new = [name for name in dict.fromkeys(cut) if name and name not in known]
    for name in new:
        session.add(TagRow(experiment=experiment.number, name=name, added_by=act.actor, at=act.at))
    return new


def stored(value: Intent | Budget) -> JsonObject:
    """A record as a JSON column keeps it."""
    plain: JsonObject = json.loads(json.dumps(asdict(value)))
    return plain


def _write_revision(
    session: Session, submission: Submission, experiment: ExperimentRow, parent: ExperimentRow
) -> RevisionRow:
    runtime = newest_runtime(session)
    if runtime is None:
        raise Refused("no worker has joined yet, so nothing could run this; start `signoff worker`")
    proposal, intent = submission.proposal, submission.proposal.intent
    _check_budget(session, proposal, submission.limits)
    inherited = newest_revision(session, parent).config
    delta = with_fixed_start(session, proposal.delta, merge(inherited, proposal.delta))
    delta = with_fixed_code(session, delta, merge(inherited, delta))
    delta = with_fixed_dataset(session, delta, merge(inherited, delta))
    config = merge(inherited, delta)
    experiment.root = experiment.number if touches_yardstick(proposal.delta) else parent.root
    _check_intent(session, intent, config, experiment)
    digest = config_hash(config)
    spec = spec_hash(digest, runtime.digest, runtime.versions)
    revision = RevisionRow(
        experiment=experiment.number,
        n=experiment.revision,
        author_id=proposal.author.id,
        author_name=proposal.author.name,
        title=intent.title,
        intent=stored(intent),
        delta=delta,
        config=config,
        budget=stored(proposal.budget),
        changes=changes_in_words(inherited, config),
        algo=str(value_at(config, ("program", "name")) or config.get("algo", "")),
        env_id=_env_id(config),
        config_hash=digest,
        spec_hash=spec,
        approval_hash=approval_hash(spec, intent, proposal.budget, submission.policy_rule),
        policy_rule=submission.policy_rule,
        runtime=runtime.key,
        view_id=submission.view_id,
        created_at=submission.at,
    )
    session.add(revision)
    add_tags(session, experiment, intent.tags, submission.act)
    session.flush()
    return revision


def _check_budget(session: Session, proposal: Proposal, limits: Limits) -> None:
    """Within what any ledger takes, what the rules here allow, and what some host has."""
    budget = proposal.budget
    bounds = (
        ("seeds", budget.seeds, 1, MOST_SEEDS),
        ("the time limit in seconds", budget.time_limit_s, 1, LONGEST_S),
        ("GPUs", budget.gpus, 0, MOST_GPUS),
    )
    for name, value, low, high in bounds:
        if not low <= value <= high:
            raise Refused(f"{value} is no allowed value of {name}; give {low} to {high}")
    runs = budget.seeds * (2 if proposal.intent.run_alongside else 1)
    too_much = excess(budget, runs, lists.hosts(session), limits)
    if too_much is not None:
        raise Refused(too_much.sentence)


def _check_intent(session: Session, intent: Intent, config: JsonObject, experiment: ExperimentRow) -> None:
    """The claims can be read, and whatever they compare with exists and has the same yardstick."""
    assert experiment.parent is not None
    claims = read_claims(intent, config, experiment.parent)
    parse_stop_rule(intent.stop_rule, metrics_of(config))
    others = set(claims.compared.values())
    if intent.run_alongside:
        others.add(claims.alongside)
    for number in sorted(others):
        other = session.get(ExperimentRow, number)
        if other is None:
            raise NotFound(f"E-{number}, which the contract compares with, is not in the ledger")
        if other.status in OPEN_EXPERIMENTS:
            raise Refused(f"E-{number} is not approved yet; compare with an experiment that is")
        if other.root != experiment.root:
            raise Refused(
                f"E-{number} has another yardstick (`eval`, from E-{other.root}), so results can not be "
                "compared; claim a threshold instead, or keep `eval` as it is"
            )


def _submitted(session: Session, view_id: str | None) -> ExperimentRow | None:
    if view_id is None:
        return None
    number = session.scalars(select(RevisionRow.experiment).where(RevisionRow.view_id == view_id)).first()
    return None if number is None else lock_experiment(session, number)


def _parent(session: Session, number: int) -> ExperimentRow:
    parent = session.get(ExperimentRow, number)
    if parent is None:
        raise NotFound(f"E-{number} is not in the ledger; choose another one to start from")
    if parent.status in OPEN_EXPERIMENTS:
        raise Refused(f"E-{number} may still change, because nobody has approved it; start from another one")
    return parent


def _question(session: Session, number: int | None) -> int | None:
    if number is not None and session.get(QuestionRow, number) is None:
        raise NotFound(f"question {number} is not in the ledger")
    return number


def _signed(revision: RevisionRow) -> JsonObject:
    return {
        "revision": revision.n,
        "config_hash": revision.config_hash,
        "spec_hash": revision.spec_hash,
        "approval_hash": revision.approval_hash,
    }


def _env_id(config: JsonObject) -> str:
    env = config.get("env")
    return str(env.get("id", "")) if isinstance(env, dict) else ""


def _in_words(change: Change) -> str:
    name = change.dotted.removeprefix("hyperparams.")
    return f"{name} {_side(change.before)} → {_side(change.after)}"


def _side(value: Side) -> str:
    return "not set" if value is MISSING else format_value(value)
