from hypothesis import given, settings

from tests.unit.db.config import properties
from tests.unit.db.config.properties import CONFIGS
from trainer.contract import JsonObject

few = settings(max_examples=300, deadline=None)


@few
@given(CONFIGS, CONFIGS)
def test_a_diff_applied_gives_the_other_config(a: JsonObject, b: JsonObject) -> None:
    properties.diff_round_trip(a, b)


@few
@given(CONFIGS, CONFIGS, CONFIGS)
def test_resolving_a_lineage_merges_step_by_step_and_knows_who_set_each_leaf(
    a: JsonObject, b: JsonObject, c: JsonObject
) -> None:
    properties.merging(a, b, c)


@few
@given(CONFIGS, CONFIGS)
def test_the_delta_between_two_configs_leads_from_one_to_the_other(a: JsonObject, b: JsonObject) -> None:
    properties.delta_round_trip(a, b)


@few
@given(CONFIGS, CONFIGS)
def test_canonical_json_tells_apart_exactly_what_differs(a: JsonObject, b: JsonObject) -> None:
    properties.one_spelling(a, b)
