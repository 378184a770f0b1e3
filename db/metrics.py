"""Serves a process's Prometheus metrics on the port that its settings name. docs/metrics.md lists them."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import CollectorRegistry, start_http_server

from db.settings import LedgerSettings

log = structlog.get_logger(__name__)


@contextmanager
def serving(settings: LedgerSettings, registry: CollectorRegistry) -> Iterator[int | None]:
    """The port that /metrics is served on while the block runs; None where none is wanted.

    A port that is taken is logged and no reason to stop: a bot without metrics is still a bot.
    """
    if not settings.metrics_port:
        yield None
        return
    try:
        server, thread = start_http_server(
            settings.metrics_port, addr=settings.metrics_host, registry=registry
        )
    except OSError as error:
        log.warning(
            "metrics.not_served",
            port=settings.metrics_port,
            error=str(error),
            remedy="give this process another SIGNOFF_METRICS_PORT",
        )
        yield None
        return
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
