"""Small real trainings, made by `python -m trainer` with the settings in each `facts.json`."""

import json
from pathlib import Path

from trainer.contract import ExitCode
from worker.detectors import Recording
from worker.tables import read_table

FOLDER = Path(__file__).with_name("recordings")
HEALTHY = sorted(path.name for path in FOLDER.glob("healthy_*"))


def recording(name: str) -> Recording:
    facts = json.loads((FOLDER / name / "facts.json").read_text())
    return Recording(
        seed="s1",
        total_timesteps=facts["total_timesteps"],
        training=read_table(FOLDER / name / "metrics.csv"),
        evaluations=read_table(FOLDER / name / "evaluations.csv"),
        final=facts["metrics"],
        best=facts["best"],
        own_reward=bool(facts["env_kwargs"]),
        nan_at=facts["timesteps"] if facts["exit_code"] == ExitCode.NAN else None,
    )
