"""Checkpoints: all that a training goes on from, as one folder, whole or not there.

That is the model with its optimizers, its normalisation, its replay buffer and its random states; the
config and the versions that made it stand in the manifest.

A folder `checkpoints/<timesteps>` is written under another name, verified and then renamed, so that a
kill at any moment leaves the earlier ones as they were. `manifest.json` lists each file's size and
SHA-256.
"""

import hashlib
import logging
import shutil
import time
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from pydantic import Field, ValidationError
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.save_util import load_from_zip_file, recursive_setattr
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from trainer.contract import Frozen, JsonObject, SolvedAt
from trainer.crashpoints import crash_at
from trainer.envs import env_state, restore_env_state
from trainer.errors import ResumeFailed, sentence
from trainer.files import sync_file, sync_folder
from trainer.random_states import load_random_states, save_random_states
from trainer.replay import load_replay, save_replay

log = logging.getLogger(__name__)

MODEL_FILE = "model.zip"
NORMALIZATION_FILE = "vecnormalize.pkl"
REPLAY_FILE = "replay.npz"
RANDOM_FILE = "random.json"
MANIFEST_FILE = "manifest.json"
_KEPT = 2


class StoredFile(Frozen):
    bytes: int
    sha256: str


class Manifest(Frozen):
    """What a checkpoint holds. `weights` is the SHA-256 of all parameters, for telling runs apart.

    `environments` is what the training environments must remember, such as the stage of a curriculum.
    """

    schema_version: Literal[1, 2] = 2
    run: str
    attempt: int
    spec_hash: str
    algo: str
    timesteps: int
    counters: dict[str, int]
    weights: str
    solved: tuple[SolvedAt, ...] = ()
    environments: JsonObject = Field(default_factory=dict)
    config: JsonObject = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    files: dict[str, StoredFile] = Field(default_factory=dict)


