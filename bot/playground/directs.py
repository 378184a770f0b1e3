"""Direct and group messages: with the app, between people, or both; each made once and found again."""

from bot.playground.records import Channel
from bot.playground.workspace import Workspace

MOST = 9
"""How many can be in a group message."""


def open_direct(workspace: Workspace, members: list[str]) -> Channel:
    """The conversation of exactly these members, made on first use. Raises SlackError for strangers."""
    everybody = list(dict.fromkeys(members))
    names = [workspace.person(member).name for member in everybody]
    bot = workspace.app.bot_user
    if len(everybody) == 2 and bot in everybody:  # noqa: PLR2004 - the app and one person
        return workspace.direct_message(next(member for member in everybody if member != bot))
    for channel in workspace.channels.values():
        if (channel.is_im or channel.is_mpim) and set(channel.members) == set(everybody):
            return channel
    is_im = len(everybody) <= 2  # noqa: PLR2004 - two people, or one and their notes
    channel = Channel(
        id=workspace.new_id("D" if is_im else "G"),
        name="" if is_im else f"mpdm-{'--'.join(names)}-1",
        members=everybody,
        is_private=True,
        is_im=is_im,
        is_mpim=not is_im,
        created=int(workspace.clock()),
    )
    workspace.keep_channel(channel)
    return channel
