"""Settings of the bot: Slack's tokens, who may approve, where the pages are."""

from ipaddress import ip_address
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REAL_SLACK = "https://slack.com/api/"
ANYONE = "anyone"
SOCKET: Literal["socket"] = "socket"
HTTP: Literal["http"] = "http"


class BotSettings(BaseSettings):
    """Read from `SLACK_*` and `SIGNOFF_*` variables and `.env`."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    slack_bot_token: SecretStr = Field(
        validation_alias="SLACK_BOT_TOKEN", description="The bot token, xoxb-..., from the app's OAuth page"
    )
    slack_transport: Literal["socket", "http"] = Field(
        default=SOCKET,
        validation_alias="SIGNOFF_SLACK_TRANSPORT",
        description="How Slack reaches the bot: a `socket` that it opens, or signed requests over `http`",
    )
    slack_app_token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="SLACK_APP_TOKEN",
        description="The app token, xapp-..., with connections:write; required for `socket`",
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="SLACK_SIGNING_SECRET",
        description="The signing secret, from the app's Basic Information page; required for `http`",
    )
    slack_host: str = Field(
        default="127.0.0.1",
        validation_alias="SIGNOFF_SLACK_HOST",
        description="Address that Slack's requests are taken on (`http`), apart from the pages",
    )
    slack_port: int = Field(
        default=8791,
        ge=0,
        le=65_535,
        validation_alias="SIGNOFF_SLACK_PORT",
        description="Port for Slack's requests (`http`), at /slack/events; 0 takes any free one",
    )
    slack_api_url: str = Field(
        default=REAL_SLACK,
        validation_alias="SLACK_API_URL",
        description="Base URL of the Web API; any server that speaks Slack's protocol will do",
    )
    approvers: str = Field(
        default="",
        validation_alias="SIGNOFF_APPROVERS",
        description="Who may approve: user ids (U...) and user groups (S...), separated by commas",
    )
    admins: str = Field(
        default="",
        validation_alias="SIGNOFF_ADMINS",
        description="Administrators: user ids, user groups; they manage hosts and hear what Slack refuses",
    )
    allow_self_approval: bool = Field(
        default=False,
        validation_alias="SIGNOFF_ALLOW_SELF_APPROVAL",
        description="Let approvers decide on their own proposals, too; stands in every approval hash",
    )
    channel: str = Field(
        default="",
        validation_alias="SIGNOFF_CHANNEL",
        description="Id of the channel (C...) that the form suggests where it was not opened in one",
    )
    expire_days: int = Field(
        default=30,
        ge=1,
        validation_alias="SIGNOFF_EXPIRE_DAYS",
        description="After how many days without a decision a proposal expires; it never becomes a yes",
    )
    pages_host: str = Field(
        default="127.0.0.1",
        validation_alias="SIGNOFF_PAGES_HOST",
        description="Address that the read-only pages are served on",
    )
    pages_port: int = Field(
        default=8790,
        ge=0,
        le=65_535,
        validation_alias="SIGNOFF_PAGES_PORT",
        description="Port of the read-only pages; 0 takes any free one",
    )
    pages_url: str = Field(
        default="",
        validation_alias="SIGNOFF_PAGES_URL",
        description="Address of the pages as people reach it, for links; default http://HOST:PORT",
    )

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        """Raises ValueError where the secret of the transport is missing."""
        if self.slack_transport == HTTP and not self.slack_signing_secret.get_secret_value():
            raise ValueError("SIGNOFF_SLACK_TRANSPORT=http needs SLACK_SIGNING_SECRET")
        if self.slack_transport == SOCKET and not self.slack_app_token.get_secret_value():
            raise ValueError("SIGNOFF_SLACK_TRANSPORT=socket, the default, needs SLACK_APP_TOKEN")
        return self

    @property
    def approver_entries(self) -> tuple[str, ...]:
        """User ids, user group ids, or `anyone`, as configured."""
        return _entries(self.approvers)

    @property
    def admin_entries(self) -> tuple[str, ...]:
        """User ids, user group ids, or `anyone`, as configured."""
        return _entries(self.admins)

    @property
    def api_url(self) -> str:
        """The Web API's base URL with the slash at its end that slack_sdk needs."""
        return self.slack_api_url.rstrip("/") + "/"


def missing(error: ValidationError) -> str:
    """What is wrong with the settings, in a sentence without a full stop."""
    said = [problem["msg"].removeprefix("Value error, ") for problem in error.errors() if not problem["loc"]]
    names = [str(problem["loc"][0]) for problem in error.errors() if problem["loc"]]
    return "; ".join([*said, *([f"Set {', '.join(names)}"] if names else [])])


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine, as the playground's do."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _entries(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.strip() for entry in text.split(",") if entry.strip()))
