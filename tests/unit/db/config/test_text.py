import pytest
from pydantic import JsonValue

from db.config.resolve import Resolved, Step, resolve
from db.config.text import OverrideProblems, parse_overrides
from trainer.catalogue import Catalogue
from trainer.contract import JsonObject


def refusal(text: str, resolved: Resolved, catalogue: Catalogue) -> str:
    with pytest.raises(OverrideProblems) as caught:
        parse_overrides(text, resolved, catalogue)
    return str(caught.value)


def hyper(**values: JsonValue) -> JsonObject:
    return {"hyperparams": dict(values)}


@pytest.mark.parametrize(
    ("text", "delta"),
    [
        ("learning_rate = 5e-4", hyper(learning_rate=0.0005)),
        ("hyperparams.learning_rate = 5e-4", hyper(learning_rate=0.0005)),
        ("Learning rate = 5e-4", hyper(learning_rate=0.0005)),
        ("learning-rate: 5e-4,", hyper(learning_rate=0.0005)),
        ("`lr` = `5e-4`", hyper(learning_rate=0.0005)),
        ("n_steps\u00a0=\u00a064", hyper(n_steps=64)),
        ("batch_size = x0.5", hyper(batch_size=128)),
        ("batch_size \u00d70.5", hyper(batch_size=128)),
        ("gae_lambda = +20%", hyper(gae_lambda=0.96)),
        ("gae_lambda = \u221220\u00a0%", hyper(gae_lambda=0.64)),
        ("gae_lambda -20%", hyper(gae_lambda=0.64)),
        ("gamma = 1", hyper(gamma=1.0)),
        ("total_timesteps = 50k", {"total_timesteps": 50_000}),
        ("total_timesteps = 2e5", {"total_timesteps": 200_000}),
        ("vf_coef = 0.25", hyper(vf_coef=0.25)),
        ("vf_coef = +20%", hyper(vf_coef=0.6)),
        ("target_kl = 0.03", hyper(target_kl=0.03)),
        ("clip_range = none", hyper(clip_range=None)),
        ("normalize_advantage = off", hyper(normalize_advantage=False)),
        ("policy_kwargs.net_arch = [64, 64]", hyper(policy_kwargs={"net_arch": [64, 64]})),
        (
            "net_arch.pi = [64]\nnet_arch.vf = [32]",
            hyper(policy_kwargs={"net_arch": {"pi": [64], "vf": [32]}}),
        ),
        ("activation_fn = ReLU", hyper(policy_kwargs={"activation_fn": "relu"})),
        ("activation_fn = \u201crelu\u201d", hyper(policy_kwargs={"activation_fn": "relu"})),
        ("action_change_penalty = \u201c0.5\u201d", {"reward": {"action_change_penalty": 0.5}}),
        ("sutton_barto_reward = yes", {"env": {"kwargs": {"sutton_barto_reward": True}}}),
        ("normalize = true", {"env": {"normalize": {"norm_obs": True, "norm_reward": True}}}),
        ("# why not\n\nn_envs = 4\r\n", {"n_envs": 4}),
        ("n_eval_episodes = 200", {"eval": {"n_eval_episodes": 200}}),
        (
            '{"learning_rate": 5e-4, "hyperparams": {"n_epochs": 10}}',
            hyper(learning_rate=0.0005, n_epochs=10),
        ),
        ("{\u201chyperparams.gamma\u201d: 0.9}", hyper(gamma=0.9)),
    ],
)
def test_changes_are_read_as_people_type_them(
    text: str, delta: JsonObject, cartpole: Resolved, catalogue: Catalogue
) -> None:
    assert delta == parse_overrides(text, cartpole, catalogue)


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("learning_rate = linear 0.001 -> 0.0001", {"schedule": "linear", "start": 0.001, "end": 0.0001}),
        ("learning_rate = linear 0.001 \u2192 0.5", {"schedule": "linear", "start": 0.001, "end": 0.5}),
        ("learning_rate = lin_0.002", {"schedule": "linear", "start": 0.002, "end": 0.0}),
        ("learning_rate = x0.5", {"schedule": "linear", "start": 0.0005, "end": 0.0}),
        ("learning_rate.start = 0.002", {"start": 0.002}),
        ("learning_rate.end = 1e12", {"end": 1e12}),
    ],
)
def test_schedules_may_be_written_scaled_or_changed_in_part(
    text: str, schedule: JsonObject, cartpole: Resolved, catalogue: Catalogue
) -> None:
    assert hyper(learning_rate=schedule) == parse_overrides(text, cartpole, catalogue)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("learnin_rate = 5e-4", "unknown key `learnin_rate`. Did you mean `learning_rate`?"),
        ("train_freq = 4", "It belongs to CrossQ, DDPG, DQN, QR-DQN, SAC, TD3, TQC, not to PPO"),
        (
            "env.kwargs.gravity = -5",
            "It belongs to LunarLander-v3, LunarLanderContinuous-v3, not to CartPole-v1",
        ),
        ("start = 0.1", "ambiguous: `hyperparams.clip_range.start` or `hyperparams.learning_rate.start`"),
        ("gamma = 0.98", "already 0.98, set by E-3"),
        ("gamma = +0%", "already 0.98, set by E-3"),
        ("ent_coef = 0", "already 0.0, set by E-3"),
        ("vf_coef = 0.5", "already 0.5, the default"),
        ("target_kl = none", "already none, the default"),
        ("ent_coef = none", "already 0.0, set by E-3"),
        ("learning_rate = lin_0.001", "already linear 0.001 → 0, set by E-3"),
        ("gamma = 2", "takes a number of at least 0 and at most 1; got 2"),
        ("learning_rate = 0", "takes a number above 0 and at most 1, or a schedule"),
        ("n_steps = 2.5", "takes a whole number of at least 1"),
        ("n_steps = many", "takes a whole number of at least 1 and at most 1,000,000; got many"),
        ("n_steps = +20%", "that makes 38.4; write 38 or 39"),
        ("use_sde = 1", "takes true or false; got 1"),
        ("gamma = true", "takes a number"),
        ("net_arch = [64, -1]", "takes a list of layer sizes such as [64, 64]"),
        ("activation_fn = rellu", "Did you mean `relu`?"),
        ("env.id = CartPole-v2", "Did you mean `CartPole-v1`?"),
        ("learning_rate = 0,0005", "0,0005 has a comma: write 0.0005"),
        ("total_timesteps = 100,000", "write 100000"),
        ("gamma = 5%", "of what? Write +5% or -5%"),
        ("gamma = nan", "not a number that can be used"),
        ("learning_rate = linear 0.001 -> -1", "ends at a number of 0 or more"),
        ("gamma = 0.9\ngamma = 0.8", "already given on line 1"),
        ("learning_rate = 0.1\nlearning_rate.end = 1", "already given on line 1"),
        ("gamma =", "has no value"),
        ("just words", "is not a change"),
        ("<!channel> = 5", '"<!channel> = 5" is not a change'),
        ("algo = none", "cannot be removed: it has no default"),
        ("eval = none", "cannot be removed"),
        ("hyperparams = 5", "holds several keys"),
        ("normalize = none", "already not set"),
        ("normalize = {}", "changes nothing"),
        ("hyperparams.learning_rate.foo = 1", "unknown key"),
        ("", "nothing is changed yet"),
        ("# a remark", "nothing is changed yet"),
        ("{}", "nothing is changed yet"),
        ('{"gamma": 0.9, "gamma": 0.8}', 'the key "gamma" stands there twice'),
        ('{"gamma": NaN}', "NaN is not a number that can be used"),
        ('{"gamma": 1e999}', "too large a number"),
        ('{"hyperparams": {"gama": 0.9}}', "Did you mean `hyperparams.gamma`?"),
        ('{"gamma": 0.9', "not JSON"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(
    text: str, said: str, cartpole: Resolved, catalogue: Catalogue
) -> None:
    assert said in refusal(text, cartpole, catalogue)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "algo = sac",
            "SAC needs continuous actions; CartPole-v1 has Discrete(2). Try PPO, DQN, QR-DQN or A2C",
        ),
        ("env = Pendulum-v1", "set eval.env.id = Pendulum-v1 too (it starts a new root)"),
        ("use_sde = true", "gSDE needs continuous actions"),
        ("policy = CnnPolicy", "needs pictures"),
        ("n_steps = 1\nn_envs = 1", "must be at least 2"),
        ("batch_size = 1", "must be at least 2"),
        ("action_magnitude_penalty = 1", "have no size"),
        ('net_arch = {"pi": [64], "qf": [64]}', "pi and vf, not qf"),
        (
            'env.wrappers = [{"name": "frame_stack_observation", "kwargs": {"stack_size": 4}}]',
            "eval.env.wrappers",
        ),
        ('env.wrappers = [{"name": "time_limits", "kwargs": {}}]', "Did you mean `time_limit`?"),
        ('env.wrappers = [{"name": "time_limit", "kwargs": {}}]', "takes max_episode_steps"),
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(
    text: str, said: str, cartpole: Resolved, catalogue: Catalogue
) -> None:
    assert said in refusal(text, cartpole, catalogue)


