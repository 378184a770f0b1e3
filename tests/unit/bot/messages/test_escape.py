# ruff: noqa: RUF001 - letters that look like marks are what is tested
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import escape


def test_nothing_typed_becomes_a_mention_or_a_link() -> None:
    assert escape.mrkdwn("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


def test_what_reorders_text_becomes_visible() -> None:
    assert escape.plain("0.1\u202e3.0\x1b[0m") == "0.1\ufffd3.0\ufffd[0m"


def test_right_to_left_text_and_joined_emoji_pass() -> None:
    text = "שלום \u200fعربي 👩\u200d🔬"
    assert escape.plain(text) == text


def test_one_line_has_no_breaks() -> None:
    assert escape.one_line(" a\r\n\tb  c\n") == "a b c"


def test_what_nobody_could_read_is_blank() -> None:
    assert all(map(escape.is_blank, ("", " \n\t", "\u202e", "\u200b \x00")))
    assert not any(map(escape.is_blank, ("a", " שלום ", "\u202e.")))


@given(st.text())
def test_escaped_text_holds_no_control_sequence(text: str) -> None:
    escaped = escape.mrkdwn(text)
    assert "<" not in escaped
    assert ">" not in escaped


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("*a* ~b~ `c`", "∗a∗ ∼b∼ ˋcˋ"),
        ("2 * 3 ~ 6", "2 ∗ 3 ∼ 6"),
        ("_a_ learning_rate _", "ˍaˍ learning_rate ˍ"),
        ("__init__", "ˍˍinitˍˍ"),
        (":tada: 12:30 a:b.", "∶tada: 12:30 a:b."),
        (":a:b:", "∶a∶b∶"),
        ("now :tada", "now ∶tada"),
        ("> a\nb > c\n >> d", "› a\nb &gt; c\n ›› d"),
    ],
)
def test_nothing_typed_formats(typed: str, shown: str) -> None:
    assert escape.mrkdwn(typed) == shown


def test_sentences_of_ours_keep_their_code() -> None:
    said = escape.with_code("Write `learning_rate = x0.5`, not *x* or `<!channel>`.")
    assert said == "Write `learning_rate = x0.5`, not ∗x∗ or ˋ&lt;!channel&gt;ˋ."
    assert escape.with_code(f"Who is “{escape.quoted('`me`')}”?") == "Who is “ˋmeˋ”?"


def test_a_fallback_links_nothing_and_calls_nobody() -> None:
    said = escape.unlinked("https://x.invalid @here @channels @ana")
    assert said == "https∶//x.invalid ＠here @channels @ana"
    assert escape.unlinked("mailto:a@b.c TEL:1 hotel:1") == "mailto∶a@b.c TEL∶1 hotel:1"


def test_what_nobody_sees_becomes_visible() -> None:
    assert escape.plain("a\u200bb\ufeff\u2060\xad\U000e0041") == "a\ufffdb\ufffd\ufffd\ufffd\ufffd"


def test_a_field_gets_back_what_was_typed_in_it() -> None:
    assert escape.typed("*a*\u200b\r\n\x00\ud800") == "*a*\u200b\n\ufffd\ufffd"
