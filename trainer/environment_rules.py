"""What the generator cannot read from environments and wrappers: ranges of returns, and what is left out."""

from collections.abc import Mapping

# Modules of gymnasium's own environments, each with the package that has what they need.
BUILT_IN_MODULES = {
    "gymnasium.envs.classic_control": "gymnasium[classic-control]",
    "gymnasium.envs.box2d": "gymnasium[box2d]",
    "gymnasium.envs.mujoco": "gymnasium[mujoco]",
    "gymnasium.envs.toy_text": "gymnasium[toy-text]",
}

SKIPPED_KWARGS = {
    "self": "not an argument",
    "kwargs": "not named",
    "render_mode": "the trainer decides it",
    "default_camera_config": "a picture's",
    "xml_file": "a path to a file",
    "main_body": "belongs to the file",
    "verbose": "prints",
    "config": "an object; its numbers are listed one by one",
    "desc": "a map of its own",
    "map_name": "another task; it deserves an id of its own",
    "game": "what the id stands for",
    "sound_obs": "another task",
    "full_action_space": "another task",
    "continuous": "another task",
    "continuous_action_threshold": "belongs to continuous",
    "max_num_frames_per_episode": "env.max_episode_steps does it",
}
# Arguments that an id sets and that may be changed all the same.
RESETTABLE_KWARGS = frozenset({"frameskip", "repeat_action_probability"})
# Arguments on which observations depend, beside the booleans that are tried out.
SHAPING_KWARGS = frozenset({"obs_type", "frameskip", "size", "width", "height"})

# Return of one episode where the rewards bound it. Pendulum: -(pi^2 + 0.1 * 8^2 + 0.001 * 2^2) a step.
REWARD_RANGES: Mapping[str, tuple[float | None, float | None]] = {
    "CartPole-v1": (0.0, 500.0),
    "Pendulum-v1": (-16.2736044 * 200, 0.0),
    "Acrobot-v1": (-500.0, 0.0),
    "MountainCar-v0": (-200.0, 0.0),
    "MountainCarContinuous-v0": (-99.9, 100.0),
    "FrozenLake-v1": (0.0, 1.0),
    "InvertedPendulum-v5": (0.0, 1000.0),
    "Reacher-v5": (None, 0.0),
    "Pusher-v5": (None, 0.0),
    "ALE/Pong-v5": (-21.0, 21.0),
    "PongNoFrameskip-v4": (-21.0, 21.0),
}
# By the beginning of the id. MiniGrid pays 1 - 0.9 * steps / max_steps at the goal, and never twice.
REWARD_RANGES_BY_PREFIX: Mapping[str, tuple[float | None, float | None]] = {
    "MiniGrid-Dynamic-Obstacles-": (-1.0, 1.0),
    "MiniGrid-": (0.0, 1.0),
    "BabyAI-": (0.0, 1.0),
}
# Old ids of Atari games that are kept because published results are on them.
KEPT_OLD_IDS = "NoFrameskip-v4"
# Observations that no policy of SB3 takes, whatever the wrapper.
UNSUPPORTED = ("Blackjack-v1",)

SIZE_FORMS = frozenset({"shape", "bins", "indices", "screen_size"})
NAME_FORMS = frozenset({"filter_keys"})
