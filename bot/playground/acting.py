"""What people do: run commands and shortcuts, press buttons, write, open the Home tab."""

from dataclasses import dataclass

from bot.playground import payloads, typed, values
from bot.playground.acks import check_answer
from bot.playground.block_ids import with_ids
from bot.playground.checks.blocks import placed_elements
from bot.playground.delivery import Delivery
from bot.playground.errors import PersonError, SlackError
from bot.playground.events import channel_type
from bot.playground.external_options import answered, query_for
from bot.playground.records import Channel, Ephemeral, Json, Message
from bot.playground.values import Choices
from bot.playground.view_store import shown
from bot.playground.workspace import Workspace

_BUTTONS = frozenset({"button", "icon_button", "feedback_buttons", "workflow_button", "overflow"})


@dataclass(frozen=True)
class Target:
    """The element that a person acts on, and its block."""

    block: Json
    element: Json

    @property
    def key(self) -> str:
        return f"{self.block['block_id']}/{self.element['action_id']}"


class Acting:
    """People's actions in channels and messages. PersonError stands for what Slack's client refuses."""

    def __init__(self, workspace: Workspace, delivery: Delivery) -> None:
        self._workspace = workspace
        self._delivery = delivery
        self._message_state: dict[tuple[str, str, str], dict[str, Json]] = {}
        self._offered: dict[tuple[str, str, str], list[Json]] = {}

    async def command(self, user: str, channel_id: str, name: str, text: str) -> Json:
        channel = self.channel_of(user, channel_id)
        known = self._workspace.app.commands
        if known is not None and name not in known:
            raise PersonError(
                "unknown_command", f"{name} is not a valid command; the app has {', '.join(known)}"
            )
        trigger = self._workspace.permits.trigger(user, channel=channel.id)
        reply = self._workspace.permits.response_url(user, channel.id)
        payload = payloads.command(self._workspace, trigger, reply, name, text)
        ack = await self._delivery.interact("slash_commands", payload, name)
        check_answer(ack, name, self._workspace.facts)
        if ack.get("text") or ack.get("blocks") or ack.get("attachments"):
            self._answer_at_once(user, channel.id, ack)
        return {"trigger_id": trigger.id, "ack": ack or None}

    async def shortcut(
        self, user: str, callback_id: str, channel_id: str | None, message_ts: str | None
    ) -> Json:
        self._person(user)
        permits = self._workspace.permits
        if channel_id is None or message_ts is None:
            trigger = permits.trigger(user)
            payload = payloads.shortcut(self._workspace, trigger, callback_id)
        else:
            message = self._message(user, channel_id, message_ts)
            if isinstance(message, Ephemeral):
                raise PersonError("no_such_message", "message shortcuts do not work on ephemeral messages")
            trigger = permits.trigger(user, channel=channel_id)
            reply = permits.response_url(user, channel_id, message_ts)
            payload = payloads.message_shortcut(self._workspace, trigger, reply, callback_id, message)
        ack = await self._delivery.interact("interactive", payload, f"the shortcut {callback_id}")
        return {"trigger_id": trigger.id, "ack": ack or None}

    async def act_on_message(self, user: str, channel_id: str, message_ts: str, wanted: Json) -> Json:
        """Press a button of a message, or choose in one of its selects."""
        message = self._message(user, channel_id, message_ts)
        blocks = _blocks(message)
        if wanted.get("stale"):
            blocks += self._workspace.messages.past_blocks(channel_id, message_ts)
        target = find_element(blocks, wanted)
        key = (message.channel, message.ts, user)
        offered = self._offered.get((message.channel, message.ts, target.key), [])
        state = self._message_state.setdefault(key, values.initial_state(blocks, here=message.channel))
        action = performed(target, wanted, self.choices(user, offered), state, self._workspace.new_ts())
        trigger = self._workspace.permits.trigger(user, channel=channel_id)
        reply = self._workspace.permits.response_url(user, channel_id, message_ts)
        reply.is_ephemeral, reply.thread_ts = isinstance(message, Ephemeral), message.thread_ts
        payload = payloads.message_action(
            self._workspace, trigger, reply, message, action=action, state=state
        )
        ack = await self._delivery.interact(
            "interactive", payload, f"the action {target.element['action_id']}"
        )
        return {"trigger_id": trigger.id, "ack": ack or None}

    async def options_of_message(self, user: str, channel_id: str, message_ts: str, wanted: Json) -> Json:
        """What an external select in a message offers for what has been typed."""
        message = self._message(user, channel_id, message_ts)
        target = find_element(
            _blocks(message), {name: wanted.get(name) for name in ("action_id", "block_id")}
        )
        typed_text = query_for(target.element, wanted)
        payload = payloads.message_suggestion(
            self._workspace, user, message, typed_text, block=target.block, element=target.element
        )
        ack = await self._delivery.interact("interactive", payload, "the list of options")
        key = (message.channel, message.ts, target.key)
        return answered(ack, self._workspace.facts, self._offered.setdefault(key, []))

    def write(
        self, user: str, channel_id: str, text: str, thread_ts: str | None, *, mentions: bool = False
    ) -> Message:
        """A person writes a message; with `mentions` its `<@U…>` and `<#C…>` are people and channels."""
        channel = self.channel_of(user, channel_id)
        self.check_thread(channel, thread_ts)
        block = self.typed(text, mentions=mentions)
        return self._workspace.post(
            Message(
                channel=channel.id,
                ts=self._workspace.new_ts(),
                user=user,
                text=typed.escaped(block),
                blocks=[block],
                thread_ts=thread_ts,
            )
        )

    def typed(self, text: str, *, mentions: bool) -> Json:
        """The rich_text block of what was typed."""
        return typed.rich_text(text, exists=self._exists if mentions else None)

    def check_thread(self, channel: Channel, thread_ts: str | None) -> None:
        if channel.is_archived:
            raise PersonError("is_archived", f"#{channel.name} is archived")
        if thread_ts is None:
            return
        parent = self._workspace.messages.find(channel.id, thread_ts)
        if parent is None or parent.thread_ts is not None:
            raise PersonError("no_such_message", f"no thread starts at {thread_ts} in {channel.id}")

    def open_home(self, user: str, tab: str = "home") -> None:
        self._person(user)
        inner: Json = {"type": "app_home_opened", "user": user, "channel": f"D0{user}", "tab": tab}
        self._workspace.direct_message(user)
        home = self._workspace.views.home(user)
        if home is not None:
            inner["view"] = shown(home, self._workspace.app, self._workspace.team)
        self._workspace.emit(inner)

    def channel_of(self, user: str, channel_id: str) -> Channel:
        """A channel that the person is in."""
        self._person(user)
        channel = self._workspace.channels.get(channel_id)
        if channel is None or user not in channel.members:
            raise PersonError("no_such_channel", f"{user} is in no channel {channel_id!r}")
        return channel

    def choices(self, user: str, offered: list[Json]) -> Choices:
        """What this person can choose from."""
        return Choices(
            person_exists=self._workspace.people.__contains__,
            conversation_kind=lambda name: self._conversation_kind(user, name),
            has_bot=self._has_bot,
            offered=offered,
        )

    def _conversation_kind(self, user: str, name: str) -> str | None:
        """`public`, `private`, `im` or `mpim`; None for what the person does not see. A person is an `im`."""
        channel = self._workspace.channels.get(name)
        if channel is None:
            return "im" if name in self._workspace.people else None
        if user not in channel.members and (channel.is_private or channel.is_direct):
            return None
        kind = channel_type(channel)
        return {"channel": "public", "group": "private"}.get(kind, kind)

    def _has_bot(self, name: str) -> bool:
        """Whether it is a bot, or a direct message with one."""
        channel = self._workspace.channels.get(name)
        members = [name] if channel is None else channel.members if channel.is_direct else []
        return any(self._workspace.people[member].is_bot for member in members)

    def _exists(self, name: str) -> bool:
        channel = self._workspace.channels.get(name)
        known = name in self._workspace.people or name in self._workspace.groups
        return known or (channel is not None and not channel.is_direct)

    def _person(self, user: str) -> None:
        if user not in self._workspace.people:
            known = ", ".join(self._workspace.people)
            raise PersonError("no_such_person", f"there is no {user!r}; there are {known}")

    def _message(self, user: str, channel_id: str, ts: str) -> Message | Ephemeral:
        self.channel_of(user, channel_id)
        ephemeral = self._workspace.messages.ephemeral(user, channel_id, ts)
        if ephemeral is not None:
            return ephemeral
        try:
            return self._workspace.messages.get(channel_id, ts)
        except SlackError as error:
            raise PersonError("no_such_message", f"{user} sees no message {ts} in {channel_id}") from error

    def _answer_at_once(self, user: str, channel_id: str, ack: Json) -> None:
        """A command's ack may say something: to the person alone, or to the channel."""
        reply(self._workspace, user, channel_id, None, ack)


