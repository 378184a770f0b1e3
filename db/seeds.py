"""Which run of a seed is looked at, and which one counts. Pure."""

from collections.abc import Iterable, Sequence

from db.lifecycle import REPLACEABLE_CAUSES, TERMINAL_RUNS, ExitCause, RunStatus
from db.records import Run
from db.verdict.outcomes import SeedOutcome, SeedState
from trainer.contract import RunKind


def of_kind(runs: Iterable[Run], kind: RunKind) -> tuple[Run, ...]:
    """The runs of one kind, in the order of their making."""
    return tuple(sorted((run for run in runs if run.kind is kind), key=lambda run: run.id))


def newest(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The newest run of each seed of the experiment and of its comparator, in the order of the labels."""
    return tuple(chain[-1] for chain in _chains(runs))


def counting(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The run of each seed that a verdict uses.

    A newer run replaces an older one only after an infrastructure cause or a person's Stop; a seed
    that failed by its own fault keeps counting, and so does one that succeeded.
    """
    return tuple(_counting(chain) for chain in _chains(runs))


def all_terminal(runs: Iterable[Run]) -> bool:
    """Whether there are seeds and the newest run of each has ended."""
    found = newest(runs)
    return bool(found) and all(run.status in TERMINAL_RUNS for run in found)


def outcomes(runs: Iterable[Run], kind: RunKind = RunKind.SEED) -> tuple[SeedOutcome, ...]:
    """The seeds as a verdict takes them, by the run of each that counts."""
    return tuple(outcome(run) for run in counting(of_kind(runs, kind)))


def outcome(run: Run) -> SeedOutcome:
    """One run as a verdict takes it."""
    result = run.result
    state = _state(run)
    if result is None or state != "done":
        return SeedOutcome(run.label, run.seed_index, state)
    return SeedOutcome(
        label=run.label,
        seed_index=run.seed_index,
        state=state,
        metrics=result.metrics,
        solved={(s.target.threshold, s.target.within_steps): s.timesteps for s in result.solved},
        n_episodes=result.n_eval_episodes,
    )


def _chains(runs: Iterable[Run]) -> tuple[tuple[Run, ...], ...]:
    """The runs of each seed, oldest first; smoke runs are no seeds."""
    chains: dict[tuple[RunKind, int], list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.id):
        if run.kind is not RunKind.SMOKE:
            chains.setdefault((run.kind, run.seed_index), []).append(run)
    ordered = sorted(chains, key=lambda seed: (seed[0] is not RunKind.SEED, seed[1]))
    return tuple(tuple(chains[seed]) for seed in ordered)


def _counting(chain: Sequence[Run]) -> Run:
    return next((run for run in chain if not _replaceable(run)), chain[-1])


def _replaceable(run: Run) -> bool:
    return run.status in TERMINAL_RUNS and run.cause in REPLACEABLE_CAUSES


def _state(run: Run) -> SeedState:
    if run.status is RunStatus.SUCCEEDED:
        return "done" if run.result is not None else "missing"
    if run.status is RunStatus.CANCELED:
        return "missing" if run.cause is ExitCause.SMOKE else "stopped"
    if run.status is RunStatus.FAILED and run.cause not in REPLACEABLE_CAUSES:
        return "failed"
    return "missing"
