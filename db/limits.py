"""How much one run, experiment, person and team may use, and whether any host could run a spec. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from db.records import Budget, Host, Needs

HOUR_S = 3600
SMALLEST_SHARE = 0.05
MEGABYTES = 1024


class Limited(StrEnum):
    """What of a budget asks for too much: where a form shows the sentence."""

    DEVICE = "device"
    TIME = "time"


@dataclass(frozen=True)
class Excess:
    """Why a budget can not be granted, as a sentence without capital and full stop."""

    about: Limited
    sentence: str


@dataclass(frozen=True)
class Usage:
    """What somebody's runs hold now. A quarter of a GPU counts 0.25."""

    gpus: float = 0.0
    cpus: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.gpus + other.gpus, self.cpus + other.cpus)

    @classmethod
    def of(cls, needs: Needs) -> "Usage":
        return cls(needs.gpu_amount, needs.cpus)


@dataclass(frozen=True)
class Limits:
    """None: as much as there is. `teams` gives the members' user ids by the team's name."""

    run_gpus: int | None = None
    run_hours: float | None = None
    experiment_gpu_hours: float | None = None
    person_gpus: float | None = None
    person_cpu_slots: int | None = None
    team_gpus: float | None = None
    team_cpu_slots: int | None = None
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def team_of(self, person_id: str) -> str | None:
        return next((name for name, members in self.teams.items() if person_id in members), None)

    @property
    def restrict_starts(self) -> bool:
        """Whether a run may have to wait though slots are free."""
        bounds = (self.person_gpus, self.person_cpu_slots, self.team_gpus, self.team_cpu_slots)
        return any(bound is not None for bound in bounds)


UNLIMITED = Limits()


class Allowance:
    """What each person's runs hold while runs are being started, held against the limits."""

    def __init__(self, limits: Limits, held: Iterable[tuple[str, Needs]]) -> None:
        self._limits = limits
        self._persons: dict[str, Usage] = {}
        self._teams: dict[str, Usage] = {}
        for person_id, needs in held:
            self.use(person_id, needs)

    def use(self, person_id: str, needs: Needs) -> None:
        more, team = Usage.of(needs), self._limits.team_of(person_id)
        self._persons[person_id] = self._persons.get(person_id, Usage()) + more
        if team is not None:
            self._teams[team] = self._teams.get(team, Usage()) + more

    def refusal(self, person_id: str, needs: Needs) -> str | None:
        """Which limit one more run would pass, in a few words; None where it may start."""
        limits, more = self._limits, Usage.of(needs)
        own = self._persons.get(person_id, Usage()) + more
        if _passes(own, more, limits.person_gpus, limits.person_cpu_slots):
            return "the limit of its author"
        team = limits.team_of(person_id)
        if team is None:
            return None
        theirs = self._teams.get(team, Usage()) + more
        if _passes(theirs, more, limits.team_gpus, limits.team_cpu_slots):
            return f"the limit of team {team}"
        return None


def _passes(total: Usage, more: Usage, gpus: float | None, cpus: int | None) -> bool:
    """A kind that the run does not use is not held against it."""
    above_gpus = gpus is not None and more.gpus > 0 and total.gpus > gpus + 1e-9
    return above_gpus or (cpus is not None and more.cpus > 0 and total.cpus > cpus)


def excess(budget: Budget, runs: int, hosts: Sequence[Host], limits: Limits) -> Excess | None:
    """Why a budget asks for more than any host or rule allows; None where it does not.

    :param runs: of the experiment, those alongside included.
    :param hosts: those that were declared dead do not count.
    """
    needs = budget.needs
    sentence = _malformed(budget) or _above_run_gpus(needs, limits) or _beyond_hosts(needs, hosts)
    if sentence is None and (person := _beyond_anybody(needs, limits)):
        sentence = person
    if sentence is not None:
        return Excess(Limited.DEVICE, sentence)
    hours = budget.time_limit_s / HOUR_S
    if limits.run_hours is not None and hours > limits.run_hours:
        return Excess(
            Limited.TIME, f"a seed may take {limits.run_hours:g} h at most here; this asks for {hours:.3g} h"
        )
    total = hours * runs * needs.gpu_amount
    if limits.experiment_gpu_hours is not None and total > limits.experiment_gpu_hours:
        return Excess(
            Limited.TIME,
            f"an experiment may use {limits.experiment_gpu_hours:g} GPU-hours at most here; "
            f"{runs} runs of {hours:.3g} h ask for {total:.4g}",
        )
    return None


