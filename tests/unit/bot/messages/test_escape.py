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
