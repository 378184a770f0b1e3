"""The rules that signatures do not tell: ranges, known returns, and what is left out and why.

Read by `trainer.generate` alone. Each range is (minimum, maximum); a bound in `EXCLUSIVE_MINIMUM` or
`EXCLUSIVE_MAXIMUM` is itself not allowed.
"""

from typing import Any

ALGORITHMS = ("PPO", "A2C", "DQN", "SAC", "TD3", "DDPG")

SKIPPED_PARAMETERS = {
    "self": "not an argument",
    "policy": "a key of its own at the top of a config",
    "env": "a key of its own at the top of a config",
    "rollout_buffer_class": "a class",
    "rollout_buffer_kwargs": "belongs to a class that cannot be chosen",
    "replay_buffer_class": "a class",
    "replay_buffer_kwargs": "belongs to a class that cannot be chosen",
    "optimize_memory_usage": "refused by the replay buffer's own default arguments",
    "tensorboard_log": "the trainer's run folder decides it",
    "verbose": "the trainer's log decides it",
    "seed": "each run of an experiment has its own",
    "device": "part of the budget",
    "policy_kwargs": "listed by its keys",
    "_init_setup_model": "internal",
}

# The policy's own arguments that are data. The others are classes, or set by the algorithm itself.
POLICY_PARAMETERS = (
    "net_arch",
    "activation_fn",
    "ortho_init",
    "log_std_init",
    "full_std",
    "use_expln",
    "clip_mean",
    "n_critics",
    "share_features_extractor",
    "normalize_images",
)

# By the names of the classes in torch.nn, in lower case; the trainer maps them back.
ACTIVATIONS = ("elu", "gelu", "leaky_relu", "relu", "silu", "tanh")

RANGES: dict[str, tuple[float | None, float | None]] = {
    "batch_size": (1, 1_000_000),
    "buffer_size": (1, 100_000_000),
    "clip_mean": (0, 100),
    "clip_range": (0, 10),
    "clip_range_vf": (0, 1_000_000),
    "ent_coef": (0, 100),
    "exploration_final_eps": (0, 1),
    "exploration_fraction": (0, 1),
    "exploration_initial_eps": (0, 1),
    "gae_lambda": (0, 1),
    "gamma": (0, 1),
    "gradient_steps": (-1, 100_000),
    "learning_rate": (0, 1),
    "learning_starts": (0, 100_000_000),
    "log_std_init": (-20, 5),
    "max_grad_norm": (0, 1_000_000),
    "n_critics": (1, 100),
    "n_epochs": (1, 1_000),
    "n_steps": (1, 1_000_000),
    "policy_delay": (1, 100_000),
    "rms_prop_eps": (0, 1),
    "sde_sample_freq": (-1, 1_000_000),
    "stats_window_size": (1, 100_000),
    "target_entropy": (-1_000, 1_000),
    "target_kl": (0, 1_000),
    "target_noise_clip": (0, 100),
    "target_policy_noise": (0, 100),
    "target_update_interval": (1, 100_000_000),
    "tau": (0, 1),
    "train_freq": (1, 1_000_000),
    "vf_coef": (0, 1_000),
    # VecNormalize
    "clip_obs": (0, 1_000_000),
    "clip_reward": (0, 1_000_000),
    "epsilon": (0, 1),
    # environments
    "frame_skip": (1, 100),
    "g": (-1_000, 1_000),
    "goal_velocity": (-0.07, 0.07),
    "gravity": (-12, 0),
    "lap_complete_percent": (0, 1),
    "reset_noise_scale": (0, 10),
    "turbulence_power": (0, 20),
    "wind_power": (0, 100),
    # wrappers
    "max_episode_steps": (1, 1_000_000),
    "stack_size": (1, 64),
}

EXCLUSIVE_MINIMUM = frozenset(
    {
        "clip_obs",
        "clip_range",
        "clip_range_vf",
        "clip_reward",
        "epsilon",
        "gravity",
        "lap_complete_percent",
        "learning_rate",
        "max_grad_norm",
        "rms_prop_eps",
        "target_kl",
        "tau",
    }
)
EXCLUSIVE_MAXIMUM = frozenset({"gravity"})

# Extra shapes of strings, lists and objects, checked by db/config/forms.py.
FORMS = {
    "net_arch": "net_arch",
    "train_freq": "frequency",
    "action_noise": "noise",
    "ent_coef": "auto",
    "target_entropy": "auto",
}

