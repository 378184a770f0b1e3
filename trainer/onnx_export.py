"""The final policy as ONNX: raw observations in, actions of the environment out, the same as SB3 answers.

Normalisation, rescaling and clipping are inside, so that a program needs nothing but an ONNX runtime.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from sb3_contrib import ARS, MaskablePPO, RecurrentPPO
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecNormalize
from torch import Tensor, nn

from trainer.acting import Act

OPSET = 17
CHECKED = 64
TOLERANCE = 1e-4
_NAME_IN, _NAME_OUT = "observations", "actions"


class CannotExport(Exception):
    """There is no ONNX file; the message says why."""


class Portable(nn.Module):
    """The deterministic policy with all that stands around it."""

    clip: float
    low: Tensor
    high: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, model: BaseAlgorithm, normalization: VecNormalize | None) -> None:
        super().__init__()
        self.policy = model.policy
        space = model.action_space
        self.squashed = bool(model.policy.squash_output)
        self.bounded = isinstance(space, spaces.Box)
        self.normalized = normalization is not None and normalization.norm_obs
        if isinstance(space, spaces.Box):
            self.register_buffer("low", torch.as_tensor(space.low))
            self.register_buffer("high", torch.as_tensor(space.high))
        if normalization is not None and self.normalized:
            moments = _moments(normalization)
            self.register_buffer("mean", torch.as_tensor(moments.mean))
            self.register_buffer("scale", torch.as_tensor(np.sqrt(moments.var + normalization.epsilon)))
            self.clip = float(normalization.clip_obs)

    def forward(self, observations: Tensor) -> Tensor:
        """Observations of shape (batch, ...) to actions of shape (batch, ...)."""
        if self.normalized:
            observations = ((observations.double() - self.mean) / self.scale).clamp(-self.clip, self.clip)
            observations = observations.float()
        actions: Tensor = self.policy._predict(observations, deterministic=True)  # noqa: SLF001 - what `predict` calls
        if self.bounded and self.squashed:
            return self.low + 0.5 * (actions + 1.0) * (self.high - self.low)
        return torch.maximum(torch.minimum(actions, self.high), self.low) if self.bounded else actions


def export(model: BaseAlgorithm, normalization: VecNormalize | None, act: Act, path: Path) -> None:
    """Write the policy to `path`, after its actions for sampled observations were compared with `act`'s.

    :raises CannotExport: for a policy of another kind, without the extra `export`, or where they differ.
    """
    _check_kind(model)
    try:
        import onnx  # noqa: F401, PLC0415 - an optional extra
        import onnxruntime  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise CannotExport(f"{error.name} is not installed: it belongs to the extra `export`") from None
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        _write(model, normalization, temporary)
        session = onnxruntime.InferenceSession(str(temporary), providers=["CPUExecutionProvider"])
        _compare(session, model, normalization, act)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _check_kind(model: BaseAlgorithm) -> None:
    if isinstance(model, RecurrentPPO):
        raise CannotExport("a policy with memory cannot be exported: its state would be lost")
    if isinstance(model, MaskablePPO):
        raise CannotExport("a policy that is told which actions are allowed cannot be exported")
    if type(model).__module__.startswith("trainer.jax_backend."):
        raise CannotExport("a policy of JAX has no weights of torch to export")
    if not isinstance(model.observation_space, spaces.Box):
        raise CannotExport(f"observations of {model.observation_space} cannot be exported, only one Box")
    if isinstance(model, ARS) and not isinstance(model.action_space, spaces.Box | spaces.Discrete):
        raise CannotExport(f"actions of {model.action_space} cannot be exported")


def _write(model: BaseAlgorithm, normalization: VecNormalize | None, path: Path) -> None:
    portable = Portable(model, normalization).to("cpu").eval()
    example = torch.as_tensor(observations_to_try(model, normalization, 2))
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter(
            "ignore"
        )  # the exporter is about to be replaced, by one that cannot do this yet
        torch.onnx.export(
            portable,
            (example,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=[_NAME_IN],
            output_names=[_NAME_OUT],
            dynamic_axes={_NAME_IN: {0: "batch"}, _NAME_OUT: {0: "batch"}},
        )


def _moments(normalization: VecNormalize) -> RunningMeanStd:
    """Those of an observation in one piece; `_check_kind` has refused others."""
    moments: Any = normalization.obs_rms
    assert isinstance(moments, RunningMeanStd)
    return moments


def observations_to_try(model: BaseAlgorithm, normalization: VecNormalize | None, count: int) -> NDArray[Any]:
    """Observations near what was seen in training where that is known, else anything of their space."""
    space = model.observation_space
    assert isinstance(space, spaces.Box)
    generator = np.random.default_rng(0)
    if normalization is not None and normalization.norm_obs:
        moments = _moments(normalization)
        return generator.normal(moments.mean, np.sqrt(moments.var), (count, *space.shape)).astype(space.dtype)
    if space.dtype.kind == "f":
        low, high = np.maximum(space.low, -3.0), np.minimum(space.high, 3.0)
        return generator.uniform(low, high, (count, *space.shape)).astype(space.dtype)
    return generator.integers(space.low, space.high, (count, *space.shape), endpoint=True).astype(space.dtype)


def _compare(session: Any, model: BaseAlgorithm, normalization: VecNormalize | None, act: Act) -> None:
    """:raises CannotExport: where an action differs from SB3's by more than rounding."""
    for count in (1, CHECKED):
        observations = observations_to_try(model, normalization, count)
        (ours,) = session.run(None, {_NAME_IN: observations})
        theirs = np.asarray(act(observations))
        if ours.shape != theirs.shape:
            raise CannotExport(f"the exported policy answers {ours.shape} instead of {theirs.shape}")
        if not _same(ours, theirs, model.action_space):
            raise CannotExport("the exported policy's actions differ from those of the original")


def _same(ours: NDArray[Any], theirs: NDArray[Any], space: spaces.Space[Any]) -> bool:
    if not isinstance(space, spaces.Box):
        return bool((ours == theirs).all())
    reach = np.where(np.isfinite(space.high - space.low), space.high - space.low, 1.0)
    return bool((np.abs(ours - theirs) <= TOLERANCE * np.maximum(reach, 1e-6)).all())
