import numpy as np
import pytest

from tests.unit.trainer import environments
from tests.unit.trainer.configs import config
from trainer.config import EnvConfig, TrainConfig, read_config
from trainer.envs import check_same_spaces, make_env, step_limit, training_envs
from trainer.errors import BadSpec, NotFinite
from trainer.wrappers import WRAPPERS

environments.register()


def _training(env_id: str, **env: object) -> TrainConfig:
    return read_config(config(env={"id": env_id, **env}))


def test_wrappers_go_on_from_the_inside() -> None:
    wrappers = [
        {"name": "frame_stack_observation", "kwargs": {"stack_size": 3}},
        {"name": "time_limit", "kwargs": {"max_episode_steps": 7}},
    ]
    env = make_env(EnvConfig.model_validate({"id": "CartPole-v1", "wrappers": wrappers}))
    assert env.observation_space.shape == (3, 4)
    assert step_limit(env) == 7


def test_an_unlimited_environment_has_no_step_limit() -> None:
    assert step_limit(make_env(EnvConfig(id="SignoffTest/Counter-v0"))) is None


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"id": "CartPol-v1"}, "CartPol-v1 cannot be made"),
        ({"id": "CartPole-v1", "kwargs": {"mass": 3}}, "cannot be made: TypeError.*mass"),
        ({"id": "CartPole-v1", "wrappers": [{"name": "RecordVideo"}]}, "no wrapper 'RecordVideo'"),
        ({"id": "CartPole-v1", "wrappers": [{"name": "time_limit"}]}, "wrapper time_limit cannot be used"),
        ({"id": "CartPole-v1", "wrappers": [{"name": "clip_action"}]}, "wrapper clip_action cannot be used"),
    ],
)
def test_an_environment_that_cannot_be_made_is_refused(env: dict[str, object], words: str) -> None:
    with pytest.raises(BadSpec, match=words):
        make_env(EnvConfig.model_validate(env))


def test_no_wrapper_that_normalises_renders_or_takes_code_is_known() -> None:
    assert not any(
        word in name for name in WRAPPERS for word in ("normalize", "record", "transform", "render", "vector")
    )


def test_a_reward_that_is_not_a_number_ends_the_run_with_its_step() -> None:
    venv, _ = training_envs(_training("SignoffTest/Counter-v0", kwargs={"bad_step": 2}), first_step=100)
    venv.reset()
    venv.step(np.array([1]))
    with pytest.raises(NotFinite, match="reward became NaN at step 102"):
        venv.step(np.array([1]))


def test_a_huge_reward_is_still_a_number() -> None:
    document = _training("SignoffTest/Counter-v0", kwargs={"bad_step": 1, "bad_value": 3e38})
    venv, _ = training_envs(document)
    venv.reset()
    assert venv.step(np.array([1]))[1].tolist() == [np.float32(3e38)]


def test_an_infinite_observation_ends_the_run_although_normalisation_would_clip_it() -> None:
    venv, normalization = training_envs(_training("SignoffTest/Blind-v0", normalize={"clip_obs": 5.0}))
    assert normalization is venv
    venv.reset()
    venv.step(np.array([1]))
    with pytest.raises(NotFinite, match="observation became infinite at step 2"):
        venv.step(np.array([1]))


def test_an_action_that_is_not_a_number_never_reaches_the_environment() -> None:
    venv, _ = training_envs(_training("SignoffTest/Slider-v0"))
    venv.reset()
    with pytest.raises(NotFinite, match="action became NaN at step 0"):
        venv.step(np.array([[np.nan, 0.0]]))


def test_whole_numbers_are_normalised_to_numbers_that_buffers_keep() -> None:
    pytest.importorskip("minigrid")
    flat = [{"name": "minigrid_flat"}]
    grid = {"id": "MiniGrid-Empty-5x5-v0", "wrappers": flat}
    document = config(env={**grid, "normalize": {}})
    document["eval"]["env"] = grid
    parsed = read_config(document)
    venv, _ = training_envs(parsed)
    assert venv.observation_space.dtype == np.float32
    check_same_spaces(venv, make_env(parsed.eval.env), parsed)


def test_normalisation_takes_the_algorithms_discount() -> None:
    document = config(env={"id": "CartPole-v1", "normalize": {}})
    document["hyperparams"]["gamma"] = 0.9
    _, normalization = training_envs(read_config(document))
    assert normalization is not None
    assert normalization.gamma == 0.9


def test_a_penalty_on_magnitude_needs_numbers_as_actions() -> None:
    document = config(reward={"action_magnitude_penalty": 1.0})
    with pytest.raises(BadSpec, match="needs continuous actions; CartPole-v1 has Discrete"):
        training_envs(read_config(document))


def test_a_yardstick_with_other_spaces_is_refused() -> None:
    stacked = [{"name": "frame_stack_observation", "kwargs": {"stack_size": 2}}]
    document = read_config(config(env={"id": "CartPole-v1", "wrappers": stacked}))
    venv, _ = training_envs(document)
    with pytest.raises(BadSpec, match="give both the same wrappers"):
        check_same_spaces(venv, make_env(document.eval.env), document)
