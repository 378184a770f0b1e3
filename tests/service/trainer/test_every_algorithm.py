"""Each algorithm, and each way to vary its environment: trained, saved, resumed. Hundreds of steps."""

from pathlib import Path
from typing import Any

import pytest

from tests.service.trainer.runs import rows
from tests.unit.trainer import environments
from tests.unit.trainer.configs import HYPERPARAMS, OFF_POLICY, attempt, config
from trainer.attempt import Attempt
from trainer.checkpoints import Manifest, verify
from trainer.recording import LOSSES
from trainer.train import train

pytestmark = pytest.mark.service
environments.register()

REACH = {"id": "SignoffTest/Reach-v0"}
COUNTER = {"id": "SignoffTest/Counter-v0"}
HER = {**OFF_POLICY, "learning_starts": 60, "replay_buffer": {"class": "her", "n_sampled_goal": 2}}


def _with(algo: str, env: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """`algo` in another environment, judged in the plain form of it."""
    document = config(algo, env=env, **changes)
    document["eval"]["env"] = {key: value for key, value in env.items() if key in {"id", "wrappers"}}
    return document


def _train(folder: Path, document: dict[str, Any], **changes: Any) -> tuple[Attempt, Manifest]:
    one = attempt(folder, document, **changes)
    train(one)
    assert one.checkpoint is not None
    return one, verify(folder / one.checkpoint)


def _trained_and_resumed(tmp_path: Path, document: dict[str, Any]) -> tuple[Attempt, Manifest, Manifest]:
    """A run of 300 steps, and one of 600 that goes on from it."""
    first, before = _train(tmp_path / "one", document)
    assert first.checkpoint is not None
    longer = {**document, "total_timesteps": document["total_timesteps"] + before.timesteps}
    source = str(tmp_path / "one" / first.checkpoint)
    second, after = _train(tmp_path / "two", longer, resume_from=source, attempt=2)
    assert after.timesteps >= longer["total_timesteps"]
    assert after.weights != before.weights
    assert second.resumed_from == source
    return second, before, after


@pytest.mark.parametrize("algo", HYPERPARAMS)
def test_every_algorithm_can_be_resumed(algo: str, tmp_path: Path) -> None:
    second, before, after = _trained_and_resumed(tmp_path, config(algo))
    assert after.counters["_n_updates"] > before.counters["_n_updates"]
    assert second.metrics["final_reward"] == pytest.approx(second.interim["final_reward"])
    steps = [int(row["timesteps"]) for row in rows(tmp_path / "two" / "metrics.csv")]
    assert steps == sorted(steps)
    assert steps[0] <= before.timesteps < steps[-1]


@pytest.mark.parametrize("algo", HYPERPARAMS)
def test_every_algorithm_says_what_its_updates_did(algo: str, tmp_path: Path) -> None:
    _train(tmp_path, config(algo))
    last = rows(tmp_path / "metrics.csv")[-1]
    assert set(LOSSES[algo]) <= set(last)
    assert last["learning_rate"]


@pytest.mark.parametrize("algo", HYPERPARAMS)
def test_a_resumed_run_starts_with_the_weights_it_was_saved_with(algo: str, tmp_path: Path) -> None:
    """Nothing is left to train, so that only saving and restoring is seen."""
    first, before = _train(tmp_path / "one", config(algo))
    assert first.checkpoint is not None
    source = str(tmp_path / "one" / first.checkpoint)
    done = {**config(algo), "total_timesteps": before.timesteps}
    _, after = _train(tmp_path / "two", done, resume_from=source, attempt=2)
    assert after.weights == before.weights


def test_hindsight_can_be_resumed(tmp_path: Path) -> None:
    document = _with("sac", REACH, policy="MultiInputPolicy", hyperparams=HER)
    _, before, after = _trained_and_resumed(tmp_path, document)
    assert after.counters["_n_updates"] > before.counters["_n_updates"]


@pytest.mark.parametrize("algo", ["dqn", "qrdqn"])
def test_returns_over_several_steps_can_be_learnt_from(algo: str, tmp_path: Path) -> None:
    document = config(algo)
    document["hyperparams"] |= {"n_steps": 3}
    _train(tmp_path, document)


def test_a_buffer_may_forget_what_a_time_limit_was_to_save_memory(tmp_path: Path) -> None:
    document = config("td3")
    document["hyperparams"] |= {
        "optimize_memory_usage": True,
        "replay_buffer": {"handle_timeout_termination": False},
    }
    _train(tmp_path, document)


@pytest.mark.parametrize("algo", ["ppo", "a2c", "sac", "tqc", "crossq", "trpo", "recurrent_ppo"])
def test_noise_may_depend_on_the_state(algo: str, tmp_path: Path) -> None:
    document = _with(algo, {"id": "Pendulum-v1"}, total_timesteps=120)
    document["hyperparams"] |= {"use_sde": True, "sde_sample_freq": 4}
    _train(tmp_path, document)


def test_ars_learns_from_the_shaped_reward(tmp_path: Path) -> None:
    document = _with("ars", {"id": "Pendulum-v1"}, total_timesteps=1_000)
    _, plain = _train(tmp_path / "plain", document)
    document["reward"] = {"action_magnitude_penalty": 50.0}
    _, shaped = _train(tmp_path / "shaped", document)
    assert shaped.weights != plain.weights


def test_ars_counts_the_steps_of_each_environment_once(tmp_path: Path) -> None:
    one, _ = _train(tmp_path, config("ars", n_envs=2))
    episodes = sum(
        float(row["episodes"]) * float(row["episode_length"]) for row in rows(tmp_path / "metrics.csv")
    )
    assert episodes == pytest.approx(one.timesteps, abs=2)


def test_a_run_may_be_stepped_in_processes_and_learns_the_same(tmp_path: Path) -> None:
    document = config("ppo", n_envs=2, total_timesteps=64)
    _, here = _train(tmp_path / "here", document)
    _, apart = _train(tmp_path / "apart", {**document, "vec_env": "subproc"})
    assert apart.weights == here.weights


def test_a_curriculum_is_the_same_each_time_and_goes_on_where_it_was(tmp_path: Path) -> None:
    stages = [
        {"until": {"timesteps": 64}, "env": {"kwargs": {"reward_scale": 5.0}}},
        {"until": {"return_at_least": 1e6, "timesteps": 100_000}, "env": {"kwargs": {"reward_scale": 2.0}}},
    ]
    document = _with("ppo", COUNTER, curriculum=stages)
    document["env"]["randomize"] = {"reward_scale": {"low": 1.0, "high": 2.0}}
    _, first = _train(tmp_path / "first", document)
    _, again = _train(tmp_path / "again", document)
    assert again.weights == first.weights
    assert first.environments["curriculum"]["stage"] == 1  # type: ignore[index,call-overload]  # an object
    _, _, after = _trained_and_resumed(tmp_path / "resumed", document)
    assert after.environments["curriculum"]["stage"] == 1  # type: ignore[index,call-overload]  # an object


def test_drawn_parameters_are_the_same_each_time_and_leave_the_yardstick_alone(tmp_path: Path) -> None:
    drawn = {"id": "CartPole-v1", "randomize": {"length": {"low": 0.2, "high": 2.0}}}
    first, one = _train(tmp_path / "one", config("ppo", env=drawn))
    _, two = _train(tmp_path / "two", config("ppo", env=drawn))
    plain, other = _train(tmp_path / "plain", config("ppo"))
    assert one.weights == two.weights != other.weights
    assert first.fingerprint == plain.fingerprint


@pytest.mark.parametrize(
    ("package", "env", "changes"),
    [
        ("minigrid", {"id": "MiniGrid-Empty-5x5-v0", "wrappers": [{"name": "minigrid_flat"}]}, {}),
        (
            "highway_env",
            {"id": "parking-v0", "kwargs": {"config": {"duration": 10}}},
            {"algo": "tqc", "policy": "MultiInputPolicy", "hyperparams": HER, "total_timesteps": 70},
        ),
        (
            "ale_py",
            {
                "id": "PongNoFrameskip-v4",
                "max_episode_steps": 200,
                "wrappers": [{"name": "atari"}, {"name": "frame_stack", "kwargs": {"n_stack": 2}}],
            },
            {
                "policy": "CnnPolicy",
                "total_timesteps": 32,
                "hyperparams": {
                    "n_steps": 16,
                    "batch_size": 16,
                    "n_epochs": 1,
                    "policy_kwargs": {"features_extractor_kwargs": {"features_dim": 8}},
                },
            },
        ),
        ("mujoco", {"id": "InvertedPendulum-v5", "randomize": {"body_mass": {"low": 0.8, "high": 1.2}}}, {}),
    ],
)
def test_environments_of_other_packages_can_be_trained_in(
    package: str, env: dict[str, Any], changes: dict[str, Any], tmp_path: Path
) -> None:
    pytest.importorskip(package)
    document = _with("ppo", env) | changes
    document["eval"]["env"] = {key: value for key, value in env.items() if key != "randomize"}
    document["eval"] |= {"n_eval_episodes": 1, "interim": {"points": 0}}
    one, _ = _train(tmp_path, document)
    assert one.fingerprint["env_id"] == env["id"]
