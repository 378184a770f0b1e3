"""Whatever waits, on whatever hosts, under whatever limits: nothing is given twice, lost or held back."""

import functools
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from db.ledger import Ledger
from db.lifecycle import RunStatus
from db.limits import Limits, excess
from db.models import RunRow
from db.queries import Queries
from db.records import Attempt, Budget, Gpu, Needs, Person, Run
from db.session import Database
from tests.builders import ANA, KAI, RUNTIME, ZOE, Clock, House, make_house
from tests.unit.db.ledger.test_gpus import queued

MIA = Person("UMIA", "Mia")
PEOPLE = (KAI, MIA, ZOE)
MEMORY = Path("/dev/shm")
SHARES = (0.25, 0.3, 0.5, 1.0, 1.0)


@dataclass(frozen=True)
class Machine:
    """What a host offers."""

    name: str
    cpu_slots: int
    gpus: int
    gpu_shares: int
    memory_mb: int


@dataclass(frozen=True)
class Wish:
    """A run that somebody queues."""

    author: int
    priority: int
    budget: Budget


machines = st.builds(
    Machine,
    name=st.just(""),
    cpu_slots=st.integers(1, 4),
    gpus=st.integers(0, 3),
    gpu_shares=st.sampled_from((1, 2, 4)),
    memory_mb=st.sampled_from((0, 8 * 1024, 16 * 1024)),
)
cpu_budgets = st.builds(Budget, cpus=st.integers(0, 3), memory_gb=st.sampled_from((0, 0, 4, 6)))
gpu_budgets = st.builds(
    lambda gpus, share, cpus: Budget(
        device="cuda", gpus=gpus, gpu_share=share if gpus == 1 else 1.0, cpus=cpus
    ),
    st.integers(1, 3),
    st.sampled_from(SHARES),
    st.integers(0, 1),
)
wishes = st.builds(
    Wish, author=st.integers(0, 2), priority=st.integers(-1, 1), budget=cpu_budgets | gpu_budgets
)
limit_sets = st.builds(
    Limits,
    person_gpus=st.sampled_from((None, 1, 2.5)),
    person_cpu_slots=st.sampled_from((None, 2)),
    team_gpus=st.sampled_from((None, 2)),
    teams=st.just({"both": frozenset({MIA.id, KAI.id})}),
)


