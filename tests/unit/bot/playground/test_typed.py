"""Typed text: what becomes a mention, a link, an emoji, and what stays text."""

from collections.abc import Callable

import pytest

from bot.playground.typed import escaped, links, rich_text

KNOWN = {"UANA", "C0RANDOM", "SSENIORS"}


def elements(text: str, exists: Callable[[str], bool] | None = KNOWN.__contains__) -> list[dict[str, str]]:
    found: list[dict[str, str]] = rich_text(text, exists=exists)["elements"][0]["elements"]
    return found


def test_plain_text_is_one_element() -> None:
    assert elements("two\nlines & <more>") == [{"type": "text", "text": "two\nlines & <more>"}]
    assert escaped(rich_text("two & <more>", exists=None)) == "two &amp; &lt;more&gt;"
    assert elements("") == []


def test_picked_people_and_channels_are_mentions() -> None:
    assert elements("hi <@UANA>, see <#C0RANDOM|random>!") == [
        {"type": "text", "text": "hi "},
        {"type": "user", "user_id": "UANA"},
        {"type": "text", "text": ", see "},
        {"type": "channel", "channel_id": "C0RANDOM"},
        {"type": "text", "text": "!"},
    ]
    assert elements("<!subteam^SSENIORS|@seniors>") == [{"type": "usergroup", "usergroup_id": "SSENIORS"}]


def test_what_the_composer_escaped_is_read_as_it_was_typed() -> None:
    text = "hi <@UANA> &amp; <#C0RANDOM>: &lt;@UANA&gt; https://x.example/?a=1&amp;b=2"
    block = rich_text(text, exists=KNOWN.__contains__)
    assert block["elements"][0]["elements"][4]["text"] == ": <@UANA> "
    assert links([block]) == ["https://x.example/?a=1&b=2"]
    assert escaped(block) == text.replace(
        "https://x.example/?a=1&amp;b=2", "<https://x.example/?a=1&amp;b=2>"
    )


@pytest.mark.parametrize("text", ["<@UBOB>", "<!channel>", "<!subteam^S1>", "<@>", "<https|x>", "<@uana>"])
def test_what_nobody_can_pick_stays_text(text: str) -> None:
    assert elements(text) == [{"type": "text", "text": text}]


def test_without_the_composers_word_tokens_are_text() -> None:
    assert elements("<@UANA>", exists=None) == [{"type": "text", "text": "<@UANA>"}]
    assert escaped(rich_text("<@UANA>", exists=None)) == "&lt;@UANA&gt;"


def test_addresses_become_links_without_the_sentences_full_stop() -> None:
    block = rich_text("see https://x.example/a?b=1&c=2. And (http://y.example/z)!", exists=None)
    assert links([block]) == ["https://x.example/a?b=1&c=2", "http://y.example/z"]
    assert escaped(block) == "see <https://x.example/a?b=1&amp;c=2>. And (<http://y.example/z>)!"


def test_known_emoji_are_emoji_and_others_are_text() -> None:
    assert elements("ok :tada: at 10:30:00 :nonsense:") == [
        {"type": "text", "text": "ok "},
        {"type": "emoji", "name": "tada", "unicode": "1f389"},
        {"type": "text", "text": " at 10:30:00 :nonsense:"},
    ]
    assert escaped(rich_text(":tada:", exists=None)) == ":tada:"


def test_only_the_three_escapes_of_slack_are_decoded() -> None:
    (element,) = elements("&copy; &amp;lt; &#60;", exists=lambda _: False)
    assert element == {"type": "text", "text": "&copy; &lt; &#60;"}