def test_every_problem_is_told_with_its_line(cartpole: Resolved, catalogue: Catalogue) -> None:
    with pytest.raises(OverrideProblems) as caught:
        parse_overrides("gama = 0.9\nn_envs = 4\nn_steps = -1", cartpole, catalogue)
    assert [problem.line for problem in caught.value.problems] == [1, 3]


def test_dqn_is_refused_on_continuous_actions(pendulum: Resolved, catalogue: Catalogue) -> None:
    said = refusal("algo = dqn", pendulum, catalogue)
    assert "DQN needs discrete actions; Pendulum-v1 has Box(1). Try SAC, TD3, TQC or PPO" in said


def test_a_change_of_algorithm_takes_its_leftovers_away(cartpole: Resolved, catalogue: Catalogue) -> None:
    delta = parse_overrides("algo = dqn\ntrain_freq = 8", cartpole, catalogue)
    gone = {"gae_lambda": None, "n_epochs": None, "ent_coef": None, "clip_range": None, "n_steps": None}
    assert {"algo": "dqn", "hyperparams": {"train_freq": 8, **gone}} == delta


def test_another_yardstick_brings_its_own_ranges(cartpole: Resolved, catalogue: Catalogue) -> None:
    delta = parse_overrides("env = Acrobot-v1\neval.env.id = Acrobot-v1", cartpole, catalogue)
    assert delta == {
        "env": {"id": "Acrobot-v1"},
        "eval": {
            "env": {"id": "Acrobot-v1"},
            "metrics": {"final_reward": {"range": [-500.0, 0.0]}},
            "success": {"return_at_least": -100.0},
        },
    }


