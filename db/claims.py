"""What a contract claims, with the experiments it compares with. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from db.expectation import Expectation, metrics_of, parse_expectation, parse_guards
from db.records import Intent
from trainer.contract import JsonObject


@dataclass(frozen=True)
class Claims:
    """A contract's expectation and guards. `compared` maps what a claim names to an experiment.

    Its key None stands for the contract's comparator: the parent unless the intent names another.
    `alongside` is the experiment whose config is trained beside the child where that is asked for.
    """

    expectation: Expectation
    guards: Expectation | None
    compared: Mapping[int | None, int]
    alongside: int


def read_claims(intent: Intent, config: JsonObject, parent: int) -> Claims:
    """Read the expected outcome and the guards of a contract over its resolved config.

    :raises ExpectationError: where a claim is outside of the grammar.
    """
    default = intent.comparator or parent
    metrics = metrics_of(config)
    expectation = parse_expectation(intent.expected, metrics, parent_key=f"E-{default}")
    guards = parse_guards(intent.guards, metrics, parent_key=f"E-{default}")
    named = expectation.comparators | (guards.comparators if guards else frozenset())
    numbers = sorted(number for number in named if number is not None)
    by_default = intent.comparator is not None or None in named or not numbers
    return Claims(
        expectation=expectation,
        guards=guards,
        compared={number: number or default for number in named},
        alongside=default if by_default else numbers[0],
    )
