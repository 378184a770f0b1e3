"""Any order of crashes, lost and doubled doorbells, outages and clicks keeps the promises of the house."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from db.audit import verify
from db.lifecycle import LIVE_ATTEMPTS, TERMINAL_RUNS, RunStatus
from db.migrations.run import migrate
from db.records import Run
from tests.unit.worker.conftest import MEMORY
from tests.unit.worker.house import KAI, House
from worker.launchers.launcher import Container, ContainerState, LaunchFailed
from worker.names import attempt_id_of
from worker.tasks import perform

pytestmark = pytest.mark.service

PATIENCE = 200


class Worker(RuleBasedStateMachine):
    """Rules are what can happen; invariants hold after each; `teardown` asks for the end of every run."""

    template: Path

    @initialize()
    def move_in(self) -> None:
        self.root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        shutil.copytree(self.template, self.root, dirs_exist_ok=True)
        self.house = House(self.root)
        self.ended: dict[int, RunStatus] = {}
        self.experiment = self.house.approve(seeds=2)

    @rule(seconds=st.sampled_from([2.0, 2.0, 2.0, 10.0, 61.0]))
    def the_host_loop_passes(self, seconds: float) -> None:
        self.house.step(seconds)

    @rule(times=st.sampled_from([1, 1, 2, 5]))
    def doorbells_are_heard(self, times: int) -> None:
        for task, number in self.house.bell.take() * times:
            perform(self.house.work, task, number)

    @rule()
    def doorbells_are_lost(self) -> None:
        self.house.bell.take()

    @precondition(lambda self: self.running())
    @rule(data=st.data(), code=st.sampled_from([0, 0, 0, 1, 12]))
    def a_trainer_ends(self, data: st.DataObject, code: int) -> None:
        self.end(data.draw(st.sampled_from(self.running())), code)

    @precondition(lambda self: self.running())
    @rule(data=st.data())
    def a_trainer_is_killed(self, data: st.DataObject) -> None:
        seen = data.draw(st.sampled_from(self.running()))
        self.house.launcher.exits(seen.handle, 137, signal=9)

    @precondition(lambda self: self.running())
    @rule(data=st.data())
    def a_trainer_vanishes(self, data: st.DataObject) -> None:
        self.house.launcher.vanishes(data.draw(st.sampled_from(self.running())).handle)

    @rule()
    def the_next_launch_fails(self) -> None:
        self.house.launcher.next_failure = LaunchFailed("no room")

    @rule(down=st.booleans())
    def the_launcher_comes_and_goes(self, down: bool) -> None:
        self.house.launcher.down = down

    @rule()
    def the_worker_is_restarted(self) -> None:
        self.house.restart()

    @rule()
    def a_person_stops_it(self) -> None:
        self.house.ledger.experiments.request_stop(self.experiment.number, KAI)

    @invariant()
    def no_run_has_two_containers(self) -> None:
        runs = [container.run for container in self.running()]
        assert len(runs) == len(set(runs))

    @invariant()
    def no_attempt_is_started_twice(self) -> None:
        launches = self.house.launcher.launches
        assert len(launches) == len(set(launches))

    @invariant()
    def what_runs_owns_its_slot(self) -> None:
        owners = [slot.owner_attempt_id for slot in self.house.queries.slots("here") if slot.owner_attempt_id]
        assert len(owners) == len(set(owners))
        for container in self.running():
            assert attempt_id_of(container.token) in owners

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        for run in self.runs():
            was = self.ended.get(run.id)
            assert was in (None, run.status)
            if run.status in TERMINAL_RUNS:
                self.ended[run.id] = run.status
                assert run.attempt is None or run.attempt.status not in LIVE_ATTEMPTS

    def teardown(self) -> None:
        if not hasattr(self, "house"):
            return
        try:
            self.everything_comes_to_its_end()
        finally:
            self.house.close()
            shutil.rmtree(self.root)

    def everything_comes_to_its_end(self) -> None:
        self.house.launcher.down = False
        self.house.launcher.next_failure = None
        for _ in range(PATIENCE):
            self.house.turn(10.0)
            for seen in self.running():
                self.end(seen, 0)
            if self.is_over():
                break
        shown = self.house.queries.experiment(self.experiment.number)
        assert all(run.status in TERMINAL_RUNS for run in shown.runs), [run.status for run in shown.runs]
        assert len(shown.results) == 1
        self.house.turn()
        assert not any(slot.owner_attempt_id for slot in self.house.queries.slots("here"))
        assert verify(self.house.queries.events(shown.number)) == ()
        self.no_attempt_is_started_twice()

    def is_over(self) -> bool:
        shown = self.house.queries.experiment(self.experiment.number)
        return bool(shown.results) and all(run.status in TERMINAL_RUNS for run in shown.runs)

    def runs(self) -> tuple[Run, ...]:
        return self.house.queries.experiment(self.experiment.number).runs

    def running(self) -> list[Container]:
        if not hasattr(self, "house"):
            return []
        containers = self.house.launcher.containers
        return [seen for seen in containers if seen.state is ContainerState.RUNNING]

    def end(self, seen: Container, code: int) -> None:
        """The trainer writes its result, which may be the first that anybody knows of its start."""
        run = next(run for run in self.runs() if run.key == seen.run)
        assert run.attempt is not None
        self.house.finishes(run, code, result={"attempt": seen.attempt}, handle=seen.handle)


def test_promises_hold_whatever_happens(empty_ledger: Path) -> None:
    Worker.template = empty_ledger
    state_machine = Worker.TestCase
    state_machine.settings = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    state_machine("runTest").runTest()


@pytest.fixture(scope="module")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    migrate(f"sqlite:///{folder / 'ledger.db'}")
    return folder
