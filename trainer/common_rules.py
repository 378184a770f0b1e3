"""The keys of a config that are ours: type, range, default and meaning. Read by `trainer.generate` alone."""

from typing import Any

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
    "vec_env": {
        "types": ["string"],
        "default": "dummy",
        "choices": ["dummy", "subproc"],
        "doc": "Copies stepped one after another (dummy), or each in a process of its own (subproc).",
    },
    "backend": {
        "types": ["string"],
        "default": "auto",
        "choices": ["auto", "stock", "fast", "sbx"],
        "doc": "What trains: SB3 (stock), ours that computes the same (fast), what fits (auto), JAX (sbx).",
    },
    "init.from": {
        "types": ["string", "list", "null"],
        "form": "runs",
        "doc": "Whose final weights training begins with: E-12/s1, a list, or E-12 for a seed each.",
    },
    "init.load": {
        "types": ["string"],
        "default": "policy",
        "choices": ["policy", "optimizer", "all"],
        "doc": "The policy with its normalisation, the optimizers as well, or the replay buffer as well.",
    },
    "init.sources": {
        "types": ["list", "null"],
        "form": "sources",
        "doc": "The runs that seeds begin with, one each in order. Signoff sets it.",
    },
    "init.sha256": {"types": ["string", "null"], "doc": "The checkpoint's hash. Signoff sets it."},
    "init.timesteps": {
        "types": ["int", "null"],
        "minimum": 0,
        "doc": "The steps that went into the checkpoint. Signoff sets it.",
    },
    "dataset.id": {
        "types": ["string", "null"],
        "form": "dataset",
        "doc": "The recorded steps that CQL, IQL and AWAC learn from: a Minari id, or an HDF5 file.",
    },
    "dataset.sha256": {"types": ["string", "null"], "doc": "The dataset's hash. Signoff sets it."},
    "code": {
        "types": ["string", "null"],
        "form": "code",
        "doc": "The code bundle that the run loads: latest, a package, or the beginning of a hash.",
    },
    "curriculum": {
        "types": ["list"],
        "default": [],
        "form": "curriculum",
        "doc": "Stages of the training environment, each with the condition that ends it.",
    },
    "env.id": {"types": ["string"], "required": True, "doc": "The training environment."},
    "env.max_episode_steps": {
        "types": ["int", "null"],
        "minimum": 1,
        "maximum": 1_000_000,
        "doc": "The length at which an episode is cut, instead of the one that the id brings.",
    },
    "env.randomize": {
        "types": ["object"],
        "default": {},
        "form": "ranges",
        "doc": "Parameters of the environment drawn anew for each episode, each between low and high.",
    },
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
    "eval.env.max_episode_steps": {
        "types": ["int", "null"],
        "minimum": 1,
        "maximum": 1_000_000,
        "doc": "The length at which an episode is cut, instead of the one that the id brings.",
    },
    "eval.env.randomize": {
        "types": ["object"],
        "default": {},
        "form": "ranges",
        "doc": "Parameters of the environment drawn anew for each episode, each between low and high.",
    },
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