class Town:
    """Hosts that take runs, and trainers that end when they are told to."""

    def __init__(self, house: House, hosts: Sequence[Machine], limits: Limits) -> None:
        self.house = house
        self.hosts = {host.name: host for host in hosts}
        self.limits = limits
        house.ledger = Ledger(house.database, house.clock, limits)
        self.epochs = {host.name: self._join(host) for host in hosts}
        self.started: list[Run] = []

    def _join(self, host: Machine) -> int:
        offered = tuple(Gpu(f"GPU-{host.name}-{n}") for n in range(host.gpus))
        joined = self.house.ledger.hosts.register(
            host.name,
            owner="test",
            cpu_slots=host.cpu_slots,
            gpus=offered,
            gpu_shares=host.gpu_shares,
            memory_mb=host.memory_mb,
            runtime=RUNTIME,
            boot_id="boot",
            lease_s=1e6,
        )
        return joined.epoch

    def queue(self, templates: Sequence[int], wished: Sequence[Wish]) -> None:
        """Each wish becomes a run like the template of its author."""
        with self.house.database.write() as session:
            for n, wish in enumerate(wished, start=2):
                row = session.scalars(
                    select(RunRow).where(RunRow.experiment == templates[wish.author], RunRow.label == "s1")
                ).one()
                columns = {each.key: getattr(row, each.key) for each in inspect(RunRow).column_attrs}
                needs = wish.budget.needs
                mine = {"label": f"s{n}", "seed_index": n, "priority": wish.priority}
                columns |= mine | {"status": RunStatus.QUEUED, "cause": None, "finished_at": None}
                columns |= {"gpus": needs.gpus, "gpu_share": needs.gpu_share}
                columns |= {"cpus": needs.cpus, "memory_mb": needs.memory_mb}
                columns |= {"cancel_requested_at": None, "cancel_requested_by": None}
                del columns["id"]
                session.add(RunRow(**columns))
                session.flush()

    def take(self, name: str) -> int:
        """One pass of a host; how many runs it started."""
        attempts = self.house.ledger.runs.reserve(name, self.epochs[name])
        self.started += [self.house.queries.run(attempt.run_id) for attempt in attempts]
        return len(attempts)

    def end(self, attempt: Attempt) -> None:
        runs, epoch = self.house.ledger.runs, self.epochs[attempt.host_id]
        runs.attempt_exited(attempt.id, exit_code=0, finished_at=self.house.clock(), epoch=epoch)
        runs.free_slots(attempt.id, epoch)

    @property
    def live(self) -> list[Attempt]:
        return [attempt for name in self.hosts for attempt in self.house.queries.live_attempts(name)]

    def check(self) -> None:
        """What must hold at any moment."""
        queries = self.house.queries
        for name, host in self.hosts.items():
            owned = defaultdict(list)
            for slot in queries.slots(name):
                if slot.owner_attempt_id is not None:
                    owned[slot.owner_attempt_id].append(slot)
            live = {attempt.id: queries.run(attempt.run_id) for attempt in queries.live_attempts(name)}
            assert set(owned) == set(live), "who lives owns its slots, and nobody else does"
            for attempt_id, run in live.items():
                kinds = [slot.kind for slot in owned[attempt_id]]
                devices = {slot.device for slot in owned[attempt_id] if slot.kind == "gpu"}
                parts = sum(kind == "gpu" for kind in kinds)
                assert kinds.count("cpu") == run.needs.cpus
                assert len(devices) == run.needs.gpus
                assert parts >= run.needs.gpu_amount * host.gpu_shares - 1e-9
            if host.memory_mb:
                assert sum(run.needs.memory_mb for run in live.values()) <= host.memory_mb
        self._check_limits()
        self._check_order()

    def _check_limits(self) -> None:
        held: dict[str, list[Needs]] = defaultdict(list)
        for holding in self.house.queries.holdings():
            held[holding.person.id].append(holding.run.needs)
        limits = self.limits
        for needs in held.values():
            assert sum(each.gpu_amount for each in needs) <= (limits.person_gpus or 1e9) + 1e-9
            assert sum(each.cpus for each in needs) <= (limits.person_cpu_slots or 1e9)
        team = [each for person in (MIA, KAI) for each in held[person.id]]
        assert sum(each.gpu_amount for each in team) <= (limits.team_gpus or 1e9) + 1e-9

    def _check_order(self) -> None:
        """Of one person, runs that need the same start in the order of priority, then of their arrival."""
        alike = defaultdict(list)
        for run in self.started:
            alike[run.experiment, run.needs, run.priority].append(run.id)
        assert all(ids == sorted(ids) for ids in alike.values())
        assert len({run.id for run in self.started}) == len(self.started), "none is started twice"


@functools.cache
def filled_ledger() -> tuple[bytes, tuple[int, ...]]:
    """A ledger in which everybody has an experiment: making it takes longer than all the rest."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        house = make_house(Path(folder))
        numbers = tuple(queued(house, seeds=1, author=person).number for person in PEOPLE)
        for number in numbers:
            house.ledger.experiments.request_stop(number, ANA)
        house.database.dispose()
        return (Path(folder) / "ledger.db").read_bytes(), numbers


@contextmanager
def filled_house() -> Iterator[tuple[House, tuple[int, ...]]]:
    """A copy of that ledger, and the numbers of the experiments."""
    content, numbers = filled_ledger()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        path = Path(folder) / "ledger.db"
        path.write_bytes(content)
        database, clock = Database(f"sqlite:///{path}"), Clock()
        try:
            yield House(database, clock, Ledger(database, clock), Queries(database)), numbers
        finally:
            database.dispose()


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,  # what is random elsewhere must not decide whether a change is taken
    phases=(Phase.explicit, Phase.generate),  # each example is a whole ledger: shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    offered=st.lists(machines, min_size=1, max_size=3),
    wished=st.lists(wishes, min_size=1, max_size=12),
    limits=limit_sets,
    data=st.data(),
)
def test_nothing_is_given_twice_lost_or_held_back(
    offered: list[Machine], wished: list[Wish], limits: Limits, data: st.DataObject
) -> None:
    hosts = [replace(host, name=f"h{n}") for n, host in enumerate(offered)]
    with filled_house() as (house, templates):
        town = Town(house, hosts, limits)
        known = [host for host in house.queries.hosts() if host.id in town.hosts]
        possible = [wish for wish in wished if excess(wish.budget, 1, known, limits) is None]
        town.queue(templates, possible)
        for _ in range(8):
            live = town.live
            one_ends = data.draw(st.booleans())
            if live and one_ends:
                town.end(data.draw(st.sampled_from(live)))
            else:
                town.take(data.draw(st.sampled_from(sorted(town.hosts))))
            town.check()
        for _ in range(2 * len(possible) + 2):
            for attempt in town.live:
                town.end(attempt)
            for name in town.hosts:
                town.take(name)
            town.check()
        assert len(town.started) == len(possible), "every run has its turn"
