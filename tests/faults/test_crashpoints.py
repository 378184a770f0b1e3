"""The process is ended at every point of every write path: nothing is lost, nothing is doubled."""

import ast
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import invariants
from tests.faults.scenario import play
from tests.faults.town import Town
from trainer.crashpoints import EXIT_CODE, POINTS

pytestmark = pytest.mark.service

ROOMS = ("bot", "db", "trainer", "worker")
IN_A_RUN_FOLDER = frozenset({"checkpoint.written", "checkpoint.renamed", "file.before_replace"})
PLAYED = sorted(POINTS.keys() - IN_A_RUN_FOLDER)
DELICATE = ("launch.started", "finalize.resumed", "conclude.drawn", "sender.shown", "upload.completed")
PATIENCE_S = 100


class World:
    """Processes that follow one another over the same ledger, machine and Slack."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.url = url
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.faults.scenario"])

    def live(self, crashes: str) -> str | None:
        """One process, until it crashes (at the point that is returned) or all is over (None)."""
        said = self.root / "said"
        process = self._processes.Process(target=play, args=(self.root, self.url, crashes, said))
        process.start()
        process.join(PATIENCE_S)
        code = process.exitcode
        process.kill()
        process.join()
        process.close()
        last = said.read_text().strip().rpartition("\n")[2]
        if code == 0:
            return None
        assert code == EXIT_CODE, (code, said.read_text()[-3000:])
        return last.removeprefix("crashed at ")

    def look(self) -> Town:
        """What is left, seen by a process that does nothing."""
        return Town(self.root, self.url)


def settled(world: World) -> None:
    """Everything has come to its end, and no training was lost but the two that the machine took."""
    town = world.look()
    invariants.settled(town)
    attempts = {run.label: run.attempt.n for run in town.everything() if run.attempt}
    town.close()
    assert attempts == {"smoke": 1, "s1": 2, "s2": 2}, "I9: a crash of ours cost a training"


def _tier(point: str) -> tuple[pytest.MarkDecorator, ...]:
    """The delicate ones each time; all of them in the slow tier, since one life visits them all."""
    return () if point in DELICATE else (pytest.mark.slow,)


@pytest.fixture
def world(root: Path, sqlite_url: str) -> World:
    return World(root, sqlite_url)


def test_one_life_with_a_crash_at_every_point(root: Path, url: str) -> None:
    world = World(root, url)
    left = {f"{point}:1" for point in PLAYED}
    while (crashed := world.live(",".join(sorted(left)))) is not None:
        left.remove(crashed)
        town = world.look()
        invariants.safe(town)
        town.close()
    assert left == set(), "these points were never passed"
    settled(world)


@pytest.mark.parametrize("point", [pytest.param(point, marks=_tier(point)) for point in PLAYED])
def test_a_crash_at_a_point_changes_nothing_in_the_end(world: World, point: str) -> None:
    assert world.live(f"{point}:1") == f"{point}:1"
    assert world.live("") is None
    settled(world)


@pytest.mark.parametrize("n", [9, 40])
@pytest.mark.parametrize("side", ["ledger.before_commit", "ledger.after_commit"])
def test_a_crash_around_any_transaction_changes_nothing_in_the_end(world: World, side: str, n: int) -> None:
    assert world.live(f"{side}:{n}") == f"{side}:{n}"
    assert world.live("") is None
    settled(world)


def test_the_table_names_every_point_of_the_code_and_no_other() -> None:
    root = Path(__file__).parents[2]
    named = [name for room in ROOMS for path in (root / room).rglob("*.py") for name in _points(path)]
    assert sorted(named) == sorted(set(named)), "a point stands twice"
    assert set(named) == set(POINTS)


def _points(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "crash_at":
            (name,) = node.args
            assert isinstance(name, ast.Constant), path
            yield str(name.value)