class Checkpoints:
    """The checkpoints of one run folder. Keeps the newest two; removes what a kill left half written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        for leftover in folder.glob(".*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def save(
        self, model: BaseAlgorithm, manifest: Manifest, *, normalization: VecNormalize | None, replay: bool
    ) -> Path:
        """Write a checkpoint of the model as it is now, and remove all but the newest two.

        A whole checkpoint of the same step stays as it is.

        :raises OSError: where the disk is full; no half checkpoint stays behind.
        """
        final = self._folder / str(manifest.timesteps)
        temporary = self._folder / f".{manifest.timesteps}.{time.monotonic_ns()}"
        temporary.mkdir()
        try:
            _write(temporary, model, manifest, normalization, replay=replay)
            verify(temporary)
            crash_at("checkpoint.written")
            if not _is_whole(final):
                _discard(final)
                temporary.rename(final)
                crash_at("checkpoint.renamed")
                sync_folder(self._folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        self._prune()
        return final

    def _prune(self) -> None:
        names = (entry.name for entry in self._folder.iterdir() if entry.name.isdigit())
        for name in sorted(names, key=int)[:-_KEPT]:
            _discard(self._folder / name)


def _is_whole(folder: Path) -> bool:
    try:
        verify(folder)
    except ResumeFailed:
        return False
    return True


def _discard(folder: Path) -> None:
    """Remove a checkpoint, renamed first, so that a kill never leaves half of one under its name."""
    if folder.exists():
        doomed = folder.with_name(f".{folder.name}.{time.monotonic_ns()}")
        folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def _write(
    folder: Path,
    model: BaseAlgorithm,
    manifest: Manifest,
    normalization: VecNormalize | None,
    *,
    replay: bool,
) -> None:
    with (folder / MODEL_FILE).open("wb") as file:
        model.save(file)
    if normalization is not None:
        normalization.save(str(folder / NORMALIZATION_FILE))
    if replay and isinstance(model, OffPolicyAlgorithm):
        save_replay(model, folder / REPLAY_FILE)
    save_random_states(model, folder / RANDOM_FILE)
    stored = {}
    for path in sorted(folder.iterdir()):
        sync_file(path)
        stored[path.name] = StoredFile(bytes=path.stat().st_size, sha256=_sha256(path))
    venv = model.get_env()
    environments = env_state(venv) if venv is not None else {}
    whole = manifest.model_copy(update={"files": stored, "environments": environments})
    (folder / MANIFEST_FILE).write_text(whole.model_dump_json(indent=1), "utf-8")
    sync_file(folder / MANIFEST_FILE)
    sync_folder(folder)


def verify(folder: Path, *, without: frozenset[str] = frozenset()) -> Manifest:
    """Read a checkpoint's manifest and check every file against it, but those named in `without`.

    :raises ResumeFailed: naming the file that is missing or damaged.
    """
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except OSError:
        raise ResumeFailed(f"There is no whole checkpoint in {folder}.") from None
    except ValidationError as error:
        raise ResumeFailed(f"The manifest of the checkpoint {folder} is damaged.") from error
    if MODEL_FILE not in manifest.files:
        raise ResumeFailed(f"The checkpoint {folder} has no {MODEL_FILE}.")
    for name, stored in manifest.files.items():
        if name in without:
            continue
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise ResumeFailed(f"The checkpoint {folder} lacks its file {name}.")
        if path.stat().st_size != stored.bytes or _sha256(path) != stored.sha256:
            raise ResumeFailed(f"The file {name} of the checkpoint {folder} is damaged.")
    _verify_zip(folder / MODEL_FILE)
    return manifest


def _verify_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except zipfile.BadZipFile:
        damaged = path.name
    if damaged is not None:
        raise ResumeFailed(f"The model {path} is damaged.")


def restore(
    folder: Path, manifest: Manifest, model: BaseAlgorithm, normalization: VecNormalize | None
) -> None:
    """Put a verified checkpoint's state into a fresh model of the same config.

    Weights, optimizers, normalisation, replay buffer, counters and random generators come back; what
    the environments held inside does not, so a resumed run is not the run that never stopped.

    :raises ResumeFailed: where the checkpoint is of another model.
    """
    try:
        _, parameters, variables = load_from_zip_file(folder / MODEL_FILE, load_data=False)
        model.set_parameters(parameters, exact_match=True)
        for name, value in (variables or {}).items():
            if value is not None:
                recursive_setattr(model, f"{name}.data", value.data)
    except (RuntimeError, ValueError, KeyError, AttributeError) as error:
        raise ResumeFailed(f"The checkpoint {folder} is of another model: {sentence(error)}") from error
    if normalization is not None:
        restore_normalization(folder, normalization)
    model.num_timesteps = manifest.timesteps
    if (venv := model.get_env()) is not None:
        restore_env_state(venv, manifest.environments, manifest.timesteps)
    for name, count in manifest.counters.items():
        setattr(model, name, count)
    if isinstance(model, OffPolicyAlgorithm) and not load_replay(model, folder / REPLAY_FILE):
        model.learning_starts += manifest.timesteps
        log.warning("no replay buffer in the checkpoint: filling a new one before learning goes on")
    if not load_random_states(model, folder / RANDOM_FILE):
        log.warning("no random states in the checkpoint: they begin anew")


def restore_normalization(folder: Path, normalization: VecNormalize) -> None:
    path = folder / NORMALIZATION_FILE
    if not path.exists():
        raise ResumeFailed(f"The checkpoint {folder} has no {NORMALIZATION_FILE}, which its config needs.")
    inner: VecEnv = normalization.venv
    saved = VecNormalize.load(str(path), inner)
    normalization.ret_rms = saved.ret_rms
    if normalization.norm_obs:
        normalization.obs_rms = saved.obs_rms


def manifest_sha256(folder: Path) -> str:
    """The SHA-256 that names a checkpoint: its manifest lists the hashes of all its files."""
    return _sha256(folder / MANIFEST_FILE)


def counters(model: BaseAlgorithm) -> dict[str, int]:
    """The model's counts that decide when it updates what."""
    names = ("_n_updates", "_n_calls", "_episode_num")
    return {name: int(getattr(model, name)) for name in names if hasattr(model, name)}


def weights_hash(model: BaseAlgorithm) -> str:
    """The SHA-256 of the policy's parameters: equal if and only if they are bitwise equal."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.policy.state_dict().items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return digest.hexdigest()


def weights_are_finite(model: BaseAlgorithm) -> bool:
    with torch.no_grad():
        return all(bool(torch.isfinite(parameter).all()) for parameter in model.policy.parameters())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
