"""The bot's Prometheus metrics: what the ledger says, read anew at each scrape, and Slack's errors."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from bot.slack_errors import SlackError
from db.errors import SignoffError
from db.lifecycle import ExperimentStatus, OutboxStatus, RunStatus
from db.queries.figures import Figures, figures
from db.session import Database

SECONDS_PER_HOUR = 3600.0
# From "at once" to "tomorrow", in seconds.
WAIT_BUCKETS_S = (5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 24 * 3600)


class LedgerCollector(Collector):
    """Asks the ledger once for each scrape. Where it does not answer, `signoff_ledger_up` says so."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        """None: a registry would collect everything to learn the names, and so need a ledger at start."""
        return ()

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("signoff_ledger_up", "1 where the ledger answered this scrape, else 0")
        try:
            found = figures(self._database, self._clock())
        except SignoffError:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        yield from _of_work(found)
        yield from _of_messages(found)
        yield from _of_hosts(found)


class SlackErrors:
    """Counts what Slack refused, by method and code."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counter = Counter(
            "signoff_slack_errors",
            "Calls of the sender that Slack refused or did not answer",
            ("method", "code"),
            registry=registry,
        )

    def __call__(self, error: SlackError) -> None:
        self._counter.labels(error.method, error.code).inc()


def _of_work(figures: Figures) -> Iterator[Metric]:
    queue = GaugeMetricFamily("signoff_queue_depth", "Runs that wait for slots", labels=("device",))
    for device in {"cpu", "gpu", *figures.queued}:
        queue.add_metric((device,), figures.queued.get(device, 0))
    yield queue
    runs = GaugeMetricFamily("signoff_runs", "Runs by status", labels=("status",))
    for run_status in RunStatus:
        runs.add_metric((run_status.value,), figures.runs.get(run_status, 0))
    yield runs
    experiments = GaugeMetricFamily(
        "signoff_experiments", "Proposed experiments by status", labels=("status",)
    )
    for status in ExperimentStatus:
        experiments.add_metric((status.value,), figures.experiments.get(status, 0))
    yield experiments
    yield _waits(figures.waits_s)
    hours = CounterMetricFamily(
        "signoff_gpu_hours", "GPU hours that each person's runs have held", labels=("person", "name")
    )
    for (person, name), held_s in figures.gpu_s.items():
        hours.add_metric((person, name), held_s / SECONDS_PER_HOUR)
    yield hours


def _waits(waits_s: Iterable[float]) -> Metric:
    waits = sorted(waits_s)
    counts = [0] * (len(WAIT_BUCKETS_S) + 1)
    for wait in waits:
        counts[next((n for n, bound in enumerate(WAIT_BUCKETS_S) if wait <= bound), -1)] += 1
    bounds = [*(str(float(bound)) for bound in WAIT_BUCKETS_S), "+Inf"]
    family = HistogramMetricFamily(
        "signoff_approval_to_first_step_seconds",
        "From an experiment's approval to the first training step of one of its seeds",
    )
    family.add_metric(
        (), buckets=list(zip(bounds, map(float, accumulate(counts)), strict=True)), sum_value=sum(waits)
    )
    return family


def _of_messages(figures: Figures) -> Iterator[Metric]:
    messages = GaugeMetricFamily("signoff_outbox_messages", "Slack messages by status", labels=("status",))
    for status in OutboxStatus:
        messages.add_metric((status.value,), figures.messages.get(status, 0))
    yield messages
    yield GaugeMetricFamily(
        "signoff_outbox_lag_seconds",
        "How long the Slack message that waits longest is overdue",
        value=figures.oldest_message_s,
    )


def _of_hosts(figures: Figures) -> Iterator[Metric]:
    ages = GaugeMetricFamily(
        "signoff_host_heartbeat_age_seconds", "Since the last pass of each host's worker", labels=("host",)
    )
    for host, age_s in figures.heartbeats_s.items():
        ages.add_metric((host,), age_s)
    yield ages
    slots = GaugeMetricFamily(
        "signoff_slots",
        "Slots that a host offers, by whether a run holds them",
        labels=("host", "kind", "held"),
    )
    for (host, kind, held), count in figures.slots.items():
        slots.add_metric((host, kind, str(held).lower()), count)
    yield slots
