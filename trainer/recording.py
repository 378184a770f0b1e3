"""What a run writes while it goes on: its tables, its heartbeat and its TensorBoard events."""

import math
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from trainer.attempt import Attempt
from trainer.contract import EVALUATIONS_FILE, METRICS_FILE, TENSORBOARD_FOLDER
from trainer.events import EventFile
from trainer.tables import Row, Table, rows_until

# SB3's names, without "train/", of what each algorithm says about its updates.
_PPO = (
    "loss",
    "policy_gradient_loss",
    "value_loss",
    "entropy_loss",
    "approx_kl",
    "clip_fraction",
    "explained_variance",
    "std",
    "clip_range",
    "learning_rate",
)
_DQN = ("loss", "exploration_rate", "learning_rate")
_TD3 = ("actor_loss", "critic_loss", "learning_rate")
_SAC = ("actor_loss", "critic_loss", "ent_coef", "ent_coef_loss", "learning_rate")
_TRPO = (
    "policy_objective",
    "value_loss",
    "kl_divergence_loss",
    "explained_variance",
    "is_line_search_success",
    "std",
    "learning_rate",
)
# d3rlpy's names. Discrete CQL says `loss` and `td_loss`, the continuous one the others.
_CQL = (
    "loss",
    "td_loss",
    "actor_loss",
    "critic_loss",
    "conservative_loss",
    "alpha",
    "temp",
    "temp_loss",
)
# What an algorithm of a team's own may say.
OTHERS = ("loss", "policy_loss", "value_loss", "actor_loss", "critic_loss", "learning_rate")
LOSSES: Mapping[str, tuple[str, ...]] = {
    "a2c": ("policy_loss", "value_loss", "entropy_loss", "explained_variance", "std", "learning_rate"),
    "awac": ("actor_loss", "critic_loss"),
    "ars": ("delta_std", "step_size", "learning_rate"),
    "cql": _CQL,
    "crossq": _SAC,
    "ddpg": _TD3,
    "dqn": _DQN,
    "iql": ("actor_loss", "critic_loss", "q_loss", "v_loss"),
    "maskable_ppo": tuple(name for name in _PPO if name != "std"),
    "ppo": _PPO,
    "qrdqn": _DQN,
    "recurrent_ppo": _PPO,
    "sac": _SAC,
    "td3": _TD3,
    "tqc": _SAC,
    "trpo": _TRPO,
}
_ROWS = 1_000
_RECENT = 100
# How often to see whether a flush or the heartbeat is due; asking each of them at each step would be felt.
_LOOK_S = 0.2


class Recorder:
    """Gathers finished training episodes and losses; writes `metrics.csv` and `evaluations.csv`.

    A row of `metrics.csv` covers the episodes that ended since the row before (about a thousand rows
    in a run, none without an episode); losses are the newest. `reward` is the environment's own
    return, without shaping and normalisation. Where training learns from a dataset, nobody plays
    episodes: its rows hold losses alone.
    """

    def __init__(self, attempt: Attempt, *, earlier: Path | None) -> None:
        """`earlier` is the run folder that is resumed, perhaps this one; its rows up to here come first."""
        self._attempt = attempt
        folder, names = attempt.folder, attempt.config.eval.metric_names
        columns = ("timesteps", "time_s", "reward", "episode_length", "episodes")
        losses = LOSSES.get(attempt.config.algo, OTHERS)
        self._metrics = self._table(METRICS_FILE, (*columns, *losses), earlier)
        self._evaluations = self._table(EVALUATIONS_FILE, ("timesteps", *names), earlier)
        self._events = EventFile(folder / TENSORBOARD_FOLDER)
        self._spacing = max(1, attempt.total_timesteps // _ROWS)
        self._next_row = attempt.timesteps + self._spacing
        self._rewards: list[float] = []
        self._lengths: list[float] = []
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self._losses: dict[str, float] = {}
        self._next_look = 0.0
        self._nobody_plays = attempt.config.dataset is not None

    def episodes(self, infos: Sequence[Mapping[str, Mapping[str, float]]]) -> None:
        """Note the episodes that ended in this step, from what `Monitor` put into `info`."""
        for info in infos:
            if (episode := info.get("episode")) is not None:
                self._rewards.append(float(episode["r"]))
                self._lengths.append(float(episode["l"]))
                self._recent.append(float(episode["r"]))

    def losses(self, values: Mapping[str, float]) -> None:
        """Note what an update said, by SB3's names without "train/"."""
        self._losses.update(values)

    def step(self, now: float) -> None:
        """Called after each step of all environments, with `time.monotonic()`: writes what is due."""
        if self._attempt.timesteps >= self._next_row and (self._rewards or self._nobody_plays):
            self._write_row()
        if now >= self._next_look:
            self._next_look = now + _LOOK_S
            if self._metrics.flush():
                self._events.flush()
            self._attempt.beat()

    def evaluation(self, metrics: Mapping[str, float]) -> None:
        """Note an interim evaluation."""
        steps = self._attempt.timesteps
        self._evaluations.add({"timesteps": steps, **metrics})
        self._evaluations.flush(force=True)
        self._attempt.interim = {**self._attempt.interim, **metrics}
        self._attempt.evaluated_at = steps
        self._events.add({f"eval/{name}": value for name, value in metrics.items()}, steps)

    def close(self) -> None:
        """Write what is left. Called once, whatever happened."""
        try:
            if self._rewards:
                self._write_row()
        finally:
            self._metrics.close()
            self._evaluations.close()
            self._events.close()

    def _table(self, name: str, columns: Sequence[str], earlier: Path | None) -> Table:
        rows: list[Row] = rows_until(earlier / name, self._attempt.timesteps) if earlier else []
        table = Table(self._attempt.folder / name, columns)
        for row in rows:
            table.add(row)
        return table

    def _write_row(self) -> None:
        steps = self._attempt.timesteps
        losses = {name: value for name, value in self._losses.items() if math.isfinite(value)}
        row: dict[str, float] = {
            "timesteps": steps,
            "time_s": round(time.monotonic() - self._attempt.started, 3),
        }
        rollout: dict[str, float] = {}
        if self._rewards:
            reward, length = _mean(self._rewards), _mean(self._lengths)
            row |= {"reward": reward, "episode_length": length, "episodes": len(self._rewards)}
            rollout = {"rollout/ep_rew_mean": reward, "rollout/ep_len_mean": length}
            self._attempt.interim["reward"] = _mean(self._recent)
        self._metrics.add({**row, **losses})
        self._events.add(rollout | {f"train/{name}": value for name, value in losses.items()}, steps)
        self._rewards.clear()
        self._lengths.clear()
        self._next_row = steps + self._spacing


def _mean(values: Collection[float]) -> float:
    """A hundredth of what numpy takes for a few."""
    return math.fsum(values) / len(values)
