"""What a person has typed into the contract form, read from Slack's view payload. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from bot.forms import fields

View = Mapping[str, JsonValue]


@dataclass(frozen=True)
class Ids:
    """What the form remembers in private_metadata: ids and counters, never text.

    `channel` is where the command came from and the bot is a member; None shows a channel field.
    `revises` is the experiment that is being edited. `generation` counts the times that the form
    itself changed a text field. `alongside_default` is the preselection that was shown.
    """

    channel: str | None = None
    parent: int | None = None
    revises: int | None = None
    more: bool = False
    generation: int = 0
    alongside_default: bool = False

    def to_metadata(self) -> str:
        return json.dumps(
            {
                "c": self.channel,
                "p": self.parent,
                "r": self.revises,
                "m": self.more,
                "g": self.generation,
                "a": self.alongside_default,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_metadata(cls, text: str) -> "Ids":
        parts = json.loads(text or "{}")
        return cls(
            channel=parts.get("c"),
            parent=parts.get("p"),
            revises=parts.get("r"),
            more=bool(parts.get("m")),
            generation=int(parts.get("g", 0)),
            alongside_default=bool(parts.get("a")),
        )


@dataclass(frozen=True)
class Filled:
    """Every field as text or id, empty where nothing was typed. `alongside` None: left as suggested.

    `steps` is empty where it was left as the parent has it; `start_weights` names whose to begin with.
    """

    ids: Ids = Ids()
    parent: int | None = None
    changes: str = ""
    objective: str = ""
    hypothesis: str = ""
    expected: str = ""
    channel: str | None = None
    guards: str = ""
    comparator: int | None = None
    alongside: bool | None = None
    question: int | None = None
    new_question: str = ""
    start_weights: str = ""
    seeds: str = str(fields.DEFAULT_SEEDS)
    steps: str = ""
    device: str = fields.CPU
    resources: str = ""
    time_limit: str = fields.DEFAULT_TIME_LIMIT
    stop_rule: str = ""
    approver: str | None = None
    context_link: str = ""
    title: str = ""
    tags: str = ""

    def with_line(self, line: str) -> "Filled":
        """The same with one more line of changes, in a new text field (see `Ids.generation`)."""
        text = self.changes.rstrip()
        changes = f"{text}\n{line}" if text else line
        return replace(self, changes=changes, ids=replace(self.ids, generation=self.ids.generation + 1))


def read(view: View) -> Filled:
    """The form as it is on screen now; fields that are not shown keep their defaults."""
    ids = Ids.from_metadata(str(view.get("private_metadata") or ""))
    values = _values(view)
    parent = _number(values.get(fields.PARENT)) or ids.parent
    chosen = values.get(fields.ALONGSIDE)
    alongside = None
    if chosen is not None and bool(chosen) != ids.alongside_default:
        alongside = bool(chosen)
    return Filled(
        ids=replace(ids, parent=parent),
        parent=parent,
        changes=_text(values, fields.CHANGES),
        objective=_text(values, fields.OBJECTIVE),
        hypothesis=_text(values, fields.HYPOTHESIS),
        expected=_text(values, fields.EXPECTED),
        channel=ids.channel or _id(values.get(fields.CHANNEL)),
        guards=_text(values, fields.GUARDS),
        comparator=_number(values.get(fields.COMPARATOR)),
        alongside=alongside,
        question=_number(values.get(fields.QUESTION)),
        new_question=_text(values, fields.NEW_QUESTION),
        start_weights=_text(values, fields.START),
        seeds=_text(values, fields.SEEDS, default=str(fields.DEFAULT_SEEDS)),
        steps=_text(values, fields.STEPS),
        device=_text(values, fields.DEVICE, default=fields.CPU),
        resources=_text(values, fields.RESOURCES),
        time_limit=_text(values, fields.TIME_LIMIT, default=fields.DEFAULT_TIME_LIMIT),
        stop_rule=_text(values, fields.STOP_RULE),
        approver=_id(values.get(fields.APPROVER)),
        context_link=_text(values, fields.CONTEXT_LINK),
        title=_text(values, fields.TITLE),
        tags=_text(values, fields.TAGS),
    )


def block_ids(view: View) -> Mapping[str, str]:
    """The block_id of every field that the view shows, so that errors land at the field."""
    blocks = view.get("blocks")
    shown: dict[str, str] = {}
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict) and block.get("type") == "input":
            block_id = str(block.get("block_id"))
            shown[fields.name_of(block_id)] = block_id
    return shown


def typed(view: View, name: str) -> str:
    """The text of one field of a small form."""
    return _text(_values(view), name)


Value = str | list[str] | None


def _values(view: View) -> Mapping[str, Value]:
    """What stands in each field, by its name: text, or an id, or the ids of checked boxes."""
    state = view.get("state")
    blocks = state.get("values") if isinstance(state, dict) else None
    found: dict[str, Value] = {}
    for actions in (blocks or {}).values() if isinstance(blocks, dict) else ():
        for name, entry in actions.items() if isinstance(actions, dict) else ():
            if isinstance(entry, dict):
                found[name] = _value(entry)
    return found


def _value(entry: Mapping[str, JsonValue]) -> Value:
    several = entry.get("selected_options")
    if isinstance(several, list):
        return [str(option.get("value")) for option in several if isinstance(option, dict)]
    option = entry.get("selected_option")
    if isinstance(option, dict):
        return str(option.get("value"))
    for key in ("value", "selected_user", "selected_conversation", "selected_channel"):
        if entry.get(key) is not None:
            return str(entry[key])
    return None


def _text(values: Mapping[str, Value], name: str, *, default: str = "") -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) and value.strip() else default


def _id(value: Value) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Value) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
