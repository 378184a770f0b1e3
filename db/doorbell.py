"""Doorbells: Celery messages that carry a task's name and one id, and may be lost, doubled or late.

They only make things happen sooner. The ledger is the truth, and the host loop's sweep finds what a
lost doorbell would have announced. So a ring never fails and never waits for a broker.
"""

import os
import queue as queues
import threading
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic

import structlog
from celery import Celery
from kombu import Exchange
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

from db.settings import LedgerSettings

log = structlog.get_logger(__name__)

RING_PATIENCE_S = 0.15
MOST_WAITING = 1000
POLLING_INTERVAL_S = 0.1
PUBLISH_TIMEOUT_S = 3


class Task(StrEnum):
    """What can be rung for. The id is a host's, an attempt's, a run's or an experiment's number."""

    SCHEDULE = "signoff.schedule"
    LAUNCH = "signoff.launch"
    FINALIZE = "signoff.finalize"
    CONCLUDE = "signoff.conclude"


def shared_queue() -> str:
    """The queue that every host's worker listens to."""
    return "signoff"


def host_queue(host_id: str) -> str:
    """The queue of one host: for what only that host can do."""
    return f"signoff.host.{host_id}"


class AtomicChannel(filesystem.Channel):
    """Kombu's folder of messages, whose reader must never see half a message and die of it."""

    def _put(self, queue: str, payload: object, **_: object) -> None:  # type: ignore[override] # so does kombu's own
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        part = folder / f"{name}.part"
        try:
            part.write_text(dumps(payload), encoding="utf-8")
            part.replace(folder / name)
        except OSError as error:
            raise ChannelError(f"can not add {name} to {folder}: {error}") from error


class AtomicTransport(filesystem.Transport):
    """The filesystem broker with an atomic put."""

    Channel = AtomicChannel


def make_app(settings: LedgerSettings) -> Celery:
    """The Celery app of a process. Tasks are added by the worker; the bot only rings."""
    app = Celery("signoff", set_as_current=False)
    app.conf.update(_TASKS, **_broker(settings))
    # Without a named exchange there are no bindings, which brokers lose, or rewrite while others read.
    app.amqp.autoexchange = _unnamed  # type: ignore[assignment] # it is called with a name; the stubs err
    return app


@dataclass(frozen=True)
class _Ring:
    task: Task
    number: int
    queue: str
    done: threading.Event = field(default_factory=threading.Event)


class Doorbell:
    """Rings from a thread of its own, so that a broker that hangs holds nobody up. Threads may share it."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._process = 0
        self._waiting: queues.Queue[_Ring] = queues.Queue(MOST_WAITING)

    def ring(self, task: Task, number: int, queue: str | None = None) -> None:
        """Ring for `task` about `number`, on the shared queue unless another is named.

        Returns within 0.2 s and raises nothing: what is not heard, the sweep finds.
        """
        ring = _Ring(task, number, queue or shared_queue())
        try:
            self._line().put_nowait(ring)
        except queues.Full:
            log.warning("doorbell.dropped", task=task.value, id=number)
            return
        ring.done.wait(RING_PATIENCE_S)

    def _line(self) -> queues.Queue[_Ring]:
        """The rings that wait, with a thread of this process to send them: none survives a fork."""
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                self._waiting = queues.Queue(MOST_WAITING)
                line = self._waiting
                threading.Thread(target=self._send, args=(line,), name="doorbell", daemon=True).start()
            return self._waiting

    def _send(self, line: "queues.Queue[_Ring]") -> None:
        while True:
            ring = line.get()
            try:
                self._app.send_task(ring.task.value, args=[ring.number], queue=ring.queue)
            except Exception as error:  # noqa: BLE001 - whatever a broker does, the sweep rings again
                log.warning("doorbell.lost", task=ring.task.value, id=ring.number, reason=repr(error))
            finally:
                ring.done.set()


_TASKS = {
    "task_acks_late": False,
    "task_ignore_result": True,
    "task_time_limit": 60,
    "task_soft_time_limit": 45,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_default_queue": shared_queue(),
    "task_default_exchange": "",
    "task_publish_retry_policy": {"max_retries": 1},
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 200,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": PUBLISH_TIMEOUT_S,
}


def _unnamed(_queue: str) -> Exchange:
    return Exchange("", type="direct")


def _broker(settings: LedgerSettings) -> dict[str, object]:
    if settings.broker_url is None:
        return _folders(settings.broker_folder)
    if settings.broker_url.startswith(("redis://", "rediss://", "redis+socket://", "unix://")):
        return {
            "broker_url": settings.broker_url,
            "broker_transport_options": _redis(settings.instance),
            "worker_disable_prefetch": True,
        }
    raise ValueError(
        f"{settings.broker_url} is not supported; use redis://..., or leave SIGNOFF_BROKER_URL out"
    )


def _folders(root: Path) -> dict[str, object]:
    messages, control, taken = root / "messages", root / "control", root / "taken"
    for folder in (messages, control, taken):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://",
        "broker_transport": "db.doorbell:AtomicTransport",
        "broker_transport_options": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
            "processed_folder": str(taken),
            "store_processed": False,
            "polling_interval": POLLING_INTERVAL_S,
        },
    }


def _redis(instance: str) -> dict[str, object]:
    return {
        "visibility_timeout": 300,
        "socket_timeout": 10,
        "socket_connect_timeout": PUBLISH_TIMEOUT_S,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "global_keyprefix": f"{instance}:",
        "unacked_restore_throttle": 1,
    }
