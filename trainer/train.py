"""One run from its spec to its final evaluation, top to bottom."""

import contextlib
import csv
import functools
import logging
import time
from pathlib import Path

import torch
from torch.distributions import Distribution

from trainer import fingerprint, packages
from trainer.acting import deterministic
from trainer.algorithms import algorithm, check_actions, make_model
from trainer.attempt import Attempt
from trainer.backends import backend_of, versions_of
from trainer.beginning import begin_with
from trainer.callbacks import RunCallback
from trainer.checkpoints import (
    Checkpoints,
    Manifest,
    counters,
    manifest_sha256,
    restore,
    verify,
    weights_are_finite,
    weights_hash,
)
from trainer.contract import CHECKPOINTS_FOLDER, EPISODES_FILE, Phase
from trainer.envs import check_same_spaces, curriculum_end, training_envs
from trainer.errors import BadSpec, NotFinite, TimeUp, is_disk_full
from trainer.evaluate import Act, Episode, Yardstick, summarize
from trainer.interim import InterimLooks, solved_at_last
from trainer.keepsakes import keep
from trainer.light_torch import stand_in
from trainer.lossless import leave_out_unused_gradients, switch_modes_only_where_they_differ
from trainer.offline.library import library_versions
from trainer.offline.model import attach_dataset
from trainer.recording import Recorder
from trainer.replay import is_small
from trainer.seeds import Purpose, evaluation_seeds, resumed_seed
from trainer.smoke import EnoughSeen, SmokeMeter

log = logging.getLogger(__name__)

# How long a final evaluation that began within the time limit may go on after it.
_EVALUATION_GRACE_S = 60.0
_IMAGE_POLICIES = frozenset({"CnnPolicy", "CnnLstmPolicy"})


def train(attempt: Attempt) -> str:
    """Train and evaluate; everything measured is in `attempt`, also where this raises.

    Returns the sentence that says how it ended.

    :raises TrainerError: where the run ends early; a checkpoint is kept where the weights are usable.
    """
    configure_torch(attempt.spec.torch_threads)
    attempt.versions = fingerprint.versions()
    packages.allow(attempt.spec.environments)
    algorithm(attempt.config.algo)
    yardstick = Yardstick(attempt.config.eval)
    try:
        attempt.fingerprint = fingerprint.measure(attempt.config.eval.env)
        return _Training(attempt, yardstick).run()
    finally:
        yardstick.close()


def configure_torch(threads: int) -> None:
    """Fix the thread count, which decides the last bits of the weights, and skip redundant checks."""
    stand_in()
    torch.set_num_threads(threads)
    Distribution.set_default_validate_args(False)


def choose_device(asked: str, policy: str) -> str:
    """Where to train. "auto" takes a GPU for pictures alone: small networks are faster on the CPU.

    :raises BadSpec: where a GPU is asked for and torch sees none.
    """
    available = torch.cuda.is_available()
    if asked == "cuda" and not available:
        raise BadSpec("The spec asks for a GPU (device cuda), but torch sees none on this host.")
    if asked == "auto":
        return "cuda" if available and policy in _IMAGE_POLICIES else "cpu"
    return asked


