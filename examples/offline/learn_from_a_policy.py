"""Record what a trained policy does, then learn from the recording alone: SAC, a dataset, CQL and IQL.

    python examples/offline/learn_from_a_policy.py [FOLDER] [--steps 6000] [--updates 4000]

Everything runs through `python -m trainer` and `python -m trainer.offline.record`, as Signoff's worker
runs it. Needs the extras `trainer` and `offline`; takes some minutes on one core.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from trainer.dataset_files import dataset_sha256

SMALL = {"type": "vector", "hidden_units": [128, 128]}
ENV = {"id": "Pendulum-v1"}
EVAL = {"env": ENV, "n_eval_episodes": 50, "interim": {"points": 5, "episodes": 5}}
NETWORKS = {"actor_encoder_factory": SMALL, "critic_encoder_factory": SMALL}
LEARNERS: dict[str, dict[str, Any]] = {
    "cql": {**NETWORKS, "conservative_weight": 1.0, "actor_learning_rate": 3e-4},
    "iql": {**NETWORKS, "value_encoder_factory": SMALL},
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn from what a trained policy does.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("offline-example"))
    parser.add_argument("--steps", type=int, default=6_000, help="steps of the policy that is recorded")
    parser.add_argument("--updates", type=int, default=4_000, help="updates of those that learn from it")
    parser.add_argument("--episodes", type=int, default=100, help="episodes of the dataset")
    parser.add_argument("--learners", nargs="+", choices=LEARNERS, default=list(LEARNERS))
    asked = parser.parse_args()
    folder = asked.folder.absolute()
    found = {"sac": train(folder / "sac", "sac", asked.steps, {"learning_starts": 100})}
    dataset = folder / "pendulum.hdf5"
    program("trainer.offline.record", folder / "sac", dataset, "--episodes", str(asked.episodes))
    signed = {"id": dataset.name, "sha256": dataset_sha256(dataset)}
    for algo in asked.learners:
        hyperparams = {**LEARNERS[algo], "observation_scaler": {"type": "standard"}}
        found[algo] = train(folder / algo, algo, asked.updates, hyperparams, dataset=signed)
    for algo, reward in found.items():
        sys.stdout.write(f"{algo:4} {reward:10,.1f}\n")


def train(folder: Path, algo: str, steps: int, hyperparams: dict[str, Any], **more: Any) -> float:
    """Train in a run folder; the final reward."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"algo": algo, "total_timesteps": steps, "env": ENV, "hyperparams": hyperparams, "eval": EVAL}
    spec = {
        "experiment": "E-1",
        "run": f"E-1/{algo}",
        "attempt": 1,
        "seed_index": 1,
        "seed": 1,
        "config": {**config, **more},
        "spec_hash": "0" * 64,
        "dataset_from": str(folder.parent / more["dataset"]["id"]) if more else None,
    }
    (folder / "spec.json").write_text(json.dumps(spec), "utf-8")
    program("trainer", folder)
    result = json.loads((folder / "result.json").read_text("utf-8"))
    return float(result["metrics"]["final_reward"])


def program(module: str, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)  # noqa: S603  # no shell


if __name__ == "__main__":
    main()
