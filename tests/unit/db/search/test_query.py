import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.search.query import Filter, Query, parse_query, understood


def filters(text: str) -> list[str]:
    return [str(each) for each in parse_query(text).filters]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("experiments fixing oscillation", ("fixing", "oscillation")),
        ("Show me all experiments where we tried to fix oscillation", ("fix", "oscillation")),
        ("show me all experiments", ()),
        ("learning_rate schedule!", ("learning_rate", "schedule")),
        ("what about CartPole-v1?", ("CartPole-v1",)),
        ("", ()),
        ("?! ...", ()),
    ],
)
def test_words_that_only_ask_are_left_out(text: str, words: tuple[str, ...]) -> None:
    assert parse_query(text).words == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("algo:ppo env:CartPole", ["algo ppo", "env CartPole"]),
        ("@ana smoother", ["author ana"]),
        ("<@U012|ana>", ["author U012"]),
        ("by:kai", ["author kai"]),
        ("learning_rate < 1e-3", ["learning_rate < 1e-3"]),
        ("lr<1e-3", ["learning_rate < 1e-3"]),
        ("learning_rate:>0.001", ["learning_rate > 0.001"]),
        ("gamma:0.9..0.99", ["gamma 0.9 to 0.99"]),
        ("reward > -150", ["final_reward > -150"]),
        ("final reward >= 475", ["final_reward >= 475"]),
        ("success-rate > .9", ["success_rate > .9"]),
        ("reward > \u2212150", ["final_reward > -150"]),
        ("-verdict:refuted", ["not verdict refuted"]),
        ("-@kai", ["not author kai"]),
        ('tag:"sim to real"', ["tag sim to real"]),
        ("tag:\u201cx\u201d", ["tag x"]),
        ("created:>=2026-01-01", ["created >= 2026-01-01"]),
        ("created:2026-01..2026-02", ["created 2026-01 to 2026-02"]),
    ],
)
def test_filters_are_read_in_every_spelling(text: str, said: list[str]) -> None:
    assert filters(text) == said


def test_phrases_exclusions_and_numbers() -> None:
    query = parse_query('"smooth turns" -jitter -"hard braking" E-12 e-3')
    assert query == Query(phrases=("smooth turns",), excluded=("jitter", "hard braking"), numbers=(12, 3))


def test_a_key_that_the_ledger_does_not_know_is_text_with_a_warning() -> None:
    query = understood(parse_query("foo:bar gamma:0.9 wobble > 5"), {"gamma"})
    assert query.filters == (Filter("gamma", "=", "0.9", "gamma:0.9"),)
    assert query.words == ("foo", "bar", "wobble", "5")
    assert query.warnings == (
        "foo is no filter here; it was searched for as text",
        "wobble is no filter here; it was searched for as text",
    )


@pytest.mark.parametrize(
    "text", ['why (did [ it "', '"', "-", "- -", ":", "a:", ":>5", "x:..", "@", "<@", "<!channel>"]
)
def test_broken_syntax_is_text(text: str) -> None:
    understood(parse_query(text), ())


@given(st.text(max_size=200))
def test_no_text_is_refused(text: str) -> None:
    understood(parse_query(text), {"gamma"})


@pytest.mark.parametrize(
    "text", ["author:\ud83d", "lr:\udcff fix", "oscil\ud83dlation", '"\udc80 a"', "-\ud83da"]
)
def test_half_of_a_character_reaches_no_database(text: str) -> None:
    assert "\\ud" not in repr(parse_query(text))


def test_nul_reaches_no_database() -> None:
    assert "\\x00" not in repr(parse_query('fix "a\x00b" author:k\x00 -c\x00d'))


def test_a_very_long_query_is_cut_with_a_warning() -> None:
    assert "first 1,000 characters" in parse_query("word " * 10_000).warnings[0]
