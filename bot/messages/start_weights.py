"""What a card says of an experiment that begins with another run's weights. Pure."""

from collections.abc import Mapping

from bot.messages import numbers
from bot.messages.short import short
from trainer.contract import JsonObject

SOURCE = 40
_LOADED: Mapping[str, str] = {
    "policy": "policy",
    "optimizer": "policy and optimizer",
    "all": "policy, optimizer and replay buffer",
}


def begins_with(config: JsonObject) -> str:
    """Whose weights, and the steps in total: own and inherited; "" where training begins afresh (mrkdwn)."""
    init = config.get("init")
    if not isinstance(init, dict) or not isinstance(init.get("from"), str):
        return ""
    source, loaded = short(str(init["from"]), SOURCE), _LOADED.get(str(init.get("load", "policy")), "weights")
    inherited, own = init.get("timesteps"), config.get("total_timesteps")
    if not isinstance(inherited, int) or not isinstance(own, int):
        return f"Begins with the {loaded} of {source}"
    return (
        f"Begins with the {loaded} of {source} after {numbers.steps(inherited)} steps: "
        f"{numbers.steps(inherited + own)} in total"
    )


def caveat(config: JsonObject) -> str:
    """The same with what the interval of such a result does not cover."""
    begins = begins_with(config)
    return f"{begins}. All seeds begin there: the interval covers fine-tuning only" if begins else ""
