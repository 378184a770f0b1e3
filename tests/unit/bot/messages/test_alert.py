"""What administrators are told."""

from datetime import UTC, datetime

from bot.messages import alert
from db.records import Undelivered


def held(n: int, channel: str = "C1", words: str = "The bot is not a member.") -> Undelivered:
    return Undelivered(
        f"E-{n}/result/1", channel, words, is_dead=False, since=datetime(2026, 1, 1, tzinfo=UTC)
    )


def test_it_names_the_channel_the_message_and_the_remedy() -> None:
    said = alert.render([held(1)])
    assert "1 message." in said.text
    assert "<#C1> `E-1/result/1`: The bot is not a member." in said.text
    assert "signoff outbox retry" in str(said.blocks[1])


def test_of_many_messages_the_first_are_named() -> None:
    said = alert.render([held(n) for n in range(9)])
    assert "9 messages" in said.text
    assert "and 4 more" in said.text


def test_what_was_typed_mentions_nobody() -> None:
    assert "<!channel>" not in alert.render([held(1, words="<!channel>")]).text
