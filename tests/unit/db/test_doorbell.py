import json
import socket
import threading
import time
from pathlib import Path

import pytest
from celery import Celery

from db.doorbell import Doorbell, Task, host_queue, make_app, shared_queue
from db.settings import LedgerSettings

PATIENCE_S = 10.0
LONGEST_RING_S = 0.2


@pytest.fixture
def settings(tmp_path: Path) -> LedgerSettings:
    return LedgerSettings(_env_file=None, data_dir=tmp_path)


def waiting(settings: LedgerSettings) -> list[Path]:
    return sorted((settings.broker_folder / "messages").iterdir())


def app_for(tmp_path: Path, broker_url: str) -> Celery:
    return make_app(LedgerSettings(_env_file=None, data_dir=tmp_path, broker_url=broker_url, instance="lab"))


def test_a_ring_carries_a_name_and_an_id_to_its_queue(settings: LedgerSettings) -> None:
    bell = Doorbell(make_app(settings))
    bell.ring(Task.LAUNCH, 7, queue=host_queue("gpu-1.lab"))
    bell.ring(Task.SCHEDULE, 0)
    by_queue = {path.name.partition(".")[2].removesuffix(".msg"): path for path in waiting(settings)}
    assert set(by_queue) == {"signoff.host.gpu-1.lab", shared_queue()}
    on_host = by_queue["signoff.host.gpu-1.lab"]
    message = json.loads(on_host.read_text())
    assert message["headers"]["task"] == "signoff.launch"
    assert message["headers"]["argsrepr"] == "[7]"


def test_what_is_rung_is_heard(settings: LedgerSettings) -> None:
    app = make_app(settings)
    Doorbell(app).ring(Task.FINALIZE, 3)
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(shared_queue())
        message = queue.get(timeout=PATIENCE_S)
        assert message.payload[0] == [3]
        message.ack()
        queue.close()
    assert waiting(settings) == []


def test_no_reader_ever_sees_half_a_message(settings: LedgerSettings) -> None:
    app = make_app(settings)
    folder, over, seen = settings.broker_folder / "messages", threading.Event(), []

    def read() -> None:
        while not over.is_set():
            for path in folder.glob("*.msg"):
                try:
                    seen.append(json.loads(path.read_text()))
                except FileNotFoundError:
                    continue
                path.unlink(missing_ok=True)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(100):
        app.send_task(Task.LAUNCH.value, args=["x" * 200_000], queue=shared_queue())
    over.set()
    reader.join(PATIENCE_S)
    left = len(list(folder.glob("*.msg")))
    assert len(seen) + left >= 100
    assert not list(folder.glob("*.part"))


def test_a_broker_that_refuses_or_hangs_holds_nobody_up(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        for port in (1, silent.getsockname()[1]):
            bell = Doorbell(app_for(tmp_path, f"redis://127.0.0.1:{port}/0"))
            started = time.monotonic()
            for _ in range(3):
                bell.ring(Task.CONCLUDE, 1)
            assert time.monotonic() - started < 3 * LONGEST_RING_S


DOORBELL = {
    "task_acks_late": False,  # a lost one is rung again, a late one would be done twice
    "task_ignore_result": True,
    "result_backend": None,
    "task_time_limit": 60,
    "task_soft_time_limit": 45,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_publish_retry_policy": {"max_retries": 1},
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 200,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "worker_enable_remote_control": False,
    "worker_soft_shutdown_timeout": 0.0,
    "worker_enable_soft_shutdown_on_idle": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "beat_schedule": {},
}
REDIS = {
    "visibility_timeout": 300,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": "lab:",
    "unacked_restore_throttle": 1,
}


def test_the_settings_are_those_of_a_doorbell(tmp_path: Path, settings: LedgerSettings) -> None:
    folders, redis = make_app(settings), app_for(tmp_path, "redis://127.0.0.1:6379/0")
    for app in (folders, redis):
        assert {name: getattr(app.conf, name) for name in DOORBELL} == DOORBELL
    assert redis.conf.broker_transport_options == REDIS
    assert redis.conf.worker_disable_prefetch is True
    assert folders.conf.broker_transport_options["polling_interval"] == 0.1
    assert folders.conf.broker_transport == "db.doorbell:AtomicTransport"


def test_other_brokers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="use redis"):
        app_for(tmp_path, "amqp://localhost")
