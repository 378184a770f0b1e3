"""A worker for the tests: each finalize doorbell touches a file named by its id."""

import sys
from pathlib import Path

from db.doorbell import Task, make_app, shared_queue
from db.settings import LedgerSettings


def main(folder: Path, broker_url: str | None) -> None:
    app = make_app(LedgerSettings(_env_file=None, data_dir=folder, broker_url=broker_url))

    @app.task(name=Task.FINALIZE.value)
    def _touch(number: int) -> None:
        (folder / f"heard-{number}").touch()

    app.worker_main(
        [
            "worker",
            "--pool=prefork",
            "--concurrency=1",
            f"--queues={shared_queue()}",
            "--hostname=test@localhost",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
