"""The rules that signatures of algorithms do not tell: ranges, shapes, and what is left out and why.

Read by `trainer.generate` alone. Each range is (minimum, maximum); a bound in `EXCLUSIVE_MINIMUM` or
`EXCLUSIVE_MAXIMUM` is itself not allowed.
"""

from typing import Any

SKIPPED_PARAMETERS = {
    "self": "not an argument",
    "policy": "a key of its own at the top of a config",
    "env": "a key of its own at the top of a config",
    "rollout_buffer_class": "a class",
    "rollout_buffer_kwargs": "belongs to a class that cannot be chosen",
    "replay_buffer_class": "replay_buffer.class names it",
    "replay_buffer_kwargs": "listed by its keys under replay_buffer",
    "tensorboard_log": "the trainer's run folder decides it",
    "verbose": "the trainer's log decides it",
    "seed": "each run of an experiment has its own",
    "device": "part of the budget",
    "policy_kwargs": "listed by its keys",
    "_init_setup_model": "internal",
}

# The policy's own arguments that are data, or classes by name. The algorithm itself sets the others.
POLICY_PARAMETERS = (
    "net_arch",
    "activation_fn",
    "ortho_init",
    "log_std_init",
    "full_std",
    "use_expln",
    "squash_output",
    "with_bias",
    "clip_mean",
    "n_critics",
    "n_quantiles",
    "batch_norm",
    "batch_norm_momentum",
    "batch_norm_eps",
    "renorm_warmup_steps",
    "lstm_hidden_size",
    "n_lstm_layers",
    "shared_lstm",
    "enable_critic_lstm",
    "features_extractor_class",
    "share_features_extractor",
    "normalize_images",
    "optimizer_class",
)

_NUMBER: dict[str, Any] = {"types": ["float", "null"]}
_FLAG: dict[str, Any] = {"types": ["bool", "null"]}
# Keys of the policy's arguments that are themselves objects; left out, the class's own default holds.
POLICY_OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "optimizer_kwargs": {
        "eps": {**_NUMBER, "doc": "Added to the optimizer's denominator."},
        "weight_decay": {**_NUMBER, "doc": "Decay of the weights per step."},
        "betas": {"types": ["list", "null"], "form": "pair", "doc": "Adam's two averaging factors."},
        "alpha": {**_NUMBER, "doc": "RMSprop's averaging factor."},
        "momentum": {**_NUMBER, "doc": "Momentum of SGD or RMSprop."},
        "amsgrad": {**_FLAG, "doc": "Adam's variant with a maximum of past squares."},
        "centered": {**_FLAG, "doc": "RMSprop normalised by the estimated variance."},
        "nesterov": {**_FLAG, "doc": "SGD's momentum after Nesterov."},
    },
    "features_extractor_kwargs": {
        "features_dim": {"types": ["int", "null"], "doc": "Features that the network for pictures makes."},
        "cnn_output_dim": {"types": ["int", "null"], "doc": "The same for each picture among named parts."},
        "normalized_image": {**_FLAG, "doc": "Pictures are numbers from 0 to 1 already."},
    },
    "lstm_kwargs": {
        "bias": {**_FLAG, "doc": "Whether the LSTM has biases."},
        "dropout": {**_NUMBER, "doc": "Share dropped between LSTM layers."},
    },
}
# Arguments of the replay buffers.
REPLAY_PARAMETERS = (
    "handle_timeout_termination",
    "n_sampled_goal",
    "goal_selection_strategy",
    "copy_info_dict",
)

RANGES: dict[str, tuple[float | None, float | None]] = {
    "alive_bonus_offset": (-1_000_000, 1_000_000),
    "alpha": (0, 1),
    "batch_norm_eps": (0, 1),
    "batch_norm_momentum": (0, 1),
    "cg_damping": (0, 1_000),
    "cg_max_steps": (1, 1_000),
    "cnn_output_dim": (1, 8_192),
    "delta_std": (0, 100),
    "dropout": (0, 1),
    "eps": (0, 1),
    "features_dim": (1, 8_192),
    "line_search_max_iter": (1, 1_000),
    "line_search_shrinking_factor": (0, 1),
    "lstm_hidden_size": (1, 8_192),
    "momentum": (0, 1),
    "n_critic_updates": (1, 1_000),
    "n_delta": (1, 100_000),
    "n_eval_episodes": (1, 10_000),
    "n_lstm_layers": (1, 16),
    "n_quantiles": (1, 10_000),
    "n_sampled_goal": (1, 1_000),
    "n_top": (1, 100_000),
    "renorm_warmup_steps": (0, 100_000_000),
    "sub_sampling_factor": (1, 1_000),
    "top_quantiles_to_drop_per_net": (0, 10_000),
    "weight_decay": (0, 1),
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
    "action_repeat_probability": (0, 1),
    "agent_view_size": (3, 63),
    "delay": (0, 1_000),
    "frameskip": (1, 100),
    "max_episode_steps": (1, 1_000_000),
    "n_stack": (1, 64),
    "noop_max": (0, 1_000),
    "num_repeats": (1, 1_000),
    "probability_of_noise_per_pixel": (0, 1),
    "repeat_action_probability": (0, 1),
    "screen_size": (8, 512),
    "skip": (1, 100),
    "stack_size": (1, 64),
    "tile_size": (1, 64),
}

EXCLUSIVE_MINIMUM = frozenset(
    {
        "clip_obs",
        "clip_range",
        "clip_range_vf",
        "clip_reward",
        "delta_std",
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