class _Training:
    """The objects of one run. `run` is the whole story."""

    def __init__(self, attempt: Attempt, yardstick: Yardstick) -> None:
        spec, config = attempt.spec, attempt.config
        self.attempt, self.yardstick = attempt, yardstick
        self.checkpoints = Checkpoints(attempt.folder / CHECKPOINTS_FOLDER)
        source = attempt.folder / spec.resume_from if spec.resume_from else None
        manifest = verify(source) if source else None
        done = manifest.timesteps if manifest else 0
        self.venv, self.normalization = training_envs(config, first_step=done)
        check_actions(config.algo, config.env.id, self.venv.action_space)
        check_same_spaces(self.venv, yardstick.env, config)
        attempt.device = choose_device(spec.device, config.policy)
        seed = resumed_seed(spec.seed, done) if manifest else spec.seed
        with attempt.preparing():
            self.model = make_model(config, self.venv, seed=seed, device=attempt.device)
        attempt.backend = backend_of(self.model, config.backend)
        attempt.versions |= versions_of(attempt.backend)
        self._attach_dataset()
        leave_out_unused_gradients(self.model)
        switch_modes_only_where_they_differ(self.model)
        self.earlier: Path | None = None
        if source and manifest:
            self._resume(source, manifest)
        elif config.init is not None:
            begin_with(attempt.folder, spec.init_from, config, self.model, self.normalization)

    def _attach_dataset(self) -> None:
        """Reading a large one may take longer than a step may: it counts as something that moves."""
        attempt = self.attempt
        if attempt.config.dataset is None:
            return
        attempt.versions |= library_versions()
        place = attempt.spec.dataset_from
        attach_dataset(self.model, attempt.config, attempt.folder / place if place else None)
        attempt.moved()

    def run(self) -> str:
        attempt = self.attempt
        act = deterministic(self.model, self.normalization)
        recorder = Recorder(attempt, earlier=self.earlier)
        try:
            looks = None if attempt.spec.smoke else InterimLooks(attempt, self.yardstick, act, recorder)
            meter = SmokeMeter(attempt, attempt.spec.smoke, self.model) if attempt.spec.smoke else None
            callback = RunCallback(
                attempt, recorder, looks=looks, meter=meter, save=functools.partial(self._save, replay=True)
            )
            self._learn(callback)
        finally:
            attempt.curriculum = curriculum_end(self.venv)
            recorder.close()
            self.venv.close()
        attempt.enter(Phase.SAVING)
        self._save(replay=attempt.spec.smoke is not None or is_small(self.model))
        if meter is not None:
            attempt.enter(Phase.EVALUATING)
            attempt.smoke = meter.report(self.yardstick, act)
            return _smoke_sentence(attempt)
        said = evaluate_final(attempt, self.yardstick, act)
        attempt.solved = solved_at_last(attempt)
        keep(attempt, self.yardstick, self.model, self.normalization, act)
        return said

    def _learn(self, callback: RunCallback) -> None:
        attempt = self.attempt
        attempt.enter(Phase.TRAINING)
        log.info("training %s", _describe(attempt))
        remaining = attempt.total_timesteps - self.model.num_timesteps
        if remaining <= 0:
            return
        try:
            with contextlib.closing(callback.rollout):
                self.model.learn(remaining, callback, log_interval=None, reset_num_timesteps=False)  # type: ignore[arg-type]  # None turns SB3's own log off
        except EnoughSeen:
            pass
        except NotFinite:
            raise
        except Exception as error:
            self._save_what_is_left(error)
            raise

    def _save(self, *, replay: bool) -> None:
        attempt, model = self.attempt, self.model
        manifest = Manifest(
            run=attempt.spec.run,
            attempt=attempt.spec.attempt,
            spec_hash=attempt.spec.spec_hash,
            algo=attempt.config.algo,
            timesteps=model.num_timesteps,
            counters=counters(model),
            weights=weights_hash(model),
            solved=attempt.solved,
            config=attempt.spec.config,
            versions=attempt.versions,
        )
        folder = self.checkpoints.save(model, manifest, normalization=self.normalization, replay=replay)
        attempt.timesteps = model.num_timesteps
        attempt.checkpoint = str(folder.relative_to(attempt.folder))
        attempt.checkpoint_sha256 = manifest_sha256(folder)
        log.info("saved %s", attempt.checkpoint)

    def _save_what_is_left(self, error: Exception) -> None:
        """After an early end: keep the model where its weights are numbers."""
        if is_disk_full(error):
            return
        if not weights_are_finite(self.model):
            raise NotFinite(
                f"The policy's weights became NaN or infinite at step {self.model.num_timesteps:,}."
            ) from error
        self.attempt.enter(Phase.SAVING)
        self._save(replay=True)

    def _resume(self, source: Path, manifest: Manifest) -> None:
        attempt = self.attempt
        if manifest.spec_hash != attempt.spec.spec_hash:
            log.warning("the checkpoint %s was made under another spec", source)
        restore(source, manifest, self.model, self.normalization)
        attempt.timesteps, attempt.solved = manifest.timesteps, manifest.solved
        attempt.resumed_from = attempt.spec.resume_from
        self.earlier = source.parent.parent
        log.info("resumed at step %s from %s", f"{manifest.timesteps:,}", source)


