"""The Celery tasks: one name and one id each, done within seconds, harmless when repeated or lost.

None of them waits for a container. What cannot be done now is left as it is: the host loop's sweep
over the ledger rings for it again.
"""

from collections.abc import Callable, Mapping

import structlog
from celery import Celery

from db.doorbell import Task
from db.errors import Busy, Conflict, LeaseLost, NotFound
from db.logs import Subject, about, subject
from worker.conclude import conclude
from worker.finalize import finalize
from worker.launch import launch
from worker.launchers.launcher import LauncherDown
from worker.scheduler import schedule
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

HEARD_FILE = "heard"

# Another process was first, or something does not answer: the sweep sees to it.
LEFT_TO_THE_SWEEP = (Busy, Conflict, LeaseLost, NotFound, LauncherDown)


def _schedule(work: Workplace, _: int) -> None:
    """Also the proof that doorbells arrive at all, which the host loop looks for."""
    (work.state / HEARD_FILE).touch()
    schedule(work)


TASKS: Mapping[Task, Callable[[Workplace, int], None]] = {
    Task.SCHEDULE: _schedule,
    Task.LAUNCH: launch,
    Task.FINALIZE: finalize,
    Task.CONCLUDE: conclude,
}


def perform(work: Workplace, task: Task, number: int) -> None:
    """Does what a doorbell asks for, as far as that is possible now."""
    try:
        with about(_subject(work, task, number)):
            TASKS[task](work, number)
    except LEFT_TO_THE_SWEEP as error:
        log.warning("left_to_the_sweep", task=task.value, id=number, reason=repr(error))


def _subject(work: Workplace, task: Task, number: int) -> Subject:
    """What the log lines of a task are about. Raises as the task itself would."""
    if task is Task.LAUNCH:
        attempt = work.queries.attempt(number)
        return subject(work.queries.run(attempt.run_id), attempt)
    if task is Task.FINALIZE:
        return subject(work.queries.run(number))
    return {"experiment": f"E-{number}"} if task is Task.CONCLUDE else {}


def register(app: Celery, workplace: Callable[[], Workplace]) -> None:
    """Gives the app a task for each doorbell. `workplace` is asked when a task runs, in its process."""
    for task in TASKS:
        _register(app, task, workplace)


def _register(app: Celery, task: Task, workplace: Callable[[], Workplace]) -> None:
    @app.task(name=task.value)
    def _task(number: int) -> None:
        perform(workplace(), task, number)
