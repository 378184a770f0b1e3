import pytest
from pydantic import JsonValue

from trainer.catalogue import Preset, load_catalogue, load_presets
from trainer.contract import JsonObject

EXPECTED = {
    ("ppo", "CartPole-v1"),
    ("a2c", "CartPole-v1"),
    ("dqn", "CartPole-v1"),
    ("ppo", "Pendulum-v1"),
    ("sac", "Pendulum-v1"),
    ("ppo", "Acrobot-v1"),
    ("dqn", "Acrobot-v1"),
    ("ppo", "MountainCar-v0"),
    ("dqn", "MountainCar-v0"),
    ("ppo", "LunarLander-v3"),
    ("ppo", "HalfCheetah-v5"),
    ("sac", "HalfCheetah-v5"),
    ("ppo", "Hopper-v5"),
    ("sac", "Hopper-v5"),
    ("qrdqn", "CartPole-v1"),
    ("qrdqn", "Acrobot-v1"),
    ("qrdqn", "MountainCar-v0"),
    ("tqc", "Pendulum-v1"),
    ("td3", "Pendulum-v1"),
    ("ddpg", "Pendulum-v1"),
    ("trpo", "CartPole-v1"),
    ("trpo", "Acrobot-v1"),
    ("trpo", "MountainCar-v0"),
    ("trpo", "Pendulum-v1"),
    ("ars", "CartPole-v1"),
    ("recurrent_ppo", "CartPole-v1"),
    ("recurrent_ppo", "Pendulum-v1"),
    ("ppo", "MiniGrid-Empty-Random-5x5-v0"),
}
# Where the environment declares no bar. MiniGrid pays at least 0.1 at the goal, and nothing elsewhere.
BARS = {"Pendulum-v1": -200.0, "MiniGrid-Empty-Random-5x5-v0": 0.1}
FILES = {"recurrent_ppo": "ppo_lstm"}
PRESETS = {preset.name: preset for preset in load_presets()}
each = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


def part(config: JsonObject, *path: str) -> JsonValue:
    value: JsonValue = config
    for name in path:
        assert isinstance(value, dict)
        value = value[name]
    return value


def test_the_baselines_are_all_there() -> None:
    assert {(str(p.config["algo"]), str(part(p.config, "env", "id"))) for p in PRESETS.values()} == EXPECTED


@each
def test_a_baseline_names_its_source_and_its_published_reward(preset: Preset) -> None:
    assert "rl-baselines3-zoo@" in preset.source
    algo = str(preset.config["algo"])
    assert f"hyperparams/{FILES.get(algo, algo)}.yml" in preset.source
    assert " ± " in preset.published
    assert " steps" in preset.published


@each
def test_the_yardstick_measures_the_trained_environment(preset: Preset) -> None:
    env_id = part(preset.config, "env", "id")
    assert isinstance(env_id, str)
    environment = load_catalogue().environments[env_id]
    assert part(preset.config, "eval", "env", "id") == env_id
    assert part(preset.config, "eval", "n_eval_episodes") == 100
    assert part(preset.config, "eval", "metrics", "final_reward", "range") == list(environment.reward_range)
    assert part(preset.config, "eval", "metrics", "episode_length", "range") == [
        1,
        environment.max_episode_steps,
    ]
    metrics = part(preset.config, "eval", "metrics")
    assert isinstance(metrics, dict)
    assert set(metrics) == {"final_reward", "success_rate", "episode_length", "oscillation"}
    bar = part(preset.config, "eval", "success", "return_at_least")
    assert bar == BARS.get(env_id, environment.reward_threshold)


def test_the_first_experiment_of_a_ledger_is_always_the_same() -> None:
    presets = load_presets()
    assert [preset.position for preset in presets] == list(range(1, len(presets) + 1))
    assert presets[0].name == "ppo-cartpole"


@each
def test_reward_terms_stand_at_zero(preset: Preset) -> None:
    terms = part(preset.config, "reward")
    assert isinstance(terms, dict)
    assert set(terms.values()) == {0.0}
    assert "action_change_penalty" in terms
