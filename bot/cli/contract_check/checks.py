"""What a training program must hold to run instead of ours, each promise on a line of its own."""

from collections.abc import Iterator
from pathlib import Path

from bot.cli.contract_check.program import (
    CONFIG,
    MANY_STEPS,
    Running,
    prepare,
    progress_of,
    result_of,
    spec,
    started,
)
from db.checkup import Finding, problem, well
from trainer.contract import ExitCode, Progress, RunKind, RunResult, SmokeLimits

STOP_WITHIN_S = 60.0


class Checks:
    """Four runs of `command` below `root`; each may take `within_s`."""

    def __init__(self, command: str, root: Path, within_s: float) -> None:
        self._command, self._root, self._within_s = command, root, within_s

    def all(self) -> Iterator[Finding]:
        """Every promise in order. Those that need a checkpoint are left out where none was made."""
        yield from self._finishes()
        yield from self._refuses()
        yield from self._smokes()
        yield from self._stops_and_resumes()

    def _finishes(self) -> Iterator[Finding]:
        folder = prepare(self._root / "finishes", spec().model_dump_json())
        with started(self._command, folder) as running:
            beats = running.until(lambda: isinstance(progress_of(folder), Progress), self._within_s)
            code = running.wait(self._within_s)
            said = progress_of(folder)
            yield _held(beats, "writes progress.json while it trains", said if isinstance(said, str) else "")
            yield _ended(running, code, ExitCode.FINISHED, "trains a tiny PPO to its end")
        result = result_of(folder)
        if isinstance(result, str):
            yield problem("leaves a result.json: no", result)
            return
        yield well("leaves a result.json")
        yield _named(result)
        trained = result.timesteps >= result.total_timesteps == CONFIG["total_timesteps"]
        yield _held(trained, "says that it trained to the end", f"it counts {result.timesteps:,} steps")
        final = result.metrics.get("final_reward")
        measured = ", ".join(result.metrics) or "nothing"
        yield _held(final is not None, "measures final_reward", f"it measured {measured}")

    def _refuses(self) -> Iterator[Finding]:
        wrong = spec(config={"env": {"id": "NoSuchEnvironment-v0"}}).model_dump_json()
        for name, text, what in (
            ("no-json", "{", "refuses a spec.json that is no JSON"),
            ("no-environment", wrong, "refuses an environment that does not exist"),
        ):
            folder = prepare(self._root / name, text)
            with started(self._command, folder) as running:
                code = running.wait(self._within_s)
                yield _ended(running, code, ExitCode.BAD_SPEC, what)
            result = result_of(folder)
            told = isinstance(result, RunResult) and bool(result.message) and result.exit_code == code
            yield _held(told, "says why in result.json", result if isinstance(result, str) else "no message")

    def _smokes(self) -> Iterator[Finding]:
        limits = SmokeLimits(min_s=0.5, max_s=20)
        asked = spec(kind=RunKind.SMOKE, smoke=limits, config={"total_timesteps": MANY_STEPS})
        folder = prepare(self._root / "smoke", asked.model_dump_json())
        with started(self._command, folder) as running:
            code = running.wait(self._within_s)
            yield _ended(running, code, ExitCode.FINISHED, "ends a smoke run by itself")
        result = result_of(folder)
        measured = isinstance(result, RunResult) and result.smoke is not None
        yield _held(measured, "measures the smoke run", "result.json has no `smoke`")

    def _stops_and_resumes(self) -> Iterator[Finding]:
        folder = prepare(self._root / "stops", spec(config={"total_timesteps": MANY_STEPS}).model_dump_json())
        with started(self._command, folder) as running:
            if not running.until(lambda: _steps(folder) > 0, self._within_s):
                yield problem("says in progress.json how far it is: no", running.last_words())
                return
            running.stop()
            yield _ended(
                running, running.wait(STOP_WITHIN_S), ExitCode.STOPPED, "saves and leaves on SIGTERM"
            )
        result = result_of(folder)
        checkpoint = result.checkpoint if isinstance(result, RunResult) else None
        kept = checkpoint is not None and (folder / checkpoint).exists()
        yield _held(kept, "keeps a checkpoint that result.json names", "without one, no run can be resumed")
        if kept and isinstance(result, RunResult) and checkpoint is not None:
            yield from self._resumes(folder / checkpoint, result.timesteps)

    def _resumes(self, checkpoint: Path, done: int) -> Iterator[Finding]:
        total = done + int(str(CONFIG["total_timesteps"]))
        asked = spec(attempt=2, resume_from=str(checkpoint), config={"total_timesteps": total})
        folder = prepare(self._root / "resumes", asked.model_dump_json())
        with started(self._command, folder) as running:
            code = running.wait(self._within_s)
            yield _ended(running, code, ExitCode.FINISHED, "resumes from that checkpoint")
        result = result_of(folder)
        went_on = (
            isinstance(result, RunResult) and result.timesteps >= total and result.resumed_from is not None
        )
        yield _held(
            went_on, "goes on counting where it was, and says so", "timesteps or resumed_from is wrong"
        )


def _named(result: RunResult) -> Finding:
    right = (result.run, result.attempt, result.exit_code) == ("E-1/s1", 1, ExitCode.FINISHED)
    said = f"it says {result.run}, attempt {result.attempt}, exit code {result.exit_code}"
    return _held(right, "names run, attempt and exit code in it", said)


def _steps(folder: Path) -> int:
    progress = progress_of(folder)
    return progress.timesteps if isinstance(progress, Progress) else 0


def _ended(running: Running, code: int | None, wanted: ExitCode, what: str) -> Finding:
    if code == wanted:
        return well(f"{what} (exit code {int(wanted)})")
    seen = "it did not end in time" if code is None else f"its exit code was {code}, not {int(wanted)}"
    words = running.last_words()
    return problem(f"{what}: {seen}", f"it said: {words}" if words else "it said nothing")


def _held(holds: bool, what: str, otherwise: str) -> Finding:
    return well(what) if holds else problem(f"{what}: no", otherwise)
