"""A small ledger to search in, written row by row."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from db.ledger.proposals import changes_in_words
from db.lifecycle import ExperimentStatus, RunStatus
from db.models import ConclusionRow, ExperimentRow, ResultRow, RevisionRow, RunRow, RuntimeRow, TagRow
from db.search import index_experiment
from trainer.catalogue import Preset
from trainer.contract import JsonObject, RunKind, RunResult

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def add_root(session: Session, number: int, preset: Preset) -> None:
    add(
        session,
        number,
        title=preset.title,
        config=preset.config,
        delta=preset.config,
        author=("USIGNOFF", "Signoff"),
    )


def add(
    session: Session,
    number: int,
    *,
    title: str,
    config: JsonObject,
    delta: JsonObject,
    before: JsonObject | None = None,
    parent: int | None = None,
    objective: str = "",
    hypothesis: str = "",
    author: tuple[str, str] = ("UANA", "Ana"),
    status: ExperimentStatus = ExperimentStatus.APPROVED,
    tags: tuple[str, ...] = (),
) -> None:
    """One experiment with one revision, `number` days after the start."""
    at = START + timedelta(days=number)
    who = {"author_id": author[0], "author_name": author[1]}
    session.add(
        ExperimentRow(
            number=number, status=status, origin="proposal", parent=parent, root=1, created_at=at, **who
        )
    )
    session.flush()
    env = config["env"]
    assert isinstance(env, dict)
    session.add(
        RevisionRow(
            experiment=number,
            n=1,
            title=title,
            intent={
                "title": title,
                "objective": objective,
                "hypothesis": hypothesis,
                "expected": "",
                "guards": "",
            },
            delta=delta,
            config=config,
            budget={},
            changes=changes_in_words(before, config) if before else [],
            algo=str(config["algo"]),
            env_id=str(env["id"]),
            config_hash=f"c{number}",
            spec_hash="s",
            approval_hash="a",
            policy_rule="",
            created_at=at,
            **who,
        )
    )
    session.add_all(TagRow(experiment=number, name=tag, added_by=author[0], at=at) for tag in tags)
    index_experiment(session, number)


def add_result(session: Session, number: int, outcome: str, metrics: dict[str, list[float]]) -> None:
    """Done seeds with these metrics, and the verdict."""
    seeds = max(map(len, metrics.values()))
    session.merge(
        RuntimeRow(key="r", digest="d", versions={}, launcher="process", host_id="h", newest_at=START)
    )
    session.flush()
    for index in range(1, seeds + 1):
        measured = {name: values[index - 1] for name, values in metrics.items()}
        result = RunResult(
            run=f"E-{number}/s{index}",
            attempt=1,
            exit_code=0,
            message="",
            timesteps=1,
            total_timesteps=1,
            duration_s=1.0,
            metrics=measured,
        )
        session.add(
            RunRow(
                experiment=number,
                label=f"s{index}",
                kind=RunKind.SEED,
                seed_index=index,
                seed=index,
                status=RunStatus.SUCCEEDED,
                config={},
                spec_hash="s",
                runtime="r",
                device="cpu",
                time_limit_s=60,
                message="",
                log_tail="",
                result=result.model_dump(mode="json"),
                created_at=START,
                finished_at=START,
            )
        )
    session.add(
        ResultRow(
            experiment=number,
            n=1,
            outcome=outcome,
            verdict={},
            got="0.11 vs 0.19",
            runs=[],
            plot_alt="",
            created_at=START,
        )
    )
    index_experiment(session, number)


def conclude(session: Session, number: int, text: str) -> None:
    session.add(ConclusionRow(experiment=number, text=text, author_id="UANA", author_name="Ana", at=START))
    index_experiment(session, number)