def test_a_short_key_means_the_one_that_the_experiment_sets(cheetah: Resolved, catalogue: Catalogue) -> None:
    assert hyper(gamma=0.9) == parse_overrides("gamma = 0.9", cheetah, catalogue)
    assert "ambiguous: `env.normalize.gamma` or `hyperparams.gamma`" in refusal(
        "gamma = 0.8",
        resolve(
            [Step("E-7", cheetah.config), Step("E-8", {"env": {"normalize": {"gamma": 0.9}}})],
        ),
        catalogue,
    )


def test_what_changes_observations_must_change_in_the_yardstick_too(
    cheetah: Resolved, catalogue: Catalogue
) -> None:
    key = "exclude_current_positions_from_observation"
    assert f"set eval.env.kwargs.{key} to the same" in refusal(f"{key} = false", cheetah, catalogue)
    both = parse_overrides(f"{key} = false\neval.env.kwargs.{key} = false", cheetah, catalogue)
    assert {"env": {"kwargs": {key: False}}, "eval": {"env": {"kwargs": {key: False}}}} == both


def test_a_childs_own_value_is_named_as_its_setter(cartpole: Resolved, catalogue: Catalogue) -> None:
    child = resolve([Step("E-3", cartpole.config), Step("E-9", {"hyperparams": {"gamma": 0.9}})])
    assert "already 0.9, set by E-9" in refusal("gamma = 0.9", child, catalogue)