def evaluate_final(attempt: Attempt, yardstick: Yardstick, act: Act) -> str:
    """Play the final episodes, write `episodes.csv`, note the metrics; returns a sentence.

    The first `BATCH` episodes are always played; the others as far as the time limit allows.

    :raises TimeUp: where not one episode ended within the limit and a minute.
    """
    attempt.enter(Phase.EVALUATING)
    wanted = attempt.config.eval.n_eval_episodes
    began = time.monotonic()

    def check() -> None:
        attempt.check_stop()
        attempt.beat()

    episodes = yardstick.play(
        act,
        evaluation_seeds(Purpose.FINAL, attempt.spec.seed_index, wanted),
        check=check,
        may_start=lambda: time.monotonic() < attempt.deadline,
        may_go_on=lambda: time.monotonic() < max(attempt.deadline, began) + _EVALUATION_GRACE_S,
    )
    if not episodes:
        raise TimeUp(
            f"No evaluation episode ended within the time limit of {attempt.spec.time_limit_s:,.0f} s."
        )
    _write_episodes(attempt.folder / EPISODES_FILE, episodes)
    attempt.metrics, attempt.n_eval_episodes = summarize(episodes), len(episodes)
    attempt.interim = {**attempt.interim, **attempt.metrics}
    log.info("final evaluation took %.1f s", time.monotonic() - began)
    return _final_sentence(attempt, len(episodes), wanted)


def _write_episodes(path: Path, episodes: list[Episode]) -> None:
    rows = [episode.metrics() for episode in episodes]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("episode", "seed", *rows[0]))
        for number, (episode, row) in enumerate(zip(episodes, rows, strict=True), start=1):
            writer.writerow((number, episode.seed, *row.values()))


def _final_sentence(attempt: Attempt, played: int, wanted: int) -> str:
    reward = attempt.metrics["final_reward"]
    init = attempt.config.init
    before = f" after {init.timesteps:,} of {init.source}" if init else ""
    sentence = (
        f"Trained {attempt.timesteps:,} steps{before}; final reward {reward:,.6g} over {played} episodes."
    )
    reached = attempt.curriculum
    if reached is not None and reached.stage < reached.stages:
        sentence += f" It ended in stage {reached.stage} of {reached.stages} of its curriculum."
    if played < wanted:
        sentence += f" The time limit allowed {played} of {wanted} evaluation episodes."
    return sentence


def _smoke_sentence(attempt: Attempt) -> str:
    report = attempt.smoke
    assert report is not None
    few = "" if report.updates else " No update happened in that time."
    return (
        f"The smoke run passed: {_counted(report.updates, 'update')}, {report.steps_per_s:,.0f} steps/s, "
        f"about {report.estimated_s:,.0f} s for one seed.{few}"
    )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _describe(attempt: Attempt) -> str:
    config, spec, backend = attempt.config, attempt.spec, attempt.backend
    code = f", {backend.name} backend ({backend.reason})" if backend else ""
    return (
        f"{algorithm(config.algo).title} on {config.env.id}, {config.total_timesteps:,} steps, "
        f"{config.n_envs} environments, seed {spec.seed}, device {attempt.device}, "
        f"{spec.torch_threads} torch threads{code}"
    )
