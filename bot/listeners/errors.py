"""The last net: whatever a listener did not expect is logged, and the person is told in words.

The net is around each listener and not Bolt's own: Bolt 1.30 forgets an ack when a listener fails
within some milliseconds after it, and the person would read that the app did not respond.
"""

import inspect
import traceback
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt import Ack, App, Args
from slack_sdk.errors import SlackApiError

from bot.forms.filled import View, block_ids
from bot.listeners.answers import person_of, tell
from bot.listeners.opening import Told
from bot.messages import refusals
from db.errors import Busy, SignoffError

log = structlog.get_logger(__name__)

Listener = Callable[..., None]

_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"})


class GuardedApp:
    """Registers listeners as Bolt's app does, each inside the net."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __getattr__(self, kind: str) -> Callable[..., Callable[[Listener], None]]:
        """`command`, `shortcut`, `action`, `view`, `options`, `event`."""
        add = getattr(self._app, kind)

        def listen(constraint: Any) -> Callable[[Listener], None]:
            def keep(listener: Listener) -> None:
                add(constraint)(guarded(listener))

            return keep

        return listen


def guarded(listener: Listener) -> Callable[[Args], None]:
    """The listener with its errors answered; it asks for Bolt's arguments by name as always."""
    names = tuple(inspect.signature(listener).parameters)

    def call(args: Args) -> None:
        try:
            listener(**{name: getattr(args, name) for name in names})
        except Exception as error:  # noqa: BLE001 - nothing that goes wrong may stay untold
            answer(error, args)

    return call


def answer(error: Exception, args: Args) -> None:
    """Log, ack where that has not happened yet, and tell the person unless they know already."""
    acked = args.ack.response is not None
    kind = args.body.get("type")
    if kind == "view_submission" and not acked:
        _ack_at_first_field(args.ack, args.body["view"])
        _log(error)
        return
    if kind == "block_suggestion" and not acked:
        args.ack(options=[])
    elif not acked:
        args.ack()
    _log(error)
    if not isinstance(error, Told) and kind not in {"block_suggestion", "event_callback"}:
        _tell(args, sentence_for(error))


def sentence_for(error: Exception) -> str:
    """What the person reads."""
    if isinstance(error, Busy):
        return refusals.BUSY
    if isinstance(error, SignoffError):
        return refusals.as_sentence(str(error))
    if isinstance(error, SlackApiError) and error.response.get("error") in _TOO_LATE:
        return refusals.TOO_LATE
    return refusals.ACCIDENT


def _log(error: Exception) -> None:
    if isinstance(error, SignoffError):
        log.info("listener.refused", error=str(error))
        return
    # Formatted here: a renderer that shows local variables is slow, and shows what nobody should read.
    shown = "".join(traceback.format_exception(error))
    log.error("listener.failed", error=str(error), traceback=shown)


def _ack_at_first_field(ack: Ack, view: View) -> None:
    shown = block_ids(view)
    if shown:
        ack(response_action="errors", errors={next(iter(shown.values())): refusals.ACCIDENT_FORM})
    else:
        ack()


def _tell(args: Args, sentence: str) -> None:
    try:
        tell(args.client, args.body, refusals.sentence(sentence))
    except (SlackApiError, OSError) as error:
        log.warning("listener.not_told", user_id=person_of(args.body).id, error=str(error))
