"""Begins a training with the weights of another run, as its config's `init` says."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.save_util import load_from_zip_file, recursive_setattr
from stable_baselines3.common.vec_env import VecNormalize

from trainer.callbacks import optimizers
from trainer.checkpoints import (
    MODEL_FILE,
    NORMALIZATION_FILE,
    REPLAY_FILE,
    Manifest,
    manifest_sha256,
    restore_normalization,
    verify,
)
from trainer.config import InitConfig, TrainConfig
from trainer.errors import ResumeFailed, sentence
from trainer.replay import load_replay

log = logging.getLogger(__name__)


def begin_with(
    run_folder: Path,
    init_from: str | None,
    config: TrainConfig,
    model: BaseAlgorithm,
    normalization: VecNormalize | None,
) -> None:
    """Load what `config.init` names from the checkpoint that the worker has put into the run folder.

    The run's own steps, counters and random generators begin anew.

    :raises ResumeFailed: where it is missing, is not the one that was approved, or does not fit.
    """
    init = config.init
    assert init is not None
    if init_from is None:
        raise ResumeFailed(f"The checkpoint of {init.source}, which init.from names, is not here.")
    folder = run_folder / init_from
    manifest = _approved(folder, init)
    if manifest.algo != config.algo:
        raise ResumeFailed(f"{init.source} was trained with {manifest.algo}, not with {config.algo}.")
    _load_model(folder, init, model)
    _load_normalization(folder, init, normalization)
    if init.load == "all" and isinstance(model, OffPolicyAlgorithm):
        _load_replay(folder, init, model)
    log.info("began with the %s of %s after %s steps", init.load, init.source, f"{init.timesteps:,}")


def _approved(folder: Path, init: InitConfig) -> Manifest:
    manifest = verify(folder, without=frozenset() if init.load == "all" else frozenset({REPLAY_FILE}))
    found = manifest_sha256(folder)
    if found != init.sha256:
        raise ResumeFailed(
            f"The checkpoint of {init.source} is not the one that was approved: its hash is {found[:12]}, "
            f"the config's is {init.sha256[:12]}. Propose it again."
        )
    return manifest


def _load_model(folder: Path, init: InitConfig, model: BaseAlgorithm) -> None:
    try:
        _, parameters, variables = load_from_zip_file(folder / MODEL_FILE, load_data=False)
        if init.load == "policy":
            model.policy.load_state_dict(parameters["policy"])  # type: ignore[arg-type]  # a state dict
            return
        with _own_settings(model):
            model.set_parameters(parameters, exact_match=True)
        for name, value in (variables or {}).items():
            if value is not None:
                recursive_setattr(model, f"{name}.data", value.data)
    except (RuntimeError, ValueError, KeyError, AttributeError) as error:
        raise ResumeFailed(
            f"The weights of {init.source} do not fit this policy and these spaces: {sentence(error)}"
        ) from error


@contextmanager
def _own_settings(model: BaseAlgorithm) -> Iterator[None]:
    """Optimizers that are loaded take the checkpoint's averages; their settings stay those of the config.

    :raises ValueError: where the checkpoint's are of another kind.
    """
    groups = [group for optimizer in optimizers(model) for group in optimizer.param_groups]
    kept = [{name: value for name, value in group.items() if name != "params"} for group in groups]
    yield
    groups = [group for optimizer in optimizers(model) for group in optimizer.param_groups]
    for group, own in zip(groups, kept, strict=True):
        if group.keys() - {"params"} != own.keys():
            raise ValueError("its optimizer is another one; use init.load = policy")
        group.update(own)


def _load_normalization(folder: Path, init: InitConfig, normalization: VecNormalize | None) -> None:
    if normalization is not None:
        restore_normalization(folder, normalization)
    elif (folder / NORMALIZATION_FILE).exists():
        raise ResumeFailed(
            f"{init.source} was trained with normalised observations or rewards; keep its env.normalize."
        )


def _load_replay(folder: Path, init: InitConfig, model: OffPolicyAlgorithm) -> None:
    if not load_replay(model, folder / REPLAY_FILE):
        raise ResumeFailed(
            f"The checkpoint of {init.source} holds no replay buffer of this shape; "
            "use init.load = optimizer."
        )
