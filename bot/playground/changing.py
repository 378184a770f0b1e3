"""Changes to messages that are there: each is kept, told to watchers, and told to the app as Slack does."""

import re

from bot.playground import events, limits
from bot.playground.errors import SlackError
from bot.playground.records import Json, Message
from bot.playground.workspace import Workspace

_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def keep_change(workspace: Workspace, message: Message, before: Json) -> None:
    """Keep a change that was made to this record; `before` is how it was shown until then."""
    workspace.messages.changed(message)
    channel = workspace.channels[message.channel]
    shown = workspace.shown(message, metadata=True)
    workspace.emit(events.changed(message, shown, before, channel, workspace.new_ts()))


def remove(workspace: Workspace, message: Message) -> None:
    """Delete a message; one with replies stays as a tombstone, so that its thread can be read."""
    before = workspace.shown(message, metadata=True)
    channel = workspace.channels[message.channel]
    if workspace.messages.replies(message.channel, message.ts):
        message.subtype, message.text = "tombstone", "This message was deleted."
        message.blocks, message.attachments, message.file_ids = [], [], []
        message.reactions = {}
        workspace.messages.changed(message, "message_deleted")
        shown = workspace.shown(message)
        workspace.emit(events.changed(message, shown, before, channel, workspace.new_ts()))
        return
    message.deleted = True
    workspace.messages.changed(message, "message_deleted")
    workspace.emit(events.deleted(message, before, channel, workspace.new_ts()))


def react(workspace: Workspace, user: str, message: Message, name: str) -> None:
    """Add a reaction. Raises SlackError `already_reacted`, `too_many_emoji`, `invalid_name`."""
    name = _checked(name)
    users = message.reactions.get(name, [])
    if user in users:
        raise SlackError("already_reacted")
    if not users and len(message.reactions) >= limits.REACTIONS.number:
        raise SlackError(limits.REACTIONS.code)
    message.reactions[name] = [*users, user]
    _tell(workspace, "reaction_added", user, message, name)


def take_back(workspace: Workspace, user: str, message: Message, name: str) -> None:
    """Remove the user's own reaction. Raises SlackError `no_reaction`, `invalid_name`."""
    name = _checked(name)
    users = message.reactions.get(name, [])
    if user not in users:
        raise SlackError("no_reaction")
    left = [one for one in users if one != user]
    if left:
        message.reactions[name] = left
    else:
        del message.reactions[name]
    _tell(workspace, "reaction_removed", user, message, name)


def _tell(workspace: Workspace, kind: str, user: str, message: Message, name: str) -> None:
    workspace.messages.changed(message, "reaction")
    workspace.emit(events.reaction(kind, message, user, name, workspace.new_ts()))


def _checked(name: str) -> str:
    bare = name.strip(":")
    if not _NAME.fullmatch(bare):
        raise SlackError("invalid_name")
    return bare
