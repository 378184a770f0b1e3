"""Pins and bookmarks."""

import pytest

from tests.unit.bot.playground.builders import EXPERIMENTS, Stage

LINK = {"title": "Page", "type": "link", "link": "https://x.invalid"}


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_message_is_pinned_once_and_taken_down_again(stage: Stage) -> None:
    item = {"channel": EXPERIMENTS, "timestamp": stage.post(text="read me")["ts"]}
    assert stage.code("pins.add", **item) is None
    assert stage.code("pins.add", **item) == "already_pinned"
    (pin,) = stage.ok("pins.list", channel=EXPERIMENTS)["items"]
    assert pin["message"]["text"] == "read me"
    assert stage.code("pins.remove", **item) is None
    assert stage.code("pins.remove", **item) == "no_pin"


def test_what_cannot_be_pinned(stage: Stage) -> None:
    assert stage.code("pins.add", channel=EXPERIMENTS) == "no_item_specified"
    assert stage.code("pins.add", channel=EXPERIMENTS, timestamp="1.000001") == "message_not_found"
    assert stage.code("pins.add", channel="C0RANDOM", timestamp="1.000001") == "not_in_channel"


def test_a_bookmark_is_added_changed_and_removed(stage: Stage) -> None:
    made = stage.ok("bookmarks.add", channel_id=EXPERIMENTS, **LINK)["bookmark"]
    which = {"channel_id": EXPERIMENTS, "bookmark_id": made["id"]}
    changed = stage.ok("bookmarks.edit", **which, title="Ledger", link="https://y.invalid")["bookmark"]
    assert (changed["title"], changed["link"]) == ("Ledger", "https://y.invalid")
    assert stage.ok("bookmarks.list", channel_id=EXPERIMENTS)["bookmarks"] == [changed]
    assert stage.code("bookmarks.remove", **which) is None
    assert stage.code("bookmarks.remove", **which) == "not_found"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"type": "folder"}, "invalid_bookmark_type"),
        ({"link": "javascript:alert(1)"}, "invalid_link"),
        ({"channel_id": "C0RANDOM"}, "not_in_channel"),
        ({"title": ""}, "invalid_arguments"),
    ],
)
def test_bookmarks_that_slack_refuses(stage: Stage, changed: dict[str, str], code: str) -> None:
    assert stage.code("bookmarks.add", **{"channel_id": EXPERIMENTS, **LINK, **changed}) == code