def _malformed(budget: Budget) -> str | None:
    if not SMALLEST_SHARE <= budget.gpu_share <= 1:
        return f"{budget.gpu_share:g} is no share of a GPU; give {SMALLEST_SHARE:g} to 1"
    if budget.gpu_share < 1 and budget.needs.gpus != 1:
        return f"a share is of one GPU, and this asks for {budget.needs.gpus}; leave the share out"
    if budget.memory_gb < 0 or budget.cpus < 0:
        return "memory and CPUs can not be below zero"
    return None


def _above_run_gpus(needs: Needs, limits: Limits) -> str | None:
    if limits.run_gpus is None or needs.gpus <= limits.run_gpus:
        return None
    return f"a run may use {_counted(limits.run_gpus, 'GPU')} at most here; this asks for {needs.gpus}"


def _beyond_anybody(needs: Needs, limits: Limits) -> str | None:
    """One run alone would pass what a person or a team may hold: it would wait for ever."""
    for who, gpus, cpus in (
        ("a person", limits.person_gpus, limits.person_cpu_slots),
        ("a team", limits.team_gpus, limits.team_cpu_slots),
    ):
        if gpus is not None and needs.gpu_amount > gpus:
            return f"{who} may hold {gpus:g} GPUs at once here; one run of this asks for {needs.gpu_amount:g}"
        if cpus is not None and needs.cpus > cpus:
            return f"{who} may hold {cpus} CPU slots at once here; one run of this asks for {needs.cpus}"
    return None


def _beyond_hosts(needs: Needs, hosts: Sequence[Host]) -> str | None:
    alive = [host for host in hosts if host.dead_by is None]
    if not alive or any(could_run(needs, host) for host in alive):
        return None
    for asked, has, name in (
        (needs.gpus, _gpus, "GPU"),
        (needs.cpus, _cpus, "CPU slot"),
        (needs.memory_mb, _memory, "MB of memory"),
    ):
        largest = max(alive, key=has)
        if has(largest) < asked:
            return _sentence(name, asked, largest.id, has(largest))
    return f"no host has {_all(needs)} together; ask for less of one of them"


def could_run(needs: Needs, host: Host) -> bool:
    """Whether the whole host, with nothing else on it, has what a run needs."""
    return _gpus(host) >= needs.gpus and _cpus(host) >= needs.cpus and _memory(host) >= needs.memory_mb


def _gpus(host: Host) -> int:
    return len(host.gpus)


def _cpus(host: Host) -> int:
    return host.cpu_slots


def _memory(host: Host) -> int:
    """A host that does not say how much it has is believed to have enough."""
    return host.memory_mb or 2**62


def _sentence(name: str, asked: int, largest: str, has: int) -> str:
    if name == "MB of memory":
        asked_gb, has_gb = asked / MEGABYTES, has / MEGABYTES
        return f"no host has {asked_gb:g} GB of memory; the largest, {largest}, has {has_gb:.3g}"
    if has == 0:
        return f"no host has a {name}; ask for none, or start a worker on a host with one"
    return f"no host has {_counted(asked, name)}; the largest, {largest}, has {has}"


def _all(needs: Needs) -> str:
    parts = [_counted(needs.gpus, "GPU")] if needs.gpus else []
    parts += [_counted(needs.cpus, "CPU slot")] if needs.cpus else []
    parts += [f"{needs.memory_mb / MEGABYTES:g} GB of memory"] if needs.memory_mb else []
    return " and ".join(parts)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
