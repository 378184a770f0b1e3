"""A training program that runs in place of Signoff's: `python -m turning_vehicle.climb RUN_FOLDER`.

It climbs a hill: random changes of a linear policy, of which the best is kept. It keeps the contract of
the run folder: spec.json in, progress.json and result.json out, exit codes 0, 10 and 12, checkpoints.
"""

import hashlib
import json
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import gymnasium
import numpy as np
from annotated_types import Gt, Le

from turning_vehicle import register

FINISHED, BAD_SPEC, STOPPED = 0, 10, 12
Share = Annotated[float, Gt(0.0), Le(10.0), "Standard deviation of a random change of the weights."]


class Stopped(Exception):
    """Somebody sent SIGTERM."""


class Climb:
    """One attempt: the weights, what they reached, and how far it is."""

    def __init__(self, folder: Path, spec: dict[str, Any]) -> None:
        config = spec["config"]
        self.folder, self.spec, self.began, self.written = folder, spec, time.monotonic(), 0.0
        self.smoke, self.total, self.eval = spec.get("smoke"), config["total_timesteps"], config["eval"]
        self.env = gymnasium.make(config["env"]["id"], **config["env"].get("kwargs", {}))
        self.yardstick = gymnasium.make(self.eval["env"]["id"], **self.eval["env"].get("kwargs", {}))
        self.random = np.random.default_rng(spec["seed"])
        outputs = getattr(self.env.action_space, "n", None) or int(np.prod(self.env.action_space.shape))
        self.weights = np.zeros((int(outputs), int(np.prod(self.env.observation_space.shape)) + 1))
        self.best, self.steps, self.tried, self.resumed = -np.inf, 0, 0, spec.get("resume_from")
        if self.resumed:
            kept = json.loads((folder / self.resumed / "weights.json").read_text())
            self.weights, self.best, self.steps = np.array(kept["weights"]), kept["best"], kept["steps"]
        self.first = self.steps

    def play(self, env: gymnasium.Env[Any, Any], weights: Any, seed: int) -> tuple[float, int]:
        """The return and the length of one episode."""
        observation, _ = env.reset(seed=seed)
        paid, length, over = 0.0, 0, False
        while not over:
            chosen = weights @ np.append(np.ravel(observation), 1.0)
            discrete = hasattr(env.action_space, "n")
            action = int(np.argmax(chosen)) if discrete else np.tanh(chosen).astype(np.float32)
            observation, reward, terminated, truncated, _ = env.step(action)
            paid, length, over = paid + float(reward), length + 1, bool(terminated or truncated)
        return paid, length

    def learn(self, spread: float) -> None:
        while self.steps < self.total and not self.enough():
            change = self.weights + spread * self.random.standard_normal(self.weights.shape)
            reached, length = self.play(self.env, change, int(self.random.integers(2**31)))
            self.steps, self.tried = self.steps + length, self.tried + 1
            if reached >= self.best:
                self.weights, self.best = change, reached
            self.say("training")

    def enough(self) -> bool:
        """A smoke run ends by itself."""
        spent = time.monotonic() - self.began
        return bool(self.smoke) and self.tried >= self.smoke["min_updates"] and spent >= self.smoke["min_s"]

    def measure(self) -> dict[str, float]:
        """The yardstick, on seeds that training is most unlikely to meet, others for each seed index."""
        first = 1_000_000_007 + 1_000_000 * self.spec["seed_index"]
        played = [
            self.play(self.yardstick, self.weights, first + n) for n in range(self.eval["n_eval_episodes"])
        ]
        rewards, lengths = zip(*played, strict=True)
        return {"final_reward": float(np.mean(rewards)), "episode_length": float(np.mean(lengths))}

    def say(self, phase: str) -> None:
        if phase == "training" and time.monotonic() < self.written + 1:
            return
        self.written = time.monotonic()
        facts = {"timesteps": self.steps, "total_timesteps": self.total, "updated_at": time.time()}
        write(self.folder / "progress.json", {"phase": phase, **facts})

    def save(self) -> dict[str, str]:
        """A checkpoint, with a manifest by which Signoff knows that it is whole and resumes there."""
        folder = self.folder / "checkpoints" / str(self.steps)
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"weights": self.weights.tolist(), "best": max(self.best, -1e300), "steps": self.steps}
        data = write(folder / "weights.json", kept)
        file = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        manifest = write(folder / "manifest.json", {"timesteps": self.steps, "files": {"weights.json": file}})
        named = str(folder.relative_to(self.folder))
        return {"checkpoint": named, "checkpoint_sha256": hashlib.sha256(manifest).hexdigest()}

    def report(self) -> dict[str, Any]:
        spent = max(time.monotonic() - self.began, 1e-6)
        speed = (self.steps - self.first) / spent
        smoke = {
            "updates": self.tried,
            "steps_per_s": speed,
            "estimated_s": self.total / max(speed, 1e-6),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        return {
            "timesteps": self.steps,
            "total_timesteps": self.total,
            "duration_s": spent,
            "steps_per_s": speed,
            "resumed_from": self.resumed,
            "smoke": smoke if self.smoke else None,
        }


def train(folder: Path, *, spread: Share = 0.5) -> int:
    """One attempt, from spec.json to result.json; returns the exit code."""
    spec: dict[str, Any] = {}
    register()
    try:
        spec = json.loads((folder / "spec.json").read_text())
        climb = Climb(folder, spec)
    except (OSError, ValueError, KeyError, TypeError, gymnasium.error.Error) as error:
        return end(folder, spec, BAD_SPEC, f"This cannot be trained: {error!r}.", {})
    climb.say("starting")
    try:
        climb.learn(spread)
        found: dict[str, Any] = {} if climb.smoke else {"metrics": climb.measure()}
        said = f"Climbed for {climb.steps} steps."
        return end(folder, spec, FINISHED, said, climb.report() | climb.save() | found)
    except Stopped:
        said = f"Stopped at step {climb.steps}."
        return end(folder, spec, STOPPED, said, climb.report() | climb.save())


def end(folder: Path, spec: dict[str, Any], code: int, message: str, facts: dict[str, Any]) -> int:
    nothing = {"timesteps": 0, "total_timesteps": 0, "duration_s": 0.0}
    named = {"run": spec.get("run", folder.name), "attempt": spec.get("attempt", 1)}
    write(folder / "result.json", {**nothing, **facts, **named, "exit_code": code, "message": message})
    return code


def write(path: Path, content: dict[str, Any]) -> bytes:
    """Whole or not at all."""
    data = json.dumps(content, allow_nan=False).encode()
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)
    return data


def stop(_number: int, _frame: object) -> None:
    raise Stopped


def main() -> int:
    signal.signal(signal.SIGTERM, stop)
    folder = Path(sys.argv[1])
    try:
        program = json.loads((folder / "spec.json").read_text())["config"].get("program", {})
    except (OSError, ValueError, KeyError, TypeError):
        program = {}  # train says what is wrong with it
    return train(folder, **program.get("climb", {}))


if __name__ == "__main__":
    sys.exit(main())
