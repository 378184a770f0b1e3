"""Which code trains: SB3's own, or the compiled path of `trainer.fast` where it covers the model."""

import logging
from importlib.util import find_spec
from typing import Any

from stable_baselines3 import PPO
from stable_baselines3.common.base_class import BaseAlgorithm

from trainer.contract import Backend
from trainer.errors import BadSpec

log = logging.getLogger(__name__)

# Loading what was compiled before takes less; compiling takes more, and is worth a line in the log.
_COMPILED_S = 1.0


def make(kind: type[BaseAlgorithm], asked: str, *arguments: Any, **named: Any) -> BaseAlgorithm:
    """A model of `kind` from its constructor's arguments, trained by the fastest code that covers it.

    `asked` is "auto", "stock" or "fast".

    :raises BadSpec: where "fast" is asked for and does not cover the model.
    """
    if asked == "fast" and kind is not PPO:
        raise BadSpec(f"backend fast trains PPO alone, not {kind.__name__}. Use auto or stock.")
    if asked == "fast" and not _has_numba():
        raise BadSpec("backend fast needs the package numba, which is not installed. Use auto or stock.")
    if asked == "stock" or kind is not PPO or not _has_numba():
        return kind(*arguments, **named)
    # Numba is heavy, and most algorithms do not need it.
    from trainer.fast.eligibility import Unfit  # noqa: PLC0415
    from trainer.fast.ppo import FastPPO  # noqa: PLC0415

    try:
        model = FastPPO(*arguments, **named)
    except Unfit as unfit:
        if asked == "fast":
            raise BadSpec(f"backend fast does not cover this model: {unfit}. Use auto or stock.") from unfit
        return kind(*arguments, **named)
    model.prepare()
    if model.prepared_s >= _COMPILED_S:
        log.info("compiled the fast path in %.1f s; later runs load it", model.prepared_s)
    return model


def compile_ahead() -> None:
    """Have the fast path ready for the usual environments, where numba is installed."""
    if _has_numba():
        from trainer.fast.ahead import prepare_common  # noqa: PLC0415  # as above

        prepare_common()


def backend_of(model: BaseAlgorithm, asked: str) -> Backend:
    """What trains a model that `make` made, and why."""
    if asked == "stock":
        return Backend(name="stock", reason="asked for")
    if not isinstance(model, PPO):
        return Backend(name="stock", reason="only PPO has a fast path")
    if not _has_numba():
        return Backend(name="stock", reason="numba is not installed")
    from trainer.fast.eligibility import Unfit, check_policy, check_spaces  # noqa: PLC0415  # as above
    from trainer.fast.ppo import FastPPO  # noqa: PLC0415  # as above

    if isinstance(model, FastPPO):
        return Backend(name="fast", reason="covers this model", prepared_s=round(model.prepared_s, 3))
    try:
        check_spaces(model)
        check_policy(model)
    except Unfit as unfit:
        return Backend(name="stock", reason=str(unfit))
    return Backend(name="stock", reason="made as such")


def _has_numba() -> bool:
    return find_spec("numba") is not None
