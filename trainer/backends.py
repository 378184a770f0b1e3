"""Which code trains: SB3's own, the faster of `trainer.fast` and `trainer.by_hand`, or SBX's in JAX."""

import contextlib
import logging
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import torch
from stable_baselines3 import DDPG, DQN, PPO, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm

from trainer.contract import Backend
from trainer.declared import constructor_parameters
from trainer.errors import BadSpec
from trainer.fast.eligibility import Unfit, check_policy, check_spaces

log = logging.getLogger(__name__)

# Loading what was compiled before takes less; compiling takes more, and is worth a line in the log.
_COMPILED_S = 1.0
JAX_ALGORITHMS = ("crossq", "dqn", "sac", "td3", "tqc")
# Imported where they are used: Numba is heavy, and most algorithms do not need it.
_FAST: dict[type[BaseAlgorithm], tuple[str, str]] = {
    PPO: ("trainer.fast.ppo", "FastPPO"),
    DQN: ("trainer.by_hand.dqn", "DirectDQN"),
    SAC: ("trainer.by_hand.sac", "DirectSAC"),
    TD3: ("trainer.by_hand.td3", "DirectTD3"),
    DDPG: ("trainer.by_hand.td3", "DirectDDPG"),
}


def make(kind: type[BaseAlgorithm], asked: str, *arguments: Any, **named: Any) -> BaseAlgorithm:
    """A model of `kind` from its constructor's arguments, trained by the fastest code that covers it.

    `asked` is "auto", "stock", "fast", or "sbx" for a `kind` of `on_jax`.

    :raises BadSpec: where "fast" is asked for and does not cover the model.
    """
    if asked in {"stock", "sbx"}:
        return kind(*arguments, **named)
    obstacle = _obstacle(kind)
    if not obstacle:
        try:
            return _prepared(_fast(kind)(*arguments, **named))
        except Unfit as unfit:
            obstacle = f"backend fast does not cover this model: {unfit}"
    if asked == "fast":
        raise BadSpec(f"{obstacle}. Use auto or stock.")
    return kind(*arguments, **named)


def on_jax(algo: str, device: str) -> type[BaseAlgorithm]:
    """SBX's class for an algorithm.

    :raises BadSpec: where SBX has none, is not installed, or should run elsewhere than on the CPU.
    """
    if algo not in JAX_ALGORITHMS:
        known = ", ".join(JAX_ALGORITHMS)
        raise BadSpec(f"backend sbx trains {known}, not {algo}. Use auto or stock.")
    if find_spec("jax") is None or find_spec("sbx") is None:
        raise BadSpec("backend sbx needs the extra jax (pip install 'signoff[jax]'). Use auto or stock.")
    if device != "cpu":
        raise BadSpec(f"backend sbx trains on the CPU here, not on {device}. Use auto or stock.")
    import_module("trainer.jax_backend.settings").prepare(torch.get_num_threads())
    found: type[BaseAlgorithm] = import_module("trainer.jax_backend.models").MODELS[algo]
    return found


def jax_arguments(
    algo: str, stock: type[BaseAlgorithm], kind: type[BaseAlgorithm], arguments: dict[str, Any]
) -> dict[str, Any]:
    """The arguments of the constructor of `kind`, a class of `on_jax`; defaults are those of `stock`.

    :raises BadSpec: naming what SBX does not have.
    """
    known = constructor_parameters(kind)
    defaults = {
        name: one.default
        for name, one in constructor_parameters(stock).items()
        if name in known and type(one.default) in {int, float, str} and one.default != known[name].default
    }
    translate = import_module("trainer.jax_backend.arguments").for_jax
    translated: dict[str, Any] = translate(algo, {**defaults, **arguments})
    return translated


def compile_ahead() -> None:
    """Have the fast path ready for the usual environments, where numba is installed."""
    if _has_numba():
        from trainer.fast.ahead import prepare_common  # noqa: PLC0415  # numba is heavy

        with contextlib.suppress(Unfit):  # the log says so; models will be stock ones
            prepare_common()


def backend_of(model: BaseAlgorithm, asked: str) -> Backend:
    """What trains a model that `make` made, and why."""
    if asked == "sbx":
        return Backend(name="sbx", reason="asked for")
    if asked == "stock":
        return Backend(name="stock", reason="asked for")
    kind = next((known for known in _FAST if isinstance(model, known)), type(model))
    if kind not in _FAST:
        return Backend(name="stock", reason=f"{kind.__name__} has no fast path")
    if kind is PPO and not _has_numba():
        return Backend(name="stock", reason="numba is not installed")
    if isinstance(model, _fast(kind)):
        return Backend(
            name="fast",
            reason="covers this model",
            prepared_s=round(getattr(model, "prepared_s", 0.0), 3),
        )
    return Backend(name="stock", reason=_why_not(model, kind))


def versions_of(backend: Backend) -> dict[str, str]:
    """The versions of what only this backend computes with."""
    names = ("jax", "jaxlib", "flax", "optax", "sbx-rl") if backend.name == "sbx" else ()
    return {name: version(name) for name in names}


def _obstacle(kind: type[BaseAlgorithm]) -> str:
    """Why no model of this kind has a fast path here; "" where there is none."""
    if kind not in _FAST:
        known = ", ".join(one.__name__ for one in _FAST)
        return f"backend fast trains {known}, not {kind.__name__}"
    if kind is PPO and not _has_numba():
        return "backend fast needs the package numba, which is not installed"
    return ""


def _fast(kind: type[BaseAlgorithm]) -> type[BaseAlgorithm]:
    module, name = _FAST[kind]
    found: type[BaseAlgorithm] = getattr(import_module(module), name)
    return found


def _prepared(model: BaseAlgorithm) -> BaseAlgorithm:
    """The model with all compiled that it will run.

    :raises Unfit: where the compiled code computes something else than stock SB3.
    """
    if isinstance(model, PPO):
        model.prepare()  # type: ignore[attr-defined]  # the compiled one's
        import_module("trainer.fast.trust").confirm(model)
        if (seconds := model.prepared_s) >= _COMPILED_S:  # type: ignore[attr-defined]  # likewise
            log.info("compiled the fast path in %.1f s; later runs load it", seconds)
    return model


def _why_not(model: BaseAlgorithm, kind: type[BaseAlgorithm]) -> str:
    """What the fast path does not cover of a stock model."""
    try:
        if isinstance(model, PPO):
            check_spaces(model)
            check_policy(model)
            import_module("trainer.fast.trust").recall(model)
        else:
            _fast(kind).check(model)  # type: ignore[attr-defined]  # each of those written out has it
    except Unfit as unfit:
        return str(unfit)
    return "made as such"


def _has_numba() -> bool:
    return find_spec("numba") is not None
