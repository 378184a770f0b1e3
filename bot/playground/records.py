"""What a workspace is made of. Every record can be written as JSON and read back (the journal does)."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

# Slack's payloads are open JSON documents; their shapes are held by `checks/`, not by types.
Json: TypeAlias = dict[str, Any]


@dataclass
class Person:
    """A member of the workspace; apps have one too (`is_bot`)."""

    id: str
    name: str
    real_name: str
    title: str = ""
    is_bot: bool = False
    is_admin: bool = False
    deleted: bool = False


@dataclass
class Channel:
    """A channel or a direct message.

    `im_user` is the person in a direct message with the app. Between people a direct message is `is_im`
    with one or two members, and a group message is `is_mpim`; both are private.
    """

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_archived: bool = False
    im_user: str | None = None
    created: int = 0
    topic: str = ""
    purpose: str = ""
    is_im: bool = False
    is_mpim: bool = False
    pins: list[str] = field(default_factory=list)  # the messages' ts
    bookmarks: list[Json] = field(default_factory=list)

    @property
    def is_direct(self) -> bool:
        """A direct or group message: only those in it know of it."""
        return self.im_user is not None or self.is_im or self.is_mpim


@dataclass
class UserGroup:
    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass
class App:
    """The app under test: its identity, tokens, scopes and event subscriptions (Slack's own names)."""

    id: str
    name: str
    bot_id: str
    bot_user: str
    bot_token: str
    app_token: str
    signing_secret: str
    scopes: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    commands: list[str] | None = None  # None: any command reaches the app
    revoked_tokens: list[str] = field(default_factory=list)
    command_help: list[Json] = field(default_factory=list)  # "command", "description", "usage_hint"
    shortcuts: list[Json] = field(default_factory=list)  # "name", "callback_id", "description", "type"
    unfurl_domains: list[str] = field(default_factory=list)


@dataclass
class Team:
    id: str
    name: str
    domain: str


@dataclass
class Message:
    """A message in a channel. `thread_ts` is set on replies only; a parent's is computed from its replies."""

    channel: str
    ts: str
    user: str
    text: str = ""
    bot_id: str | None = None
    app_id: str | None = None
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    metadata: Json | None = None
    edited: Json | None = None
    file_ids: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    reply_broadcast: bool = False
    deleted: bool = False
    edits: int = 0
    streaming_until: float | None = None  # Unix seconds; None once it is complete, and for all others


@dataclass
class Ephemeral:
    """A message only `user` sees. It is not kept over a restart, as in Slack."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    deleted: bool = False


@dataclass
class StoredFile:
    """A file, from the moment its upload URL was asked for. Times are Unix seconds."""

    id: str
    name: str
    length: int
    user: str
    created: float
    alt_txt: str = ""
    snippet_type: str | None = None
    title: str = ""
    uploaded: bool = False
    ready_at: float | None = None  # set by completeUploadExternal; the file is usable from then on
    share_to: Json | None = None  # {"channel", "thread_ts", "initial_comment", "blocks"}, until it is shared
    group: str = ""  # files of one completeUploadExternal call share one message
    shares: dict[str, list[Json]] = field(default_factory=dict)
    deleted: bool = False


@dataclass
class View:
    """A modal or a Home tab. `state` is what the person has typed: block_id -> action_id -> value."""

    id: str
    user: str
    definition: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    state: dict[str, Json] = field(default_factory=dict)
    offered: dict[str, list[Json]] = field(default_factory=dict)  # "block/action" -> options from the app
    channel: str | None = None  # where it was opened from, for default_to_current_conversation

    @property
    def callback_id(self) -> str:
        return str(self.definition.get("callback_id", ""))

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.definition["blocks"]
        return blocks
