"""The wrappers that a config may name, each with the arguments it may set. None takes code."""

import difflib
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym

from trainer.errors import BadSpec, MissingPackage, sentence

Env = gym.Env[Any, Any]

_GYM = "gymnasium.wrappers"
_OWN = "trainer.own_wrappers"
_MINIGRID = "minigrid.wrappers"
_SB3 = "stable_baselines3.common.atari_wrappers"
_PACKAGES = {"minigrid": "minigrid", "cv2": "opencv-python-headless"}


@dataclass(frozen=True)
class Wrapping:
    """A wrapper's class and the arguments that a config may set.

    `shaping` are arguments on which observations or actions depend; `changes_spaces` says that the
    wrapper itself changes them. `hides_return`: episodes are counted inside it, because it changes
    rewards or ends.
    """

    module: str
    name: str
    arguments: tuple[str, ...] = ()
    shaping: tuple[str, ...] = ()
    changes_spaces: bool = False
    hides_return: bool = False

    def load(self) -> type[Any]:
        """The class.

        :raises ImportError: where its package is not installed.
        """
        kind: type[Any] = getattr(importlib.import_module(self.module), self.name)
        return kind


def _shaping(module: str, name: str, *arguments: str) -> Wrapping:
    return Wrapping(module, name, arguments, arguments, changes_spaces=True)


WRAPPERS: Mapping[str, Wrapping] = {
    "action_mask_from_info": Wrapping(_OWN, "ActionMaskFromInfo", ("key",)),
    "add_white_noise": Wrapping(
        _GYM, "AddWhiteNoise", ("probability_of_noise_per_pixel", "is_noise_grayscale")
    ),
    "atari": Wrapping(
        _SB3,
        "AtariWrapper",
        (
            "noop_max",
            "frame_skip",
            "screen_size",
            "terminal_on_life_loss",
            "clip_reward",
            "action_repeat_probability",
        ),
        shaping=("frame_skip", "screen_size"),
        changes_spaces=True,
        hides_return=True,
    ),
    "atari_preprocessing": Wrapping(
        _GYM,
        "AtariPreprocessing",
        (
            "noop_max",
            "frame_skip",
            "screen_size",
            "terminal_on_life_loss",
            "grayscale_obs",
            "grayscale_newaxis",
            "scale_obs",
        ),
        shaping=("frame_skip", "screen_size", "grayscale_obs", "grayscale_newaxis", "scale_obs"),
        changes_spaces=True,
        hides_return=True,
    ),
    "clip_action": Wrapping(_GYM, "ClipAction", changes_spaces=True),
    "clip_reward": Wrapping(_GYM, "ClipReward", ("min_reward", "max_reward"), hides_return=True),
    "delay_observation": _shaping(_GYM, "DelayObservation", "delay"),
    "discretize_action": _shaping(_GYM, "DiscretizeAction", "bins", "multidiscrete"),
    "discretize_observation": _shaping(_GYM, "DiscretizeObservation", "bins", "multidiscrete"),
    "filter_observation": _shaping(_GYM, "FilterObservation", "filter_keys"),
    "flatten_observation": _shaping(_GYM, "FlattenObservation"),
    "frame_stack": _shaping(_OWN, "FrameStack", "n_stack"),
    "frame_stack_observation": _shaping(_GYM, "FrameStackObservation", "stack_size"),
    "grayscale_observation": _shaping(_GYM, "GrayscaleObservation", "keep_dim"),
    "mask_observation": _shaping(_OWN, "MaskObservation", "indices"),
    "max_and_skip_observation": _shaping(_GYM, "MaxAndSkipObservation", "skip"),
    "minigrid_action_bonus": Wrapping(_MINIGRID, "ActionBonus", hides_return=True),
    "minigrid_direction": _shaping(_MINIGRID, "DirectionObsWrapper"),
    "minigrid_flat": _shaping(_MINIGRID, "FlatObsWrapper"),
    "minigrid_fully_observable": _shaping(_MINIGRID, "FullyObsWrapper"),
    "minigrid_image": _shaping(_MINIGRID, "ImgObsWrapper"),
    "minigrid_one_hot": _shaping(_MINIGRID, "OneHotPartialObsWrapper"),
    "minigrid_position_bonus": Wrapping(_MINIGRID, "PositionBonus", hides_return=True),
    "minigrid_rgb": _shaping(_MINIGRID, "RGBImgObsWrapper", "tile_size"),
    "minigrid_rgb_partial": _shaping(_MINIGRID, "RGBImgPartialObsWrapper", "tile_size"),
    "minigrid_symbolic": _shaping(_MINIGRID, "SymbolicObsWrapper"),
    "minigrid_view_size": _shaping(_MINIGRID, "ViewSizeWrapper", "agent_view_size"),
    "repeat_action": Wrapping(_GYM, "RepeatAction", ("num_repeats",), ("num_repeats",), changes_spaces=True),
    "rescale_action": _shaping(_GYM, "RescaleAction", "min_action", "max_action"),
    "rescale_observation": _shaping(_GYM, "RescaleObservation", "min_obs", "max_obs"),
    "reshape_observation": _shaping(_GYM, "ReshapeObservation", "shape"),
    "resize_observation": _shaping(_GYM, "ResizeObservation", "shape"),
    "sticky_action": Wrapping(_GYM, "StickyAction", ("repeat_action_probability",)),
    "time_aware_observation": _shaping(_GYM, "TimeAwareObservation", "flatten", "normalize_time"),
    "time_limit": Wrapping(_GYM, "TimeLimit", ("max_episode_steps",)),
    "truncation_as_termination": Wrapping(_OWN, "TruncationAsTermination"),
}


def wrap(env: Env, name: str, kwargs: Mapping[str, Any]) -> Env:
    """`env` inside the wrapper called `name`.

    :raises BadSpec: where there is none, or it refuses the environment or an argument.
    :raises MissingPackage: where its package is not installed.
    """
    known = WRAPPERS.get(name)
    if known is None:
        close = difflib.get_close_matches(name, WRAPPERS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(WRAPPERS)}."
        raise BadSpec(f"There is no wrapper {name!r}; {hint}")
    unknown = sorted(set(kwargs) - set(known.arguments))
    if unknown:
        takes = ", ".join(known.arguments) or "no arguments"
        raise BadSpec(f"The wrapper {name} has no argument {unknown[0]}; it takes {takes}.")
    try:
        wrapped: Env = known.load()(env, **_arguments(kwargs))
    except (ImportError, gym.error.DependencyNotInstalled) as error:
        raise _missing(name, known, error) from error
    except (gym.error.Error, TypeError, ValueError, AssertionError, AttributeError, KeyError) as error:
        raise BadSpec(f"The wrapper {name} cannot be used here: {sentence(error)}") from error
    return wrapped


def required(wrapping: Wrapping) -> tuple[str, ...]:
    """The arguments that a config must set."""
    parameters = inspect.signature(wrapping.load().__init__).parameters
    return tuple(key for key in wrapping.arguments if parameters[key].default is inspect.Parameter.empty)


def _arguments(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as the tuples that wrappers compare with."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in kwargs.items()}


def _missing(name: str, known: Wrapping, error: Exception) -> MissingPackage:
    text = f"{known.module} {error}"
    package = next((package for word, package in _PACKAGES.items() if word in text), known.module)
    return MissingPackage(
        f"The wrapper {name} needs the package {package}, which is not installed here: "
        "pip install 'signoff[environments]'."
    )
