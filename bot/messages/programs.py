"""What cards say of a training program of a team's own, which runs in place of Signoff's trainer. Pure."""

from bot.messages.short import short
from trainer.contract import JsonObject

NAME = 60


def runs(config: JsonObject) -> str:
    """For the proposal (mrkdwn); "" where Signoff's trainer trains."""
    name = _named(config)
    said = "in place of Signoff's trainer: it trains, and it measures itself"
    return f"Runs the program {name} of its code bundle {said}" if name else ""


def measured(config: JsonObject) -> str:
    """For the result (mrkdwn): whose numbers these are; "" where they are Signoff's."""
    name = _named(config)
    return f"Trained and measured by the program {name}, not by Signoff's trainer" if name else ""


def _named(config: JsonObject) -> str:
    program = config.get("program")
    name = program.get("name") if isinstance(program, dict) else None
    return short(name, NAME) if isinstance(name, str) else ""
