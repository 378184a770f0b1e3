"""Records for tests: a small, ordinary experiment, and whatever a test wants to differ."""

from dataclasses import replace
from datetime import UTC, datetime

from pydantic import JsonValue

from bot.messages.facts import Facts, Links, ProposalFacts, Reference
from db.config.diff import diff, flat
from db.config.resolve import merge
from db.lifecycle import AttemptStatus, ExperimentStatus, RunStatus
from db.records import (
    Attempt,
    Budget,
    Experiment,
    Intent,
    Person,
    Revision,
    Run,
    Summary,
)
from trainer.contract import JsonObject, Phase, Progress, RunKind, RunResult

NOW = datetime(2026, 11, 20, 14, 31, tzinfo=UTC)
ANA = Person("UANA", "ana")
KAI = Person("UKAI", "kai")
LINKS = Links("http://127.0.0.1:8790", "https://example.slack.com")
HASH = "0123456789abcdef" * 4

BASE: JsonObject = {
    "algo": "ppo",
    "policy": "MlpPolicy",
    "total_timesteps": 100_000,
    "n_envs": 8,
    "env": {"id": "CartPole-v1", "kwargs": {}, "wrappers": []},
    "hyperparams": {"learning_rate": 0.0003, "gamma": 0.99, "n_steps": 32, "policy_kwargs": {}},
    "reward": {"action_change_penalty": 0.0},
    "eval": {
        "env": {"id": "CartPole-v1", "kwargs": {}, "wrappers": []},
        "n_eval_episodes": 100,
        "metrics": {
            "final_reward": {"direction": "higher", "unit": "return", "range": [0, 500]},
            "oscillation": {"direction": "lower", "unit": "share of steps", "range": [0, 1]},
        },
    },
}


def config(**hyperparams: JsonValue) -> JsonObject:
    return merge(BASE, {"hyperparams": hyperparams})


def revision(number: int = 42, n: int = 1, **changed: object) -> Revision:
    made = Revision(
        experiment=number,
        n=n,
        author=ANA,
        intent=Intent(
            title="Smoother turns",
            objective="Reduce the oscillation of the pole.",
            hypothesis="A smaller learning rate gives a smoother policy.",
            expected="oscillation falls by 20% vs E-12",
        ),
        delta={"hyperparams": {"learning_rate": 0.00015}},
        config=config(learning_rate=0.00015),
        budget=Budget(),
        config_hash=HASH,
        spec_hash=HASH,
        approval_hash=HASH,
        created_at=NOW,
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # tests name fields of the record


def experiment(number: int = 42, **changed: object) -> Experiment:
    made = Experiment(
        number=number,
        status=ExperimentStatus.PROPOSED,
        version=1,
        origin="form",
        author=ANA,
        parent=12,
        revision=revision(number),
        channel_id="C0EXPERIMENTS",
        thread_ts="1700000000.000100",
        created_at=NOW,
        root=1,
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # tests name fields of the record


def facts(of: Experiment | None = None, **changed: object) -> Facts:
    of = of or experiment()
    made = Facts(
        experiment=of,
        now=NOW,
        links=LINKS,
        parent=Reference(12, "PPO on CartPole", LINKS.experiment(12)),
        comparator=Reference(12, "PPO on CartPole", LINKS.experiment(12)),
        changes=flat(diff(BASE, of.revision.config)),
        origins={"hyperparams.learning_rate": "E-3"},
        understood="the median run's oscillation falls by 20 %",
        metric="oscillation",
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # tests name fields of the record


def proposal(of: Experiment | None = None, **changed: object) -> ProposalFacts:
    return ProposalFacts(facts(of, **changed))


def attempt(run_id: int, **changed: object) -> Attempt:
    made = Attempt(
        id=run_id,
        run_id=run_id,
        n=1,
        status=AttemptStatus.STARTED,
        host_id="gpu-1",
        folder="",
        handle="1",
        exit_code=None,
        signal=None,
        oom_killed=False,
        boot_id=None,
        resume_from=None,
        reserved_at=NOW,
        started_at=NOW,
        finished_at=None,
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # tests name fields of the record


def run(seed: int, status: RunStatus = RunStatus.RUNNING, share: float = 0.74, **changed: object) -> Run:
    done = status is RunStatus.SUCCEEDED
    progress = Progress(
        phase=Phase.TRAINING,
        timesteps=int(100_000 * share),
        total_timesteps=100_000,
        metrics={"oscillation": 0.13, "final_reward": 480.0},
        steps_per_s=475.0,
        eta_s=500.0,
        updated_at=NOW.timestamp(),
    )
    made = Run(
        id=seed,
        experiment=42,
        label=f"s{seed}",
        kind=RunKind.SEED,
        seed_index=seed,
        seed=seed,
        status=status,
        version=1,
        config=BASE,
        spec_hash=HASH,
        device="cpu",
        time_limit_s=86_400,
        cancel_requested_at=None,
        cancel_requested_by=None,
        progress=progress if status is RunStatus.RUNNING else None,
        stalled=False,
        cause=None,
        message="",
        log_tail="",
        result=result(seed) if done else None,
        resumes=0,
        created_at=NOW,
        finished_at=NOW if done else None,
        attempt=attempt(seed) if status is not RunStatus.QUEUED else None,
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # tests name fields of the record


def result(seed: int, **metrics: float) -> RunResult:
    return RunResult(
        run=f"E-42/s{seed}",
        attempt=1,
        exit_code=0,
        message="",
        timesteps=100_000,
        total_timesteps=100_000,
        duration_s=570.0,
        metrics=metrics or {"oscillation": 0.10, "final_reward": 489.0},
        n_eval_episodes=100,
    )


def summary(number: int = 12, **changed: object) -> Summary:
    made = Summary(
        number=number,
        title="PPO on CartPole",
        status=ExperimentStatus.APPROVED,
        outcome="supported",
        author=ANA,
        algo="ppo",
        env_id="CartPole-v1",
        changes=("learning_rate 0.0003 → 0.0001",),
        got="0.11 vs 0.19 (\N{MINUS SIGN}42 %)",
        channel_id="C0EXPERIMENTS",
        thread_ts="1700000000.000100",
        created_at=NOW,
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # tests name fields of the record
