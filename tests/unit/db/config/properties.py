"""What must hold for any configs and deltas. Run by test_properties.py, and at length by bench/."""

from hypothesis import strategies as st

from db.config.canonical import canonical_json, same
from db.config.diff import apply, diff
from db.config.resolve import Step, delta_between, leaves, merge, resolve
from trainer.contract import JsonObject

_NAMES = st.sampled_from(["a", "b", "c", "learning_rate", "", "é", "a.b"]) | st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), max_size=4
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-5])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), max_size=6)
)
VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)
CONFIGS = st.dictionaries(_NAMES, VALUES, max_size=4)


def diff_round_trip(a: JsonObject, b: JsonObject) -> None:
    assert same(apply(a, diff(a, b)), b)
    assert diff(a, a) == ()


def merging(a: JsonObject, b: JsonObject, c: JsonObject) -> None:
    """Merging is what inheritance says, whatever the lineage."""
    resolved = resolve((Step("E-1", a), Step("E-2", b), Step("E-3", c)))
    assert same(resolved.config, merge(merge(merge({}, a), b), c))
    assert same(merge(resolved.config, {}), resolved.config)
    assert set(resolved.provenance) == {path for path, _ in leaves(resolved.config)}
    for path, key in resolved.provenance.items():
        setter = {"E-1": a, "E-2": b, "E-3": c}[key]
        assert path in {leaf for leaf, _ in leaves(setter)}


def delta_round_trip(a: JsonObject, b: JsonObject) -> None:
    parent, child = merge({}, a), merge({}, b)
    assert same(merge(parent, delta_between(parent, child)), child)


def one_spelling(a: JsonObject, b: JsonObject) -> None:
    assert (canonical_json(a) == canonical_json(b)) == same(a, b)
