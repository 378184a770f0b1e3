"""What a person sees in a playground: messages, modals, buttons."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A payload of Slack's, as it is."""


@dataclass(frozen=True)
class Button:
    """A button of a message or a view."""

    action_id: str
    block_id: str
    text: str
    value: str


class _Seen:
    """Something made of blocks."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, those of attachments last."""
        attached = (block for one in self.raw.get("attachments", ()) for block in one.get("blocks", ()))
        return [*self.raw.get("blocks", ()), *attached]

    @property
    def words(self) -> str:
        """Everything that can be read in it, one text a line."""
        return "\n".join([*filter(None, [self.raw.get("text")]), *_texts(self.blocks)])

    @property
    def buttons(self) -> tuple[Button, ...]:
        return tuple(
            Button(element["action_id"], block["block_id"], element["text"]["text"], element.get("value", ""))
            for block in self.blocks
            for element in [*block.get("elements", ()), block.get("accessory") or {}]
            if isinstance(element, dict) and element.get("type") == "button"
        )

    def button(self, action_id: str) -> Button:
        """The button with this action_id. Raises LookupError naming the buttons there are."""
        for button in self.buttons:
            if button.action_id == action_id:
                return button
        raise LookupError(
            f"no button {action_id!r}; there are {[button.action_id for button in self.buttons]}"
        )

    def has_button(self, action_id: str) -> bool:
        return any(button.action_id == action_id for button in self.buttons)

    def input_block(self, action_id: str) -> str:
        """The block_id of the element with this action_id. Raises LookupError."""
        known: list[str] = []
        for block in self.blocks:
            for element in [
                *block.get("elements", ()),
                block.get("element") or {},
                block.get("accessory") or {},
            ]:
                if element.get("action_id") == action_id:
                    return str(block["block_id"])
                known.append(str(element.get("action_id")))
        raise LookupError(f"no element {action_id!r} here; there are {known}")


class SeenMessage(_Seen):
    """A message as a person sees it."""

    @property
    def place(self) -> Json:
        """What names it in the control API."""
        return {"channel": self.channel, "message_ts": self.ts}

    @property
    def ts(self) -> str:
        return str(self.raw["ts"])

    @property
    def channel(self) -> str:
        return str(self.raw["channel"])

    @property
    def text(self) -> str:
        return str(self.raw.get("text", ""))

    @property
    def user(self) -> str:
        return str(self.raw["user"])

    @property
    def edits(self) -> int:
        """How often it has been changed."""
        return int(self.raw.get("edits", 0))

    @property
    def metadata(self) -> Json:
        metadata: Json = self.raw.get("metadata") or {}
        return metadata

    @property
    def file_ids(self) -> tuple[str, ...]:
        """Files shared with the message, and files its image blocks show."""
        shared = [str(file["id"]) for file in self.raw.get("files", ())]
        images = [str(block["slack_file"]["id"]) for block in self.blocks if block.get("slack_file")]
        return (*shared, *images)


class SeenView(_Seen):
    """A modal or a Home tab as a person sees it."""

    @property
    def place(self) -> Json:
        """What names it in the control API."""
        return {"view_id": self.id}

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def callback_id(self) -> str:
        return str(self.raw["callback_id"])

    @property
    def hash(self) -> str:
        return str(self.raw["hash"])

    @property
    def title(self) -> str:
        return str((self.raw.get("title") or {}).get("text", ""))

    @property
    def state(self) -> Json:
        """What has been typed: block_id -> action_id -> value."""
        values: Json = self.raw["state"]["values"]
        return values


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name in ("text", "title", "alt_text") and isinstance(item, str):
                yield item
            else:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
