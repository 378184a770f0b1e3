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
}
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
    assert f"hyperparams/{preset.config['algo']}.yml" in preset.source
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
    assert bar == (environment.reward_threshold if env_id != "Pendulum-v1" else -200.0)


@each
def test_reward_terms_stand_at_zero(preset: Preset) -> None:
    terms = part(preset.config, "reward")
    assert isinstance(terms, dict)
    assert set(terms.values()) == {0.0}
    assert "action_change_penalty" in terms
