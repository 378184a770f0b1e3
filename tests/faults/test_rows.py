"""Outages and accidents of hours and hosts, played on a clock of our own."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text, update

from bot.slack_errors import Ambiguous
from bot.slack_port import Payload
from db.errors import Unavailable
from db.lifecycle import ExitCause, OutboxStatus, RunStatus
from db.models import AttemptRow, OutboxEntry
from db.records import OutboxKind
from tests.builders import House, make_house
from tests.faults import invariants
from tests.faults.scenario import people_act
from tests.faults.town import Town
from worker.launchers.launcher import ContainerState

MOST_TURNS = 80
HOUR_TURNS = 60


def until_over(town: Town) -> None:
    for _ in range(MOST_TURNS):
        if town.is_over():
            return
        people_act(town)
        town.everybody_works()
    raise AssertionError([(run.key, run.status) for run in town.everything()])


class Silent:
    """A Slack that answers nothing, for as long as it is `down`, and counts what it gets afterwards."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.down = True
        self.posts: list[float] = []
        self.edits: list[float] = []
        self._post, self._update = town.slack.post, town.slack.update
        town.slack.post = self.post  # type: ignore[method-assign]  # the world, not our own module
        town.slack.update = self.update  # type: ignore[method-assign]  # as above

    def post(self, payload: Payload) -> str:
        self._answer()
        self.posts.append(self.town.clock.seconds())
        return self._post(payload)

    def update(self, payload: Payload) -> None:
        self._answer()
        self.edits.append(self.town.clock.seconds())
        self._update(payload)

    def _answer(self) -> None:
        if self.down:
            raise Ambiguous("chat.postMessage", "no_answer", "No answer.")


def test_row_16_what_an_hour_without_slack_held_up_is_said_once_and_slowly(root: Path, url: str) -> None:
    town = Town(root, url)
    slack = Silent(town)
    people_act(town)
    for turn in range(HOUR_TURNS):
        people_act(town)
        town.turn(60.0)
        for run in town.everything():
            if town.seen(run) and run.seed_index == 2:  # its progress is told again and again
                town.says_progress(run, turn)
            else:
                town.train(run)
        if turn % 10 == 0:
            town.sender.step()
    assert slack.posts == []
    slack.down = False
    for run in town.everything():
        if town.seen(run) and run.seed_index == 2:
            town.finishes(run)
    until_over(town)
    invariants.settled(town)
    gaps = [later - before for before, later in zip(slack.posts, slack.posts[1:], strict=False)]
    assert min(gaps) >= 1.0
    assert len(slack.edits) <= 10, "progress of an hour is one edit of a card, not one each"
    said = Counter((message.key or "file").split("/")[1] for message in town.slack.posted if message.key)
    assert said["result"] == said["decision"] == said["proposal"] == said["status"] == 1
    town.close()


def test_row_26_a_host_that_was_restarted_goes_on_from_the_checkpoint(root: Path, url: str) -> None:
    town = Town(root, url)
    while not (runs := [run for run in town.everything() if run.label == "s2" and town.seen(run)]):
        people_act(town)
        town.everybody_works()
    (run,) = runs
    assert run.attempt is not None
    with town.database.write() as session:  # it was started in an earlier boot
        mine = update(AttemptRow).where(AttemptRow.id == run.attempt.id)
        session.execute(mine.values(boot_id="an earlier boot"))
    for seen in town.launcher.containers:
        if seen.state is ContainerState.RUNNING:
            town.launcher.exits(seen.handle, 255)
    town.restart()
    began = town.clock.seconds()
    town.turns_until(lambda: town.run_again(run.id).resumes > run.resumes, seconds=5)
    town.turns_until(lambda: town.run_again(run.id).status is RunStatus.RUNNING, seconds=5)
    assert town.clock.seconds() - began <= 120
    again = town.run_again(run.id)
    assert (again.attempt.n if again.attempt else 0, again.resumes) == (run.attempt.n + 1, run.resumes + 1)
    until_over(town)
    invariants.settled(town)
    town.close()


def test_row_5_without_a_single_doorbell_everything_is_done(root: Path, url: str) -> None:
    town = Town(root, url)
    town.bell.ring = lambda *_, **__: None  # type: ignore[method-assign]  # a broker that loses everything
    for _ in range(MOST_TURNS):
        people_act(town)
        town.step(20.0)
        town.hear_the_sweep()
        for run in town.everything():
            town.train(run)
        while town.sender.step():
            pass
        if town.is_over():
            break
    invariants.settled(town)
    town.close()


def test_row_24_a_full_disk_under_the_ledger_saves_nothing_and_loses_nothing(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    number = house.propose().number
    before = house.queries.experiment(number)
    with house.database.write() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(Unavailable):
        propose_without_end(house)
    numbers = [line.number for line in house.queries.recent(300)]
    assert house.queries.experiment(number) == before
    for saved in numbers:  # each is there with its history and its messages, or not at all
        assert house.queries.events(saved)
        with house.database.read() as session:
            kinds = {row.kind for row in session.query(OutboxEntry).filter_by(experiment=saved)}
        assert OutboxKind.PROPOSAL in kinds
    with house.database.write() as session:
        session.execute(text("PRAGMA max_page_count = 1000000"))
    assert house.propose().number == max(numbers) + 1
    house.database.dispose()


def propose_without_end(house: House) -> None:
    for _ in range(200):
        house.propose(objective="x" * 4_000)


def test_a_run_is_lost_to_the_machine_three_times_and_no_more(root: Path, url: str) -> None:
    town = Town(root, url)
    while not any(run.status is RunStatus.FAILED for run in town.everything()):
        people_act(town)
        town.turn(20.0)
        for run in town.everything():
            seen = town.seen(run)
            if seen and run.seed_index == 2:
                town.launcher.exits(seen, 137, signal=9)
            elif seen:
                town.train(run)
        while town.sender.step():
            pass
    (failed,) = [run for run in town.everything() if run.status is RunStatus.FAILED]
    assert (failed.label, failed.cause, failed.resumes) == ("s2", ExitCause.INFRASTRUCTURE, 3)
    until_over(town)
    with town.database.read() as session:
        told = session.query(OutboxEntry).filter_by(kind=OutboxKind.RESUMED, status=OutboxStatus.SENT)
        keys = [row.key.partition("/")[2] for row in told if "s2" in row.key]
    assert keys == ["resumed/s2/1", "resumed/s2/2", "resumed/s2/3"]
    town.close()
