"""The names of everything that can be pressed, and the small values that buttons carry. Pure.

A value says which experiment, which revision and the start of the approval hash that were on
screen, so that a click on an old card can be refused with an explanation.
"""

import json
from dataclasses import dataclass

from pydantic import JsonValue

from bot.messages import budget
from bot.messages.message import Block
from db.records import Experiment

APPROVE = "approve"
REJECT = "reject"
REQUEST_CHANGES = "request_changes"
EDIT = "edit_resubmit"
WITHDRAW = "withdraw"
STOP = "stop"
FORK = "fork"
RETRY = "retry"
RESUME = "resume"
CONCLUDE = "conclude"
ADD_SEEDS = "add_seeds"
PLOT_NOW = "plot_now"
SHOW = "show"
MENU = "menu"
OPEN_PAGE = "open_page"
OPEN_THREAD = "open_thread"
NEW = "new_experiment"

COMMAND = "/experiment"
SHORTCUT_NEW = "new_experiment"

HASH_PREFIX = 16
_EMPTY: dict[str, int | str] = {"e": 0, "r": 0, "h": "", "l": "", "n": 0}


@dataclass(frozen=True)
class Target:
    """What a button is about. `label` names a run ("s1"), `n` a number of seeds."""

    experiment: int
    revision: int = 0
    approval_hash: str = ""
    label: str = ""
    n: int = 0

    def to_value(self) -> str:
        """Compact JSON without the parts that are empty."""
        parts: dict[str, JsonValue] = {
            "e": self.experiment,
            "r": self.revision,
            "h": self.approval_hash,
            "l": self.label,
            "n": self.n,
        }
        return json.dumps({key: value for key, value in parts.items() if value}, separators=(",", ":"))

    @classmethod
    def from_value(cls, value: str) -> "Target":
        """The inverse of `to_value`. Raises ValueError for anything that we did not write."""
        parts = json.loads(value)
        ours = isinstance(parts, dict) and all(
            isinstance(parts.get(key, empty), type(empty)) for key, empty in _EMPTY.items()
        )
        if not ours or "e" not in parts:
            raise ValueError(f"not a button value of ours: {budget.head(value, 80)!r}")
        return cls(*(parts.get(key, empty) for key, empty in _EMPTY.items()))


def target_of(experiment: Experiment) -> Target:
    """The experiment as it is on the card now: its newest revision."""
    revision = experiment.revision
    return Target(experiment.number, revision.n, revision.approval_hash[:HASH_PREFIX])


def button(
    text: str,
    action_id: str,
    target: Target | None = None,
    *,
    style: str | None = None,
    url: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """A button. `style` is "primary" or "danger"."""
    element: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": budget.head(text, budget.BUTTON_TEXT), "emoji": True},
    }
    if target is not None:
        element["value"] = target.to_value()
    if style is not None:
        element["style"] = style
    if url is not None:
        element["url"] = url
    if confirm is not None:
        element["confirm"] = confirm
    return element


def confirm(title: str, text: str, *, yes: str, no: str = "Back", danger: bool = False) -> Block:
    """The question that Slack asks before it sends the click."""
    asked: Block = {
        "title": {"type": "plain_text", "text": budget.head(title, budget.CONFIRM_TITLE)},
        "text": {"type": "plain_text", "text": budget.head(text, budget.CONFIRM_TEXT)},
        "confirm": {"type": "plain_text", "text": budget.head(yes, budget.CONFIRM_BUTTON)},
        "deny": {"type": "plain_text", "text": budget.head(no, budget.CONFIRM_BUTTON)},
    }
    if danger:
        asked["style"] = "danger"
    return asked


def overflow(options: list[tuple[str, str, Target]]) -> Block:
    """The [⋯] menu: (words, action, target) each. An option's value is `action:target`."""
    return {
        "type": "overflow",
        "action_id": MENU,
        "options": [
            {
                "text": {"type": "plain_text", "text": budget.head(words, budget.OPTION_TEXT)},
                "value": f"{action}:{target.to_value()}",
            }
            for words, action, target in options[: budget.OVERFLOW_OPTIONS]
        ],
    }


def from_menu(value: str) -> tuple[str, Target]:
    """The action and the target of a menu's option. Raises ValueError for anything else."""
    action, _, rest = value.partition(":")
    return action, Target.from_value(rest)
