"""How JAX is to run here. It reads this once, when it is first imported."""

import os
from collections.abc import MutableMapping


def one_process_one_core(environment: MutableMapping[str, str], threads: int) -> None:
    """Keep JAX on the CPU, and on one thread where the run has one.

    What somebody has set already stays as it is.
    """
    environment.setdefault("JAX_PLATFORMS", "cpu")
    if threads == 1:
        known = environment.get("XLA_FLAGS", "")
        if "multi_thread_eigen" not in known:
            environment["XLA_FLAGS"] = f"{known} --xla_cpu_multi_thread_eigen=false".strip()


def prepare(threads: int) -> None:
    """Before the first import of JAX in this process."""
    one_process_one_core(os.environ, threads)
