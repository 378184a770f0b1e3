"""A run's curve, from its folder."""

from pathlib import Path

from worker.plots import CurveKind, CurveState, Series
from worker.plots.read import read_curve


def table(folder: Path, text: str) -> Path:
    path = folder / "evaluations.csv"
    path.write_text(text)
    return path


def test_a_curve_has_evaluations_training_and_final_values(tmp_path: Path) -> None:
    table(tmp_path, "timesteps,final_reward\n100,20\n")
    (tmp_path / "metrics.csv").write_text("timesteps,time_s,reward\n50,1,10\n100,2,15\n")

    curve = read_curve(
        tmp_path, "s1", CurveKind.SEED, CurveState.DONE, {"final_reward": 20, "energy": float("nan")}
    )

    assert curve.evaluations == {"final_reward": Series((100,), (20,))}
    assert curve.training == Series((50, 100), (10, 15))
    assert curve.final == {"final_reward": 20}
