from hypothesis import given
from hypothesis import strategies as st

from bot.messages import budget, escape

LIMITS = st.integers(60, 500)


@given(st.text(), LIMITS)
def test_every_cut_keeps_the_limit(text: str, limit: int) -> None:
    for cut in (budget.head, budget.tail, budget.head_and_tail, budget.escaped_head):
        assert len(cut(text, limit)) <= limit
        if len(text) <= limit:
            assert cut(text, limit) == text


def test_head_and_tail_says_how_much_is_missing() -> None:
    shown = budget.head_and_tail("a" * 500 + "z" * 500, 100)
    assert shown.startswith("a")
    assert shown.endswith("z")
    assert "(900 more characters)" in shown


@given(st.text(alphabet="&<>a"), LIMITS)
def test_no_entity_is_cut_in_two(text: str, limit: int) -> None:
    cut = budget.escaped_head(escape.mrkdwn(text), limit).removesuffix(budget.ELLIPSIS)
    rest = cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in rest


def test_lines_are_counted_with_their_breaks() -> None:
    assert budget.lines_within(["abc", "def", "ghi"], 8) == (["abc", "def"], 1)
