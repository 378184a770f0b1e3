"""Settings of the bot: Slack's tokens, who may approve, where the pages are."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REAL_SLACK = "https://slack.com/api/"
ANYONE = "anyone"


class BotSettings(BaseSettings):
    """Read from `SLACK_*` and `SIGNOFF_*` variables and `.env`."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    slack_bot_token: SecretStr = Field(
        validation_alias="SLACK_BOT_TOKEN", description="The bot token, xoxb-..., from the app's OAuth page"
    )
    slack_app_token: SecretStr = Field(
        validation_alias="SLACK_APP_TOKEN",
        description="The app token, xapp-..., with connections:write, for Socket Mode",
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

    @property
    def approver_entries(self) -> tuple[str, ...]:
        """User ids, user group ids, or `anyone`, as configured."""
        return _entries(self.approvers)

    @property
    def api_url(self) -> str:
        """The Web API's base URL with the slash at its end that slack_sdk needs."""
        return self.slack_api_url.rstrip("/") + "/"


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
