"""Checks shared by all arguments of a config: type by annotation, range by name, hints for typos."""

import difflib
from collections.abc import Iterable
from typing import Any

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from trainer.errors import BadSpec
from trainer.schedules import SCHEDULED

_AT_LEAST_1 = frozenset(
    {"n_steps", "batch_size", "n_epochs", "buffer_size", "policy_delay", "target_update_interval"}
    | {"stats_window_size", "train_freq", "n_critics", "n_quantiles", "lstm_hidden_size", "n_lstm_layers"}
    | {"n_delta", "n_top", "n_eval_episodes", "cg_max_steps", "line_search_max_iter", "n_critic_updates"}
    | {"sub_sampling_factor", "n_sampled_goal", "features_dim", "cnn_output_dim"}
)
_SHARES = frozenset(
    {"gamma", "gae_lambda", "tau", "exploration_fraction", "exploration_initial_eps"}
    | {"exploration_final_eps", "line_search_shrinking_factor", "batch_norm_momentum"}
)
_NOT_NEGATIVE = frozenset(
    {"learning_rate", "clip_range", "learning_starts", "max_grad_norm", "delta_std", "cg_damping"}
    | {"top_quantiles_to_drop_per_net", "renorm_warmup_steps", "weight_decay"}
)


def check_type(path: str, value: JsonValue, annotation: Any) -> None:
    """:raises BadSpec: where `value` is not of the type that the argument is annotated with."""
    adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError:
        wanted = str(getattr(annotation, "__name__", annotation)).split(" | collections", maxsplit=1)[0]
        also = " or a schedule" if path.rpartition(".")[2] in SCHEDULED else ""
        raise BadSpec(f"{path} must be {wanted}{also}; it is {value!r}.") from None


def check_range(path: str, value: JsonValue) -> None:
    """:raises BadSpec: where a number is out of the range that its name implies."""
    name = path.rpartition(".")[2]
    if not isinstance(value, (int, float)):
        return
    if name in _AT_LEAST_1 and value < 1:
        raise BadSpec(f"{path} must be at least 1; it is {value}.")
    if name in _SHARES and not 0 <= value <= 1:
        raise BadSpec(f"{path} must be from 0 to 1; it is {value}.")
    if name in _NOT_NEGATIVE and value < 0:
        raise BadSpec(f"{path} must be at least 0; it is {value}.")


def unknown(what: str, name: str, known: Iterable[str]) -> BadSpec:
    """The refusal of a name that is not `known`, with the nearest that is."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}."
    return BadSpec(f"{what} {name!r}; {hint}")


def is_number(value: JsonValue) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
