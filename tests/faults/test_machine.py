"""Clicks, lost and doubled messages, outages and crashes at any point, in any order: I1 to I9 hold."""

import multiprocessing
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.slack_errors import Ambiguous, RateLimited, SlackError
from db.errors import SignoffError
from db.records import Run
from tests.faults import invariants
from tests.faults.conftest import MEMORY
from tests.faults.scenario import one_turn, people_act
from tests.faults.test_crashpoints import PLAYED
from tests.faults.town import Town
from tests.unit.worker.house import KAI
from trainer.crashpoints import EXIT_CODE
from worker.launchers.launcher import LaunchFailed
from worker.tasks import perform

pytestmark = pytest.mark.service

POST = "chat.postMessage"
PATIENCE_S = 100
MOST_TURNS = 60


def lost() -> SlackError:
    return Ambiguous(POST, "no_answer", "no answer")


class Team(RuleBasedStateMachine):
    """Rules are what can happen; `teardown` asks for the end of everything."""

    template: Path

    @initialize()
    def move_in(self) -> None:
        self.root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        shutil.copy(self.template, self.root / "ledger.db")
        self.url = f"sqlite:///{self.root / 'ledger.db'}"
        self.town = Town(self.root, self.url)
        people_act(self.town)

    @rule(times=st.sampled_from([1, 2]))
    def somebody_clicks(self, times: int) -> None:
        for _ in range(times):
            people_act(self.town)

    @rule(seconds=st.sampled_from([2.0, 20.0, 61.0]))
    def the_host_loop_passes(self, seconds: float) -> None:
        self.town.step(seconds)

    @rule(times=st.sampled_from([1, 1, 3]))
    def doorbells_are_heard(self, times: int) -> None:
        for task, number in self.town.bell.take() * times:
            perform(self.town.work, task, number)

    @rule()
    def doorbells_are_lost(self) -> None:
        self.town.bell.take()

    @rule(times=st.sampled_from([1, 3]))
    def the_sender_works(self, times: int) -> None:
        for _ in range(times):
            self.town.sender.step()

    @rule(fate=st.sampled_from(["answer lost", "never arrived", "too many"]))
    def slack_has_a_bad_moment(self, fate: str) -> None:
        slack = self.town.slack
        if fate == "answer lost":
            slack.lose.setdefault(POST, []).append(lost())
        else:
            error = RateLimited(POST, 3) if fate == "too many" else lost()
            slack.fail.setdefault(POST, []).append(error)

    @precondition(lambda self: self.training())
    @rule(data=st.data(), end=st.sampled_from(["well", "error", "killed", "vanished"]))
    def a_trainer_ends(self, data: st.DataObject, end: str) -> None:
        run = data.draw(st.sampled_from(self.training()))
        handle = self.town.handle(run)
        if end == "vanished":
            self.town.launcher.vanishes(handle)
        elif end == "killed":
            self.town.launcher.exits(handle, 137, signal=9)
        elif end == "error":
            self.town.finishes(run, 1)
        else:
            self.town.train(run)

    @rule()
    def the_next_launch_fails(self) -> None:
        self.town.launcher.next_failure = LaunchFailed("no room")

    @rule(down=st.booleans())
    def the_launcher_comes_and_goes(self, down: bool) -> None:
        self.town.launcher.down = down

    @rule()
    def a_person_stops_it(self) -> None:
        experiment = self.town.experiment()
        if experiment is not None:
            self.town.ledger.experiments.request_stop(experiment.number, KAI)

    @rule(point=st.sampled_from(PLAYED), n=st.sampled_from([1, 1, 2]))
    def everything_of_ours_ends_at_a_point(self, point: str, n: int) -> None:
        self.town.keep_time()
        self.town.close()
        said = self.root / "said"
        child = multiprocessing.get_context("forkserver").Process(
            target=one_turn, args=(self.root, self.url, f"{point}:{n}", said)
        )
        child.start()
        child.join(PATIENCE_S)
        assert child.exitcode in (0, EXIT_CODE), said.read_text()[-3000:]
        child.close()
        self.town = Town(self.root, self.url)

    @invariant()
    def the_promises_hold(self) -> None:
        if hasattr(self, "town"):
            invariants.safe(self.town)

    def training(self) -> list[Run]:
        if not hasattr(self, "town"):
            return []
        return [run for run in self.town.everything() if self.town.seen(run)]

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        try:
            self.everything_comes_to_its_end()
        finally:
            self.town.close()
            shutil.rmtree(self.root)

    def everything_comes_to_its_end(self) -> None:
        self.town.launcher.down = False
        self.town.launcher.next_failure = None
        for _ in range(MOST_TURNS):
            if self.town.is_over() or self.was_refused():
                break
            people_act(self.town)
            self.town.everybody_works()
        if not self.was_refused():
            invariants.settled(self.town)

    def was_refused(self) -> bool:
        """A failed smoke run before the approval closes the gate; then there is nothing to wait for."""
        experiment = self.town.experiment()
        try:
            return experiment is not None and experiment.status.value not in ("PROPOSED", "APPROVED")
        except SignoffError:
            return False


def test_promises_hold_whatever_happens(empty_ledger: Path) -> None:
    Team.template = empty_ledger
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.faults.scenario"])
    machine = Team.TestCase
    machine.settings = settings(
        max_examples=6,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        derandomize=True,
    )
    machine("runTest").runTest()
