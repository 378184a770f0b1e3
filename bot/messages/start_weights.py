"""What a card says of an experiment that begins with another run's weights. Pure."""

from collections.abc import Mapping

from bot.messages import numbers
from bot.messages.short import short
from trainer.contract import JsonObject

SOURCE = 80
_LOADED: Mapping[str, str] = {
    "policy": "policy",
    "optimizer": "policy and optimizer",
    "all": "policy, optimizer and replay buffer",
}


def begins_with(config: JsonObject) -> str:
    """Whose weights, and the steps in total: own and inherited; "" where training begins afresh (mrkdwn)."""
    init = config.get("init")
    if not isinstance(init, dict) or not init.get("from"):
        return ""
    named = init["from"]
    source = short(", ".join(map(str, named)) if isinstance(named, list) else str(named), SOURCE)
    each = _each(len(_sources(init)))
    begins = f"Begins with the {_LOADED.get(str(init.get('load', 'policy')), 'weights')} of {source}{each}"
    inherited = [one.get("timesteps") for one in _sources(init)]
    steps, own = [count for count in inherited if isinstance(count, int)], config.get("total_timesteps")
    if not steps or len(steps) < len(inherited) or not isinstance(own, int):
        return begins
    low, high = min(steps), max(steps)
    return f"{begins} after {_span(low, high)} steps: {_span(low + own, high + own)} in total"


def caveat(config: JsonObject, seeds: int) -> str:
    """The same with what the interval of such a result, of so many seeds, does not cover."""
    begins, init = begins_with(config), config.get("init")
    if not begins or not isinstance(init, dict):
        return ""
    count = len(_sources(init))
    if count == 1:
        return f"{begins}. All seeds begin there: the interval covers fine-tuning only"
    if count >= seeds:
        return f"{begins}. No two seeds begin alike: the interval covers what came before, too"
    return (
        f"{begins}. Seeds share these beginnings: the interval covers fine-tuning, and what came before only "
        "in part"
    )


def _sources(init: JsonObject) -> list[JsonObject]:
    """One for each checkpoint; seeds take them in turn."""
    sources = init.get("sources")
    return [one for one in sources if isinstance(one, dict)] if isinstance(sources, list) else [init]


def _each(count: int) -> str:
    return "" if count == 1 else f", one of {count} runs for each seed"


def _span(low: int, high: int) -> str:
    return numbers.steps(low) if low == high else f"{numbers.steps(low)} to {numbers.steps(high)}"