ENVIRONMENT_MODULES = {
    "gymnasium.envs.classic_control": "gymnasium[classic-control]",
    "gymnasium.envs.box2d": "gymnasium[box2d]",
    "gymnasium.envs.mujoco": "gymnasium[mujoco]",
}

SKIPPED_KWARGS = {
    "self": "not an argument",
    "kwargs": "not named",
    "render_mode": "the trainer decides it",
    "default_camera_config": "a picture's",
    "xml_file": "a path to a file",
    "main_body": "belongs to the file",
    "verbose": "prints",
}

# Return of one episode where the rewards bound it. Pendulum: -(pi^2 + 0.1 * 8^2 + 0.001 * 2^2) a step.
REWARD_RANGES: dict[str, tuple[float | None, float | None]] = {
    "CartPole-v1": (0.0, 500.0),
    "Pendulum-v1": (-16.2736044 * 200, 0.0),
    "Acrobot-v1": (-500.0, 0.0),
    "MountainCar-v0": (-200.0, 0.0),
    "MountainCarContinuous-v0": (-99.9, 100.0),
    "InvertedPendulum-v5": (0.0, 1000.0),
    "Reacher-v5": (None, 0.0),
    "Pusher-v5": (None, 0.0),
}

# Short names of gymnasium's wrappers that a config may ask for, each with the arguments it may set.
WRAPPERS = {
    "time_limit": ("TimeLimit", ("max_episode_steps",)),
    "frame_stack_observation": ("FrameStackObservation", ("stack_size",)),
    "rescale_action": ("RescaleAction", ("min_action", "max_action")),
}
SPACE_CHANGING_WRAPPERS = frozenset({"frame_stack_observation", "rescale_action"})

_COUNT = {"types": ["int"], "minimum": 1}

# Keys of a config that are ours. Those of VecNormalize are added from its signature.
COMMON: dict[str, dict[str, Any]] = {
    "algo": {"types": ["string"], "required": True, "doc": "The algorithm."},
    "policy": {"types": ["string"], "default": "MlpPolicy", "doc": "SB3's name of the policy network."},
    "total_timesteps": {
        **_COUNT,
        "maximum": 10_000_000_000,
        "required": True,
        "doc": "Environment steps of one seed, over all its parallel environments.",
    },
    "n_envs": {**_COUNT, "maximum": 256, "default": 1, "doc": "Parallel copies of the environment."},
    "env.id": {"types": ["string"], "required": True, "doc": "The training environment."},
    "env.wrappers": {
        "types": ["list"],
        "default": [],
        "form": "wrappers",
        "doc": "Wrappers around the training environment, innermost first.",
    },
    "reward.action_change_penalty": {
        "types": ["float"],
        "default": 0.0,
        "minimum": 0,
        "maximum": 1_000_000,
        "doc": "Taken from the training reward times the change of action from step to step.",
    },
    "reward.action_magnitude_penalty": {
        "types": ["float"],
        "default": 0.0,
        "minimum": 0,
        "maximum": 1_000_000,
        "doc": "Taken from the training reward times the size of the action; continuous actions only.",
    },
    "eval.env.id": {"types": ["string"], "required": True, "doc": "The yardstick's environment."},
    "eval.env.wrappers": {
        "types": ["list"],
        "default": [],
        "form": "wrappers",
        "doc": "Wrappers around the yardstick's environment, innermost first.",
    },
    "eval.n_eval_episodes": {
        **_COUNT,
        "maximum": 100_000,
        "default": 100,
        "doc": "Fresh deterministic episodes of the final policy.",
    },
    "eval.interim.points": {
        "types": ["int"],
        "minimum": 0,
        "maximum": 1_000,
        "default": 20,
        "doc": "Looks along the way; they give no verdict.",
    },
    "eval.interim.episodes": {
        **_COUNT,
        "maximum": 10_000,
        "default": 5,
        "doc": "Episodes of each look along the way.",
    },
    "eval.success.return_at_least": {
        "types": ["float", "null"],
        "doc": "An episode whose return reaches this counts as a success.",
    },
    "eval.success.info_key": {
        "types": ["string", "null"],
        "doc": "An episode whose last info holds a true value under this key counts as a success.",
    },
    "eval.metrics": {
        "types": ["object"],
        "required": True,
        "form": "metrics",
        "doc": "What the yardstick measures, each with direction, unit and range.",
    },
}
NORMALIZE_PARAMETERS = ("norm_obs", "norm_reward", "clip_obs", "clip_reward", "gamma", "epsilon")
