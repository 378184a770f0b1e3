import subprocess
import sys

import pytest

from trainer.catalogue import Catalogue, load_catalogue


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_reading_the_catalogue_imports_neither_torch_nor_gymnasium() -> None:
    code = (
        "import sys, trainer.catalogue as c; c.load_catalogue(); c.load_presets();"
        "print([m for m in ('torch', 'gymnasium', 'stable_baselines3', 'numpy') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_algorithms_know_their_action_spaces(catalogue: Catalogue) -> None:
    spaces = {name: algorithm.action_spaces for name, algorithm in catalogue.algorithms.items()}
    everything = ("Box", "Discrete", "MultiDiscrete", "MultiBinary")
    assert spaces == {
        "ppo": everything,
        "a2c": everything,
        "dqn": ("Discrete",),
        "sac": ("Box",),
        "td3": ("Box",),
        "ddpg": ("Box",),
        "qrdqn": ("Discrete",),
        "tqc": ("Box",),
        "trpo": everything,
        "recurrent_ppo": everything,
        "maskable_ppo": ("Discrete", "MultiDiscrete", "MultiBinary"),
        "ars": ("Box", "Discrete"),
        "crossq": ("Box",),
        "cql": ("Box", "Discrete"),
        "iql": ("Box",),
        "awac": ("Box",),
    }


def test_a_parameter_has_type_range_default_and_doc(catalogue: Catalogue) -> None:
    rate = catalogue.algorithms["ppo"].parameters["learning_rate"]
    assert rate.path == "hyperparams.learning_rate"
    assert rate.types == ("float", "schedule")
    assert (rate.minimum, rate.maximum, rate.exclusive_minimum) == (0, 1, True)
    assert rate.default == 0.0003
    assert "learning rate" in rate.doc


def test_parameters_of_the_policy_have_their_own_paths(catalogue: Catalogue) -> None:
    net_arch = catalogue.algorithms["dqn"].parameters["net_arch"]
    assert net_arch.path == "hyperparams.policy_kwargs.net_arch"
    assert catalogue.algorithms["ppo"].parameters["activation_fn"].default == "tanh"


@pytest.mark.parametrize(
    ("env_id", "kind", "steps", "threshold", "returns"),
    [
        ("CartPole-v1", "Discrete", 500, 475.0, (0.0, 500.0)),
        ("Pendulum-v1", "Box", 200, None, (-3254.72088, 0.0)),
        ("Acrobot-v1", "Discrete", 500, -100.0, (-500.0, 0.0)),
        ("MountainCar-v0", "Discrete", 200, -110.0, (-200.0, 0.0)),
        ("LunarLander-v3", "Discrete", 1000, 200.0, (None, None)),
        ("HalfCheetah-v5", "Box", 1000, 4800.0, (None, None)),
    ],
)
def test_an_environment_has_spaces_limits_and_returns(  # noqa: PLR0917 (one row of the table)
    env_id: str,
    kind: str,
    steps: int,
    threshold: float | None,
    returns: tuple[float | None, float | None],
    catalogue: Catalogue,
) -> None:
    environment = catalogue.environments[env_id]
    assert (environment.action_kind, environment.max_episode_steps) == (kind, steps)
    assert (environment.reward_threshold, environment.reward_range) == (threshold, returns)


def test_every_range_and_default_agree(catalogue: Catalogue) -> None:
    parameters = [
        *catalogue.common.values(),
        *(p for algorithm in catalogue.algorithms.values() for p in algorithm.parameters.values()),
        *(p for environment in catalogue.environments.values() for p in environment.kwargs.values()),
    ]
    for parameter in parameters:
        value = parameter.default
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert parameter.minimum is None or value >= parameter.minimum, parameter
            assert parameter.maximum is None or value <= parameter.maximum, parameter


def test_no_path_to_a_file_and_no_code_can_be_configured(catalogue: Catalogue) -> None:
    names = {name for environment in catalogue.environments.values() for name in environment.kwargs}
    names |= {name for algorithm in catalogue.algorithms.values() for name in algorithm.parameters}
    assert not names & {
        "xml_file",
        "render_mode",
        "replay_buffer_class",
        "policy_kwargs",
        "desc",
        "tensorboard_log",
    }
