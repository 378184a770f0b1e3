"""Opening a modal: the loading view first, then the ledger, then the filled view."""

from collections.abc import Callable

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.forms import small_views
from bot.messages import refusals
from bot.messages.message import Block
from db.errors import Busy, SignoffError

log = structlog.get_logger(__name__)

_CLOSED = frozenset({"not_found", "view_not_found", "hash_conflict"})


class Told(Exception):
    """Something failed, and the person has already read so; what is left is to log it."""


def open_then_fill(client: WebClient, trigger_id: str, title: str, build: Callable[[], Block]) -> None:
    """Open a loading view at once, as the trigger lives for 3 seconds only, then show what `build` makes.

    Refusals and a busy ledger are told in the modal. Raises Told after any other error.
    """
    opened = client.views_open(trigger_id=trigger_id, view=small_views.loading(title))["view"]
    try:
        view = build()
    except Busy:
        view = small_views.sentence(title, refusals.BUSY_OPEN)
    except SignoffError as refused:
        view = small_views.sentence(title, str(refused))
    except Exception as error:
        update(client, opened["id"], opened["hash"], small_views.sentence(title, refusals.ACCIDENT))
        raise Told(f"the modal {title!r} could not be filled") from error
    update(client, opened["id"], opened["hash"], view)


def update(client: WebClient, view_id: str, view_hash: str | None, view: Block) -> bool:
    """Replace a view; False where it was closed, or changed in the meantime."""
    try:
        client.views_update(view_id=view_id, hash=view_hash, view=view)
    except SlackApiError as error:
        if error.response.get("error") not in _CLOSED:
            raise
        log.info("view.not_updated", view_id=view_id, error=error.response.get("error"))
        return False
    return True
