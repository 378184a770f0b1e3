"""`python -m trainer.describe FOLDER`: what installed packages add to the catalogue, as `described.json`.

Exit code 0, or 1 with the reason as the last line of the standard error.
"""

import json
import sys
import traceback
from importlib import metadata
from pathlib import Path
from typing import Any

import gymnasium as gym

from trainer import fingerprint
from trainer.algorithms import own_algorithms
from trainer.config import EnvConfig, MetricConfig
from trainer.contract import DESCRIBED_FILE
from trainer.declared import Entry, annotations_of, declared
from trainer.errors import CodeFailed, TrainerError
from trainer.extensions import (
    ALGORITHMS,
    ENVIRONMENTS,
    METRICS,
    REWARDS,
    TRAINERS,
    extensions,
    register_environments,
)
from trainer.files import write_atomic
from trainer.generate import algorithm_entry
from trainer.generate_environments import environment_entry
from trainer.programs import program_entries
from trainer.terms import terms


def describe() -> Entry:
    """Everything that packages offer by entry points.

    :raises TrainerError: where some of it cannot be used, in one sentence.
    """
    environments, fingerprints = _environments()
    return {
        "environments": environments,
        "fingerprints": fingerprints,
        "algorithms": {name: algorithm_entry(kind) for name, kind in own_algorithms().items()},
        "common": _parameters(),
        "versions": _versions(),
    }


def _environments() -> tuple[dict[str, Entry], dict[str, Entry]]:
    before = set(gym.registry)
    register_environments()
    entries, fingerprints = {}, {}
    for env_id in sorted(set(gym.registry) - before):
        entry = environment_entry(gym.registry[env_id])
        if entry is None:
            raise CodeFailed(f"The environment {env_id} cannot be made with its default arguments.")
        kind, package = _class_of(env_id)
        hints = annotations_of(kind.__init__)
        kwargs = {name: kwarg | declared(hints.get(name)) for name, kwarg in entry["kwargs"].items()}
        entries[env_id] = entry | {"package": package, "kwargs": kwargs}
        fingerprints[env_id] = fingerprint.measure(EnvConfig(id=env_id))
    return entries, fingerprints


def _class_of(env_id: str) -> tuple[type[Any], str]:
    env = gym.make(env_id, disable_env_checker=True)
    try:
        kind = type(env.unwrapped)
    finally:
        env.close()
    owners = {
        entry.module.partition(".")[0]: entry.dist.name if entry.dist else ""
        for entry in metadata.entry_points(group=ENVIRONMENTS)
    }
    module = kind.__module__.partition(".")[0]
    return kind, owners.get(module, module)


def _parameters() -> dict[str, Entry]:
    """Reward terms, training programs, and the metrics that packages report in `info`, for `eval.metrics`."""
    entries = {entry["path"]: entry for term in terms().values() for entry in term.entries.values()}
    entries |= program_entries()
    for extension in extensions(METRICS):
        path = f"eval.metrics.{extension.name}"
        entries[path] = {
            "path": path,
            "types": ["object", "null"],
            "default": None,
            "form": "metric",
            "doc": f"Such as {json.dumps(_metric(extension.name, extension.value))}",
        }
    return entries


def _metric(name: str, value: Any) -> Any:
    try:
        metric = MetricConfig.model_validate(value)
    except ValueError as error:
        raise CodeFailed(f"The metric {name} is not declared as a metric: {error}") from error
    if metric.info_key is None:
        raise CodeFailed(f"The metric {name} has no info_key, so nothing can be measured.")
    return metric.model_dump(mode="json")


def _versions() -> dict[str, str]:
    found = {}
    for group in (ENVIRONMENTS, REWARDS, METRICS, ALGORITHMS, TRAINERS):
        for entry in metadata.entry_points(group=group):
            if entry.dist:
                found[entry.dist.name] = entry.dist.version
    return found


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0])
    try:
        described = describe()
        write_atomic(folder / DESCRIBED_FILE, json.dumps(described, allow_nan=False), durable=True)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # code of others; whatever it is, it is told
        traceback.print_exc()
        said = str(error) if isinstance(error, TrainerError) else f"{type(error).__name__}: {error}"
        sys.stderr.write(f"{' '.join(said.split())}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
