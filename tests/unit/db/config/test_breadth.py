"""The wider catalogue: every algorithm, environments of other packages, curricula, drawn parameters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.config.forms import fits
from db.config.hashes import config_hash, format_value
from db.config.problems import OverrideProblems
from db.config.resolve import Resolved, Step, merge, resolve
from db.config.text import parse_overrides
from db.config.validate import validate_config
from tests.unit.db.config.properties import VALUES
from trainer.catalogue import Catalogue, Preset
from trainer.config import read_config
from trainer.contract import JsonObject


def child(text: str, parent: Resolved, catalogue: Catalogue) -> JsonObject:
    config = merge(parent.config, parse_overrides(text, parent, catalogue))
    read_config(config)  # what the form accepts, the trainer reads
    return config


def refusal(text: str, parent: Resolved, catalogue: Catalogue) -> str:
    with pytest.raises(OverrideProblems) as caught:
        parse_overrides(text, parent, catalogue)
    return str(caught.value)


@pytest.mark.parametrize("algo", ["a2c", "ars", "dqn", "qrdqn", "recurrent_ppo", "trpo"])
def test_cartpole_can_be_given_to_each_algorithm_that_can_act_there(
    algo: str, cartpole: Resolved, catalogue: Catalogue
) -> None:
    config = child(f"algo = {algo}", cartpole, catalogue)
    assert config["policy"] in catalogue.algorithms[algo].policies
    assert validate_config(config, catalogue) == ()


@pytest.mark.parametrize("algo", ["crossq", "tqc", "td3", "ddpg", "ppo", "trpo", "ars", "recurrent_ppo"])
def test_pendulum_can_be_given_to_each_algorithm_that_can_act_there(
    algo: str, pendulum: Resolved, catalogue: Catalogue
) -> None:
    assert validate_config(child(f"algo = {algo}", pendulum, catalogue), catalogue) == ()


def test_a_recurrent_policy_comes_and_goes_with_its_algorithm(
    cartpole: Resolved, catalogue: Catalogue
) -> None:
    recurrent = child("algo = recurrent_ppo\nlstm_hidden_size = 64", cartpole, catalogue)
    assert recurrent["policy"] == "MlpLstmPolicy"
    back = child("algo = ppo", resolve([Step("E-9", recurrent)]), catalogue)
    assert back["policy"] == "MlpPolicy"
    assert "lstm_hidden_size" not in str(back)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("algo = ppo_lstm", "Did you mean `recurrent_ppo`?"),
        ("algo = QR-DQN", "Did you mean `qrdqn`?"),
        (
            "algo = tqc",
            "TQC needs continuous actions; CartPole-v1 has Discrete(2). Try PPO, DQN, QR-DQN or A2C",
        ),
        (
            "algo = maskable_ppo",
            "asks which actions are allowed, and CartPole-v1 does not say it",
        ),
        ("algo = dqn\nreplay_buffer.class = her", "hindsight needs an environment with goals"),
        ("algo = dqn\noptimize_memory_usage = true", "handle_timeout_termination = false too"),
        ("algo = dqn\nn_sampled_goal = 8", "set hyperparams.replay_buffer.class = her too"),
        ("algo = dqn\nreplay_buffer.class = prioritized", "one of standard, her"),
        ("optimizer_class = sgd\nbetas = [0.5, 0.9]", "the optimizer sgd has no `betas`; it has momentum"),
        ("squash_output = true", "set hyperparams.use_sde = true too"),
        ("algo = ars\nn_delta = 4\nn_top = 5", "n_top must be at most n_delta, which is 4"),
        (
            "env = MiniGrid-Empty-5x5-v0\neval.env.id = MiniGrid-Empty-5x5-v0",
            "observes words, which no policy",
        ),
        ("optimizer_class = adagrad", "one of adam, adamw, rmsprop"),
        ("weight_decay = -1", "takes a number of at least 0"),
        ("learning_rate = exponential 0.001 -> 0", "starts and ends above 0"),
        ('env.randomize = {"mass": {"low": 1, "high": 2}}', "no parameter `mass` to randomise; it has"),
        ('env.randomize = {"length": {"low": 2, "high": 1}}', "takes ranges by parameter such as"),
        ('env.randomize = {"length": 1}', "takes ranges by parameter such as"),
        ('curriculum = [{"until": {}, "env": {"kwargs": {}}}]', "until takes timesteps"),
        ('curriculum = [{"until": {"episodes": 5}, "env": {"id": "x"}}]', "until takes timesteps"),
        (
            'curriculum = [{"until": {"timesteps": 5}, "env": {"kwargs": {"mass": 1}}}]',
            "stage 1: CartPole-v1 takes no `mass`",
        ),
        (
            'curriculum = [{"until": {"timesteps": 5}, "env": {"id": "Acrobot-v1"}}]',
            "stage 1: Acrobot-v1 has other spaces than CartPole-v1",
        ),
        ("vec_env = threads", "one of dummy, subproc"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_remedy(
    text: str, said: str, cartpole: Resolved, catalogue: Catalogue
) -> None:
    assert said in refusal(text, cartpole, catalogue)


def test_quantiles_that_are_dropped_leave_some(pendulum: Resolved, catalogue: Catalogue) -> None:
    said = refusal("algo = tqc\nn_quantiles = 2", pendulum, catalogue)
    assert "top_quantiles_to_drop_per_net must be below n_quantiles, which is 2" in said


@pytest.mark.parametrize(
    "text", ["env = Zzzzzzzz", 'env.wrappers = [{"name": "zzzzzz"}]', "net_arch.zz.yy = 1", "zzzzzzz = 1"]
)
def test_a_refusal_fits_below_its_field_however_many_names_there_are(
    text: str, cartpole: Resolved, catalogue: Catalogue
) -> None:
    assert len(refusal(text, cartpole, catalogue)) < 500


def test_hindsight_takes_no_reward_terms(pendulum: Resolved, catalogue: Catalogue) -> None:
    parking: JsonObject = {
        "policy": "MultiInputPolicy",
        "env": {"id": "parking-v0"},
        "eval": {"env": {"id": "parking-v0"}},
        "hyperparams": {"replay_buffer": {"class": "her"}},
    }
    config = merge(pendulum.config, parking)
    assert validate_config(config, catalogue) == ()
    several = validate_config(merge(config, {"hyperparams": {"n_steps": 3}}), catalogue)
    assert [problem.text for problem in several] == ["hyperparams.n_steps"]
    shaped = validate_config(merge(config, {"reward": {"action_change_penalty": 0.1}}), catalogue)
    assert [problem.text for problem in shaped] == ["reward.action_change_penalty"]


def test_stages_and_ranges_are_part_of_what_is_hashed(cartpole: Resolved, catalogue: Catalogue) -> None:
    drawn = 'env.randomize = {"length": {"low": 0.3, "high": 0.8}}'
    staged = 'curriculum = [{"until": {"return_at_least": 99}, "env": {"max_episode_steps": 100}}]'
    hashes = {
        config_hash(child(text, cartpole, catalogue)) for text in (drawn, staged, drawn + "\n" + staged)
    }
    assert len(hashes | {config_hash(cartpole.config)}) == 4


def test_a_wrapper_may_leave_out_what_has_a_default(cartpole: Resolved, catalogue: Catalogue) -> None:
    wrappers = '[{"name": "sticky_action", "kwargs": {"repeat_action_probability": 0.25}}]'
    child(f"env.wrappers = {wrappers}", cartpole, catalogue)
    said = refusal('env.wrappers = [{"name": "sticky_action", "kwargs": {}}]', cartpole, catalogue)
    assert "the wrapper sticky_action takes repeat_action_probability" in said


def test_arguments_that_leave_the_spaces_alone_may_differ_from_the_yardstick(
    cartpole: Resolved, catalogue: Catalogue
) -> None:
    pong: dict[str, Any] = {
        "algo": "ppo",
        "policy": "CnnPolicy",
        "hyperparams": {"gae_lambda": 0.95},
        "env": {"id": "PongNoFrameskip-v4", "wrappers": [{"name": "atari"}]},
        "eval": {
            "env": {
                "id": "PongNoFrameskip-v4",
                "wrappers": [{"name": "atari", "kwargs": {"terminal_on_life_loss": False}}],
            }
        },
    }
    assert validate_config(merge(cartpole.config, pong), catalogue) == ()
    pong["eval"]["env"]["wrappers"][0]["kwargs"] = {"screen_size": 64}
    problems = validate_config(merge(cartpole.config, pong), catalogue)
    assert "must stand in eval.env.wrappers too" in problems[0].message


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('{"schedule": "linear", "start": 0.002}', "linear 0.002 → 0"),
        ('{"schedule": "cosine", "start": 0.002, "end": 0.001}', "cosine 0.002 → 0.001"),
        ("cosine 0.002 -> 0.0001", "cosine 0.002 → 0.0001"),
        ('{"schedule": "constant", "start": 0.002}', "constant 0.002"),
        (
            '{"schedule": "linear", "start": 0.002, "end_fraction": 0.5}',
            "linear 0.002 → 0 over the first 50 %",
        ),
    ],
)
def test_schedules_are_typed_data_and_read_as_words(
    typed: str, shown: str, cartpole: Resolved, catalogue: Catalogue
) -> None:
    config = child(f"learning_rate = {typed}", cartpole, catalogue)
    hyperparams = config["hyperparams"]
    assert isinstance(hyperparams, dict)
    assert format_value(hyperparams["learning_rate"]) == shown


def test_environments_of_other_packages_are_known(catalogue: Catalogue) -> None:
    packages = {environment.package for environment in catalogue.environments.values()}
    assert {"minigrid", "ale-py", "highway-env", "gymnasium[mujoco]", "gymnasium[box2d]"} <= packages
    assert catalogue.environments["parking-v0"].has_goals
    assert catalogue.environments["CartPole-v1"].randomizable["length"] == 0.5
    assert catalogue.environments["Hopper-v5"].randomizable["friction"] == 1.0


@given(VALUES)
def test_any_value_may_be_offered_to_any_form(value: Any) -> None:
    for form in ("curriculum", "ranges", "noise", "sizes", "names"):
        assert fits(form, value) in {True, False}
        fits("curriculum", [{"until": value, "env": value}])
        fits("ranges", {"gravity": value})
        fits("noise", {"kind": value, "sigma": value, "theta": value})


_NUMBERS = st.integers(-5, 5) | st.floats(-5, 5)
_RANGES = st.fixed_dictionaries(
    {"low": _NUMBERS, "high": _NUMBERS}, optional={"log": st.booleans(), "step": _NUMBERS}
)
_UNTIL = st.fixed_dictionaries(
    {},
    optional={
        "timesteps": _NUMBERS,
        "return_at_least": _NUMBERS,
        "success_at_least": _NUMBERS,
        "episodes": st.integers(-1, 3),
    },
)


@given(ranges=_RANGES, until=_UNTIL)
def test_what_the_form_accepts_the_trainer_reads(
    ranges: JsonObject, until: JsonObject, presets: dict[str, Preset]
) -> None:
    drawn: JsonObject = {"length": ranges}
    stages: list[Any] = [{"until": until, "env": {"randomize": drawn}}]
    accepted = fits("ranges", drawn) and fits("curriculum", stages)
    document = {**presets["ppo-cartpole"].config, "curriculum": stages}
    if accepted:
        read_config(document)
