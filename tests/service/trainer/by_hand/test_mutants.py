"""The comparison finds mistakes: each is written into a copy of the package, by itself."""

import importlib
import shutil
from pathlib import Path
from typing import Any

import pytest

import trainer.by_hand
from tests.unit.trainer.by_hand.cases import PLACES, STOCK, make
from tests.unit.trainer.by_hand.equality import differences

pytestmark = pytest.mark.service

SOURCE = Path(trainer.by_hand.__file__).parent

# The algorithm that must show it, the file, what stands there, and the mistake in its place.
MUTANTS: dict[str, tuple[str, str, str, str]] = {
    "squared errors, not Huber's": ("dqn", "dqn.py", "error.clamp(-1, 1)", "error.clone()"),
    "no clipping of the gradient": ("dqn", "dqn.py", ".clamp_(max=1.0))", ".clamp_(max=1.0) * 0 + 1)"),
    "the network's values, not its target's": ("dqn", "dqn.py", "best = parts.target", "best = parts.values"),
    "values after the end": ("dqn", "dqn.py", "(1 - batch.dones) * batch.discounts", "batch.discounts"),
    "a sum, not a mean": ("dqn", "dqn.py", "slopes.div_(len(slopes))", "slopes"),
    "time limits taken for ends": (
        "dqn",
        "minibatch.py",
        "ends = ends * (1 - _rows",
        "ends = ends * (1 + 0 * _rows",
    ),
    "the newest transition never drawn": (
        "dqn",
        "minibatch.py",
        "randint(0, buffer.size(), ",
        "randint(0, buffer.size() - 1, ",
    ),
    "observations for the next ones": (
        "dqn",
        "minibatch.py",
        "_floats(_rows(buffer.next_observations, rows))",
        "_floats(_rows(buffer.observations, rows))",
    ),
    "no correction of Adam's first averages": ("dqn", "flat.py", "(1 - beta2**self._count) ** 0.5", "1.0"),
    "Adam's averages swapped": (
        "dqn",
        "flat.py",
        "mean.lerp_(gradients, 1 - beta1)",
        "mean.lerp_(gradients, 1 - beta2)",
    ),
    "one count of steps too many": ("dqn", "flat.py", "self._count += 1", "self._count += 2"),
    "slope of relu at what is off": (
        "dqn",
        "network.py",
        "threshold_backward(slopes, outputs, 0)",
        "threshold_backward(slopes, outputs, -1)",
    ),
    "bias of the first sample alone": (
        "dqn",
        "network.py",
        "torch.sum(slopes, 0, out",
        "torch.sum(slopes[:1], 0, out",
    ),
    "weights before the critic's step": (
        "sac",
        "sac.py",
        "drawn, slopes, temperature)",
        "drawn, slopes * 1.001, temperature)",
    ),
    "entropy left out of the target": ("sac", "sac.py", "worth -= temperature *", "worth -= 0.0 *"),
    "entropy doubled in the actor": (
        "sac",
        "sac.py",
        "(2 * temperature) * actions",
        "(4 * temperature) * actions",
    ),
    "no slope of the deviation": (
        "sac",
        "sac.py",
        "by_mean * drawn.noise * drawn.std - temperature / count",
        "by_mean * drawn.noise * drawn.std",
    ),
    "no squashing in the likelihood": ("sac", "sac.py", "- _LOG_ROOT_TAU - squashing", "- _LOG_ROOT_TAU"),
    "the new entropy coefficient, not the old": (
        "sac",
        "sac.py",
        "wanted = self._wanted(parts, batch, temperature)",
        "wanted = self._wanted(parts, batch, self._entropy_coefficient())",
    ),
    "the wrong sign of the temperature": (
        "sac",
        "sac.py",
        "gradient.copy_(-surplus)",
        "gradient.copy_(surplus)",
    ),
    "the critic's loss not halved": (
        "sac",
        "sac.py",
        "batch.actions, wanted, 0.5)",
        "batch.actions, wanted, 1.0)",
    ),
    "the mean of the critics, not the least": (
        "sac",
        "critics.py",
        ".amin(1, keepdim=True)",
        ".mean(1, keepdim=True)",
    ),
    "the larger critic's slope": ("sac", "critics.py", "(which == number)", "(which != number)"),
    "targets that follow too fast": ("sac", "flat.py", "alpha=share, out", "alpha=2 * share, out"),
    "noise that is not clipped": (
        "td3",
        "td3.py",
        "noise.clamp_(-self.target_noise_clip, self.target_noise_clip)",
        "noise.clamp_(-9, 9)",
    ),
    "targets beyond the actions' bounds": ("td3", "td3.py", ".add_(noise).clamp_(-1, 1)", ".add_(noise)"),
    "an actor that learns each time": (
        "td3",
        "td3.py",
        "self._n_updates % self.policy_delay == 0",
        "self._n_updates > 0",
    ),
    "an actor that does worse": ("td3", "td3.py", "slopes.div_(-len(slopes))", "slopes.div_(len(slopes))"),
    "slope of tanh": (
        "td3",
        "network.py",
        "tanh_backward(slopes, outputs)",
        "tanh_backward(slopes, outputs * outputs)",
    ),
    "no target for the actor": ("ddpg", "td3.py", "following = parts.target", "following = parts.actor"),
}
# Equal up to rounding in the plain case; these settings tell them apart.
CASE_OF = {
    "no clipping of the gradient": "dqn, tanh, clipped, soft target",
    "noise that is not clipped": "td3, tanh, seldom",
    "targets beyond the actions' bounds": "td3, tanh, seldom",
}


@pytest.fixture
def mutant(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Any]:
    """The class from a copy of the package with one mistake, under a name of its own."""
    algo, file, right, wrong = MUTANTS[request.param]
    name = f"by_hand_mutant_{sorted(MUTANTS).index(request.param)}"
    shutil.copytree(SOURCE, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / name).glob("*.py"):
        path.write_text(path.read_text().replace("trainer.by_hand", name))
    text = (tmp_path / name / file).read_text()
    assert text.count(right) == 1, f"{file} says {right!r} {text.count(right)} times"
    (tmp_path / name / file).write_text(text.replace(right, wrong))
    monkeypatch.syspath_prepend(tmp_path)
    module, kind = PLACES[algo]
    found: type[Any] = getattr(importlib.import_module(f"{name}.{module}"), kind)
    return found


@pytest.mark.parametrize(("mutant", "mistake"), [(name, name) for name in MUTANTS], indirect=["mutant"])
def test_the_comparison_finds_each_mistake(mutant: type[Any], mistake: str) -> None:
    algo = MUTANTS[mistake][0]
    assert differences(make(mutant, CASE_OF.get(mistake, algo)), STOCK[algo], 6) != []
