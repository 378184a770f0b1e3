"""What the form says back: echoes, warnings, refusals that need the ledger, preselections. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bot.forms import fields
from bot.forms.filled import Filled
from bot.forms.understand import STEPS_KEY, Start, Understood
from bot.messages.facts import Reference
from db.errors import ExpectationError
from db.expectation import Expectation, echo
from db.limits import UNLIMITED, Limited, Limits, excess
from db.records import Budget, Host, Summary
from db.verdict import Plan, SeedOutcome, check_feasible, power_hint, run_alongside_advised, warnings

NO_WORKER = "No worker has joined yet, so nothing could run. Start one with `signoff worker`, then submit."

_EXCESSIVE = {Limited.DEVICE: fields.RESOURCES, Limited.TIME: fields.TIME_LIMIT}

NEW_YARDSTICK = (
    "The changes touch `eval`, the yardstick, so nothing measured before can be compared with. "
    "Claim a threshold instead, for example final reward > 450."
)


@dataclass(frozen=True)
class Other:
    """An experiment that a claim compares with. `incomparable` says why it cannot be, if so."""

    reference: Reference
    outcomes: Sequence[SeedOutcome] = ()
    incomparable: str = ""
    other_fingerprint: bool = False


@dataclass(frozen=True)
class Known:
    """What the ledger and Slack know about this form.

    `others` by number, for the parent, the chosen comparator and whatever the claims name.
    `hosts` and `limits` are what runs can have at all. `history` holds, by metric, the final values of
    each experiment of the lineage (for the power hint). `channel_problem` says why the bot cannot post
    in the chosen channel, if so.
    """

    start: Start | None = None
    others: Mapping[int, Other] = field(default_factory=dict)
    has_worker: bool = True
    hosts: tuple[Host, ...] = ()
    limits: Limits = UNLIMITED
    duplicates: tuple[Summary, ...] = ()
    similar: tuple[Summary, ...] = ()
    history: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)
    channel_problem: str = ""
    approver_problem: str = ""


@dataclass(frozen=True)
class Weighed:
    """`comparator` is what the contract compares with; None where nothing was chosen (the parent)."""

    echo: str = ""
    guards_echo: str = ""
    warnings: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    comparator: int | None = None
    suggest_alongside: bool = False
    alongside: bool = False


def asked(filled: Filled, understood: Understood) -> Budget:
    """What the form asks for."""
    return Budget(
        seeds=understood.seeds,
        time_limit_s=understood.time_limit_s,
        device=filled.device,
        **asdict(understood.resources),
    )


def weigh(filled: Filled, understood: Understood, known: Known) -> Weighed:
    """Everything that the form shows besides what was typed."""
    errors = dict(understood.errors)
    compared = comparators(filled, understood)
    comparator = _main_comparator(filled, compared)
    suggest = _suggests_alongside(compared, known)
    alongside = suggest if filled.alongside is None else filled.alongside
    for name, problem in _refusals(filled, understood, known, compared, alongside=alongside).items():
        errors.setdefault(name, problem)
    notes = _warnings(filled, understood, known, alongside=alongside)
    return Weighed(
        echo=_echo(understood.expectation, understood),
        guards_echo=_echo(understood.guards, understood),
        warnings=notes,
        power=_power(filled, understood, known, alongside=alongside),
        errors=errors,
        comparator=comparator,
        suggest_alongside=suggest,
        alongside=alongside,
    )


def comparators(filled: Filled, understood: Understood) -> frozenset[int]:
    """The numbers of all experiments that the claims and guards compare with."""
    numbers: set[int] = set()
    for expectation in (understood.expectation, understood.guards):
        for other in expectation.comparators if expectation else ():
            number = other if other is not None else filled.comparator or filled.parent
            if number is not None:
                numbers.add(number)
    return frozenset(numbers)


def _main_comparator(filled: Filled, compared: frozenset[int]) -> int | None:
    """What was chosen; else the one experiment that the claims name; None for the parent."""
    if filled.comparator is not None:
        return None if filled.comparator == filled.parent else filled.comparator
    named = compared - {filled.parent}
    return next(iter(named)) if len(named) == 1 and filled.parent not in compared else None


def _suggests_alongside(compared: frozenset[int], known: Known) -> bool:
    others = [known.others[number] for number in compared if number in known.others]
    return any(
        run_alongside_advised(other.outcomes, comparable=not other.other_fingerprint) for other in others
    )


def _refusals(
    filled: Filled, understood: Understood, known: Known, compared: frozenset[int], *, alongside: bool
) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not known.has_worker:
        errors[fields.PARENT] = NO_WORKER
    if known.channel_problem:
        errors[fields.CHANNEL] = known.channel_problem
    if known.approver_problem:
        errors[fields.APPROVER] = known.approver_problem
    runs = understood.seeds * (2 if alongside else 1)
    too_much = excess(asked(filled, understood), runs, known.hosts, known.limits)
    if too_much is not None:
        errors[_EXCESSIVE[too_much.about]] = _sentence(f"{too_much.sentence}.")
    claims = _claims_problem(filled, understood, known, compared, alongside=alongside)
    if claims:
        errors[fields.EXPECTED] = claims
    return errors


def _claims_problem(
    filled: Filled, understood: Understood, known: Known, compared: frozenset[int], *, alongside: bool
) -> str:
    """Why the claims can never be judged, or nothing."""
    if compared and understood.new_yardstick:
        return NEW_YARDSTICK
    for number in sorted(compared):
        other = known.others.get(number)
        if other is None:
            return f"There is no E-{number} in the ledger to compare with."
        if other.incomparable:
            return other.incomparable
    plan = _plan(filled, understood, known, alongside=alongside)
    if plan is not None:
        try:
            check_feasible(plan)
        except ExpectationError as refused:
            return _sentence(str(refused))
    return ""


def _plan(filled: Filled, understood: Understood, known: Known, *, alongside: bool) -> Plan | None:
    if understood.expectation is None:
        return None
    outcomes: dict[int | None, Sequence[SeedOutcome]] = {
        number: other.outcomes for number, other in known.others.items()
    }
    main = known.others.get(filled.comparator or filled.parent or 0)
    if main is not None:
        outcomes[None] = main.outcomes
    total = (understood.config or {}).get(STEPS_KEY)
    return Plan(
        expectation=understood.expectation,
        seeds=understood.seeds,
        guards=understood.guards,
        comparators=outcomes,
        alongside=alongside,
        total_timesteps=total if isinstance(total, int) else None,
    )


def _warnings(filled: Filled, understood: Understood, known: Known, *, alongside: bool) -> tuple[str, ...]:
    plan = _plan(filled, understood, known, alongside=alongside)
    notes = [_sentence(warning) for warning in warnings(plan)] if plan is not None else []
    if understood.code_note:
        notes.append(understood.code_note)
    if understood.new_yardstick:
        notes.append("The changes touch `eval`: this starts a new root with its own yardstick.")
    return tuple(notes)


def _power(filled: Filled, understood: Understood, known: Known, *, alongside: bool) -> tuple[str, ...]:
    """How much these seeds can show, before anything runs."""
    if understood.expectation is None:
        return ()
    main = known.others.get(filled.comparator or filled.parent or 0)
    have = sum(outcome.state == "done" for outcome in main.outcomes) if main else 0
    theirs = understood.seeds if alongside else have
    hints = power_hint(understood.expectation, understood.seeds, theirs, known.history)
    return tuple(map(_sentence, hints))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _echo(expectation: Expectation | None, understood: Understood) -> str:
    if expectation is None:
        return ""
    yardstick = (understood.config or {}).get("eval")
    episodes = yardstick.get("n_eval_episodes") if isinstance(yardstick, dict) else None
    return echo(expectation, understood.seeds, episodes if isinstance(episodes, int) else None)
