"""The worker's Prometheus metrics: how its own loop does. What the ledger knows, the bot serves."""

from prometheus_client import CollectorRegistry, Counter, Histogram

# A pass over hundreds of containers takes a second; one that takes ten starves the lease.
PASS_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class LoopMetrics:
    """What the host loop tells of its passes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._passes = Histogram(
            "signoff_reconcile_pass_seconds",
            "One comparison of the ledger with this host's containers",
            buckets=PASS_BUCKETS_S,
            registry=registry,
        )
        self._failures = Counter(
            "signoff_host_pass_failures",
            "Passes of the host loop that the ledger or the disk cut short",
            registry=registry,
        )

    def reconciled(self, seconds: float) -> None:
        self._passes.observe(seconds)

    def failed(self) -> None:
        self._failures.inc()