def reply(workspace: Workspace, user: str, channel_id: str, thread_ts: str | None, body: Json) -> None:
    """Post what an app answers to an interaction: ephemeral unless it says `in_channel`."""
    text, blocks = str(body.get("text") or ""), list(body.get("blocks") or [])
    attachments = list(body.get("attachments") or [])
    if body.get("response_type") == "in_channel":
        workspace.post(
            Message(
                channel=channel_id,
                ts=workspace.new_ts(),
                user=workspace.app.bot_user,
                bot_id=workspace.app.bot_id,
                app_id=workspace.app.id,
                text=text,
                blocks=blocks,
                attachments=attachments,
                thread_ts=thread_ts,
            )
        )
    else:
        ephemeral = Ephemeral(channel_id, workspace.new_ts(), user, text, [], attachments, thread_ts)
        ephemeral.blocks = with_ids(blocks)
        workspace.messages.add_ephemeral(ephemeral)


def _blocks(message: Message | Ephemeral) -> list[Json]:
    """Its blocks, those of attachments last."""
    return [*message.blocks, *(block for one in message.attachments for block in one.get("blocks", ()))]


def find_element(blocks: list[Json], wanted: Json) -> Target:
    """The element with the wanted action_id (and block_id or value, where several have it)."""
    found = [
        Target(block, element)
        for outer in blocks
        for block, element in placed_elements(outer)
        if element.get("action_id") == wanted.get("action_id")
        and wanted.get("block_id") in (None, block.get("block_id"))
    ]
    if len(found) > 1 and wanted.get("value") is not None:
        found = [target for target in found if target.element.get("value") == wanted["value"]] or found
    if wanted.get("stale"):
        found = found[:1]
    if not found:
        known = sorted({str(e.get("action_id")) for outer in blocks for _, e in placed_elements(outer)})
        raise PersonError("no_such_action", f"no element {wanted.get('action_id')!r} here; there are {known}")
    if len(found) > 1:
        raise PersonError(
            "ambiguous_action", f"{len(found)} elements have {wanted['action_id']!r}; give block_id"
        )
    return found[0]


def performed(target: Target, wanted: Json, choices: Choices, state: dict[str, Json], action_ts: str) -> Json:
    """The entry of a payload's `actions`; the state is updated with what was entered."""
    element = target.element
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": target.block["block_id"],
        "action_ts": action_ts,
    }
    if element["type"] in _BUTTONS and element["type"] != "overflow":
        pressed = _pressed(element, wanted.get("value"))
        return action | {name: pressed[name] for name in ("text", "value", "style", "url") if name in pressed}
    value = values.entered(element, wanted, choices)
    if values.keeps_state(element):
        state.setdefault(target.block["block_id"], {})[element["action_id"]] = value
    return action | value


def _pressed(element: Json, given: object) -> Json:
    """The button that was pressed: the element itself, or the one of two feedback buttons with that value."""
    if element["type"] == "feedback_buttons":
        buttons: list[Json] = [element["positive_button"], element["negative_button"]]
    else:
        buttons = [element]
    for button in buttons:
        if str(given) == button.get("value") or (len(buttons) == 1 and None in (given, button.get("value"))):
            return button
    known = " or ".join(repr(button.get("value")) for button in buttons)
    raise PersonError("no_such_action", f"that button's value is {known}, not {given!r}")
