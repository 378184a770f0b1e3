"""The programs inside of a bundle: load its policy, evaluate it, serve it."""

import argparse
import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm

from trainer import fingerprint, packages
from trainer.acting import Act, deterministic
from trainer.algorithms import make_model
from trainer.bundle import BUNDLE_FILE, CHECKPOINT_FOLDER, CONFIG_FILE, LEFT_OUT
from trainer.checkpoints import restore, verify
from trainer.config import TrainConfig, read_config
from trainer.contract import JsonObject
from trainer.envs import training_envs
from trainer.errors import TrainerError
from trainer.evaluate import Yardstick, summarize
from trainer.seeds import Purpose, evaluation_seeds
from trainer.serve import Server

HERE = Path(__file__).resolve().parents[1]
_CLOSE = 1e-6
_ENOUGH_SEEDS = 100_000


@dataclass(frozen=True)
class Bundled:
    """A loaded bundle. `about` is its `bundle.json`."""

    about: JsonObject
    config: TrainConfig
    model: BaseAlgorithm
    act: Act

    @property
    def observation_space(self) -> spaces.Space[Any]:
        return self.model.observation_space


def load(folder: Path = HERE) -> Bundled:
    """The policy of an unpacked bundle, on the CPU.

    :raises TrainerError: where a file is damaged, or the environment's package is missing.
    """
    about = json.loads((folder / BUNDLE_FILE).read_text("utf-8"))
    torch.set_num_threads(int(about.get("torch_threads", 1)))
    config = read_config(json.loads((folder / CONFIG_FILE).read_text("utf-8")))
    packages.allow((config.env.id, config.eval.env.id))  # whoever starts it wants these
    manifest = verify(folder / CHECKPOINT_FOLDER, without=LEFT_OUT)
    venv, normalization = training_envs(config)
    model = make_model(config, venv, seed=0, device="cpu")
    restore(folder / CHECKPOINT_FOLDER, manifest, model, normalization)
    if normalization is not None:
        normalization.training = False
    return Bundled(about, config, model, deterministic(model, normalization))


def evaluate_main(arguments: list[str] | None = None, folder: Path = HERE) -> int:
    """`evaluate.py`: 0 where it could be played, and (for the recorded episodes) came out as recorded."""
    logging.getLogger("trainer").setLevel(
        logging.ERROR
    )  # what only training needs is not there, as it should be
    parser = argparse.ArgumentParser(description="Play evaluation episodes with the packaged policy.")
    parser.add_argument("--episodes", type=int, help="how many; as many as were recorded by default")
    parser.add_argument("--fresh", action="store_true", help="other episodes than the recorded ones")
    asked = parser.parse_args(arguments)
    try:
        return _evaluate(load(folder), asked.episodes, fresh=asked.fresh)
    except TrainerError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)


def _evaluate(bundled: Bundled, episodes: int | None, *, fresh: bool) -> int:
    recorded = int(bundled.about["n_eval_episodes"])  # type: ignore[arg-type]  # written by `trainer.bundle`
    count = min(max(1, episodes or recorded), _ENOUGH_SEEDS)
    index = int(bundled.about["seed_index"])  # type: ignore[arg-type]  # as above
    seeds = evaluation_seeds(Purpose.FINAL, index, count, skip=recorded if fresh else 0)
    yardstick = Yardstick(bundled.config.eval)
    try:
        now = fingerprint.measure(bundled.config.eval.env)
        metrics = summarize(yardstick.play(bundled.act, seeds, check=lambda: None))
    finally:
        yardstick.close()
    same_env = now.get("hash") == _dict(bundled.about["fingerprint"]).get("hash")
    again = None if fresh or count != recorded else _close(metrics, _dict(bundled.about["metrics"]))
    report = {
        "run": bundled.about["run"],
        "episodes": count,
        "metrics": metrics,
        "recorded": bundled.about["metrics"],
        "same_environment": same_env,
        "reproduced": again,
    }
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 1 if again is False else 0


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _close(ours: dict[str, float], recorded: dict[str, Any]) -> bool:
    return ours.keys() == recorded.keys() and all(
        abs(value - recorded[name]) <= _CLOSE * max(1.0, abs(recorded[name])) for name, value in ours.items()
    )


def serve_main(arguments: list[str] | None = None, folder: Path = HERE) -> int:
    """`serve.py`: answers until it is told to stop."""
    logging.getLogger("trainer").setLevel(logging.ERROR)
    parser = argparse.ArgumentParser(description="Serve the packaged policy: POST /act.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: this machine)"
    )
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    asked = parser.parse_args(arguments)
    try:
        bundled = load(folder)
        server = Server((asked.host, asked.port), bundled.act, bundled.observation_space, bundled.about)
    except (TrainerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"serving {bundled.about['run']} at http://{asked.host}:{server.server_port}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0
