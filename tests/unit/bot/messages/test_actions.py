import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import actions, budget
from bot.messages.actions import Target
from tests.unit.bot import factory

TARGETS = st.builds(
    Target,
    experiment=st.integers(1, 10**9),
    revision=st.integers(0, 10**6),
    approval_hash=st.text("0123456789abcdef", max_size=actions.HASH_PREFIX),
    label=st.from_regex(r"(s|c)[0-9]{1,3}(\.[0-9]{1,3})?", fullmatch=True),
    n=st.integers(0, 10**4),
)


@given(TARGETS)
def test_a_target_survives_its_button(target: Target) -> None:
    value = target.to_value()
    assert len(value) <= budget.OPTION_VALUE - len("edit_resubmit:")
    assert Target.from_value(value) == target
    assert actions.from_menu(f"{actions.EDIT}:{value}") == (actions.EDIT, target)


@pytest.mark.parametrize("value", ["", "12", "[]", "{}", '{"e": "1"}', '{"e": 1, "r": "x"}', '{"e": null}'])
def test_a_value_that_we_did_not_write_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"value|Expecting"):
        Target.from_value(value)


def test_a_button_names_what_was_on_screen() -> None:
    target = actions.target_of(factory.experiment())
    assert target == Target(42, 1, "0123456789abcdef")
