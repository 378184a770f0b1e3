"""The shipped baselines as roots of lineages, in every ledger."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from db.config.hashes import config_hash
from db.config.resolve import merge
from db.ledger.proposals import add_tags, stored
from db.ledger.transition import Act, append_event, move_experiment
from db.lifecycle import ExperimentStatus
from db.models import ExperimentRow, PresetRow, RevisionRow
from db.records import Budget, Intent, Person
from db.search import index_experiment
from trainer.catalogue import Preset
from trainer.contract import JsonObject

AUTHOR = Person("signoff", "Signoff")


def ensure(session: Session, presets: Iterable[Preset], at: datetime) -> tuple[int, ...]:
    """Add the baselines that are not there yet. One whose config has changed becomes a new root."""
    added = []
    for preset in presets:
        digest = config_hash(_config(preset))
        if session.get(PresetRow, (preset.name, digest)) is None:
            number = _add(session, preset, digest, at)
            session.add(PresetRow(name=preset.name, config_hash=digest, experiment=number))
            added.append(number)
    session.flush()
    return tuple(added)


def _add(session: Session, preset: Preset, digest: str, at: datetime) -> int:
    experiment = ExperimentRow(
        origin="preset", author_id=AUTHOR.id, author_name=AUTHOR.name, parent=None, created_at=at
    )
    session.add(experiment)
    session.flush()
    experiment.root = experiment.number
    session.add(_revision(experiment.number, preset, digest, at))
    act = Act(AUTHOR.id, at)
    add_tags(session, experiment, (preset.name, *preset.tags), act)
    session.flush()
    append_event(
        session, experiment, "experiment.proposed", act, {"preset": preset.name, "config_hash": digest}
    )
    move_experiment(session, experiment, ExperimentStatus.APPROVED, act)
    index_experiment(session, experiment.number)
    return experiment.number


def _config(preset: Preset) -> JsonObject:
    """The config as a lineage resolves it: without the nulls that say "not set"."""
    return merge({}, preset.config)


def _revision(number: int, preset: Preset, digest: str, at: datetime) -> RevisionRow:
    env = preset.config.get("env")
    intent = Intent(
        title=preset.title,
        objective="A baseline to start from.",
        hypothesis=f"As published: {preset.published}.",
        expected="",
        context_link=preset.source,
        tags=preset.tags,
    )
    return RevisionRow(
        experiment=number,
        n=1,
        author_id=AUTHOR.id,
        author_name=AUTHOR.name,
        title=preset.title,
        intent=stored(intent),
        delta=_config(preset),
        config=_config(preset),
        budget=stored(Budget()),
        changes=[],
        algo=str(preset.config.get("algo", "")),
        env_id=str(env.get("id", "")) if isinstance(env, dict) else "",
        config_hash=digest,
        spec_hash="",
        approval_hash="",
        policy_rule="",
        created_at=at,
    )
