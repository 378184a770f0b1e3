"""Gathers who holds what, what waits and what for, and what is wrong with a host. Reads only."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.messages import lists
from bot.messages.facts import Holder
from bot.messages.message import Message
from bot.messages.numbers import counted
from db.limits import MEGABYTES, Allowance, Limits
from db.queries import Queries
from db.records import Experiment, Holding, Host, Run
from trainer.contract import RunKind

MOST_HOLDERS = 3


def message(queries: Queries, limits: Limits, now: datetime) -> Message:
    """What runs on which host and for whom, and what waits, in order."""
    hosts = queries.hosts()
    holdings, waiting, running = queries.holdings(), queries.queue(), queries.active_runs()
    authors = {run.experiment: queries.experiment(run.experiment).author for run in running}
    notes = {held.run.id: devices(held, hosts) for held in holdings}
    notes |= _why_they_wait(queries, limits, waiting, holdings)
    said = [sentence for host in hosts for sentence in _about(queries, host, now)]
    return lists.queue(running, waiting, said, authors, notes)


def holders(queries: Queries, experiment: Experiment) -> tuple[Holder, ...]:
    """Who else has slots now: of GPUs, where the experiment needs some."""
    hosts, needs = queries.hosts(), experiment.revision.budget.needs
    others = [held for held in queries.holdings() if held.run.experiment != experiment.number]
    wanted = [held for held in others if bool(held.devices) == bool(needs.gpus)] or others
    return tuple(
        Holder(f"{held.host_id} {devices(held, hosts)}".strip(), held.run.experiment, held.person.name)
        for held in wanted[:MOST_HOLDERS]
    )


def devices(held: Holding, hosts: Sequence[Host]) -> str:
    """The GPUs of a run as people count them: GPU 0, GPU 1 or a part of one; empty for CPU runs."""
    host = next((host for host in hosts if host.id == held.host_id), None)
    named = ", ".join(gpu_name(host, uuid) for uuid in held.devices)
    share = held.run.needs.gpu_share
    return f"{share:g} of {named}" if named and share < 1 else named


def gpu_name(host: Host | None, uuid: str) -> str:
    """GPU 0, in the host's own order; its UUID where the host offers it no longer."""
    known = [gpu.uuid for gpu in host.gpus] if host else []
    return f"GPU {known.index(uuid)}" if uuid in known else uuid


def _why_they_wait(
    queries: Queries, limits: Limits, waiting: Sequence[Run], holdings: Sequence[Holding]
) -> Mapping[int, str]:
    """In a few words, by run id; nothing is said of those who only wait for their turn."""
    allowance = Allowance(limits, [(held.person.id, held.run.needs) for held in holdings])
    hostless = queries.hostless_runs()
    notes = {}
    for run in waiting:
        refusal = None
        if limits.restrict_starts and run.kind is not RunKind.SMOKE:
            refusal = allowance.refusal(queries.experiment(run.experiment).author.id, run.needs)
        if run.id in hostless:
            notes[run.id] = "no host has its program"
        elif refusal is not None:
            notes[run.id] = f"waits: {refusal}"
        elif run.kept_on is not None:
            notes[run.id] = f"{run.kept_on} is kept for it"
    return notes


def _about(queries: Queries, host: Host, now: datetime) -> Iterator[str]:
    """What it has, and what is wrong with it."""
    names = sorted({gpu.name for gpu in host.gpus if gpu.name})
    has = [counted(host.cpu_slots, "CPU slot"), counted(len(host.gpus), "GPU")]
    has[1] += f" ({', '.join(names)})" if names else ""
    has += [f"{host.memory_mb / MEGABYTES:.3g} GB"] if host.memory_mb else []
    wrong = _flags(host, now)
    yield f"{host.id}: {', '.join(has)}" + (f" ({', '.join(wrong)})" if wrong else "")
    dirty = {slot.device: slot.dirty for slot in queries.slots(host.id) if slot.dirty}
    for uuid, why in dirty.items():
        where = f"{host.id} {gpu_name(host, uuid)}"
        yield f"⚠️ {where} is given to nobody: {why}. Once it is well: signoff host clean {host.id}"


def _flags(host: Host, now: datetime) -> tuple[str, ...]:
    """What is wrong with a host; what one that is away said last no longer counts."""
    if host.dead_by is not None:
        return (f"declared dead by {host.dead_by}",)
    return ("away: start `signoff worker` there",) if host.lease_until < now else host.flags
