"""Start playground, bot and worker together: what `up` and `demo` share."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.cli.processes import Household, child_environment
from bot.pages import server

MANIFEST = Path(__file__).parents[1] / "manifest.json"
READY_WITHIN_S = 60.0
PLAYGROUND_READY = "playground ready "
BOT_READY = "bot ready"
WORKER_READY = "worker ready"
BOT_TOKEN = "xoxb-playground"  # noqa: S105 - the playground's well-known token, no secret
APP_TOKEN = "xapp-playground"  # noqa: S105 - as above


@dataclass(frozen=True)
class Plan:
    """Where the parts keep their things and listen; port 0 takes any free port."""

    data_dir: Path
    playground_port: int = 0
    pages_port: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"


@dataclass(frozen=True)
class Addresses:
    """Where people find the playground and the ledger's pages."""

    playground: str
    pages: str


def start_all(family: Household, plan: Plan) -> Addresses:
    """Start the three parts in order and wait until each is ready. Raises ChildFailed."""
    pages_port = plan.pages_port or free_port()
    playground = family.start(
        "playground",
        _python(
            "bot.playground",
            *("--port", str(plan.playground_port)),
            *("--data", str(plan.data_dir / "slack")),
            *("--manifest", str(MANIFEST)),
        ),
        child_environment(plan.settings),
    )
    url = playground.wait_for(PLAYGROUND_READY, within_s=READY_WITHIN_S)
    env = child_environment(
        {
            "SIGNOFF_DATA_DIR": str(plan.data_dir),
            "SLACK_API_URL": f"{url}/api/",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SIGNOFF_PAGES_HOST": "127.0.0.1",
            "SIGNOFF_PAGES_PORT": str(pages_port),
            **plan.settings,
        }
    )
    bot = family.start("bot", _python("bot"), env)
    worker = family.start("worker", _python("worker"), env)
    bot.wait_for(BOT_READY, within_s=READY_WITHIN_S)
    worker.wait_for(WORKER_READY, within_s=READY_WITHIN_S)
    return Addresses(url, f"http://127.0.0.1:{pages_port}")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on just now."""
    listener = server.bind("127.0.0.1", 0)
    try:
        port: int = listener.getsockname()[1]
    finally:
        listener.close()
    return port


def is_free(port: int) -> bool:
    """Whether a port of the loopback interface can be listened on; 0 always can."""
    try:
        server.bind("127.0.0.1", port).close()
    except server.CannotServe:
        return False
    return True


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]
