import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import POST, POSTS_EVERY_S, Bucket, Pace


def test_one_message_a_second_and_channel() -> None:
    pace = Pace()
    assert pace.wait_s("C1", method=POST, now_s=10.0) == 0
    pace.called("C1", method=POST, now_s=10.0)
    assert 0.9 < pace.wait_s("C1", method=POST, now_s=10.1) <= POSTS_EVERY_S
    assert pace.wait_s("C1", method=POST, now_s=11.1) == 0


def test_channels_do_not_wait_for_each_other() -> None:
    pace = Pace()
    pace.called("C1", method=POST, now_s=10.0)
    assert pace.wait_s("C2", method=POST, now_s=10.0) == 0


def test_an_upload_into_a_channel_counts_as_a_message() -> None:
    pace = Pace()
    pace.called("C1", method="files.completeUploadExternal", now_s=10.0)
    assert pace.wait_s("C1", method=POST, now_s=10.0) > 0


def test_a_429_holds_its_method_and_channel_alone() -> None:
    pace = Pace()
    pace.hold("C1", method=POST, until_s=40.0, now_s=10.0)
    assert pace.wait_s("C1", method=POST, now_s=10.0) == 30.0
    assert pace.wait_s("C1", method="chat.update", now_s=10.0) == 0
    assert pace.wait_s("C2", method=POST, now_s=10.0) == 0


@pytest.mark.parametrize("method", ["chat.update", "conversations.replies", "files.info"])
def test_a_429_of_any_other_method_holds_it_in_the_whole_workspace(method: str) -> None:
    pace = Pace()
    pace.hold("C1", method=method, until_s=40.0, now_s=10.0)
    assert pace.wait_s("C2", method=method, now_s=10.0) == 30.0
    assert pace.wait_s("C1", method=POST, now_s=10.0) == 0


def test_the_calls_of_an_upload_hold_each_other() -> None:
    pace = Pace()
    pace.hold("C1", method="files.getUploadURLExternal", until_s=40.0, now_s=10.0)
    assert pace.wait_s("C2", method="files.completeUploadExternal", now_s=10.0) == 30.0


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    pace = Pace()
    pace.hold("C1", method=POST, until_s=40.0, now_s=10.0)
    pace.hold("C1", method=POST, until_s=20.0, now_s=10.0)
    assert pace.wait_s("C1", method=POST, now_s=10.0) == 30.0


def test_edits_may_come_in_a_burst_and_then_below_the_tier_of_the_method() -> None:
    pace, now_s, times = Pace(), 0.0, []
    while now_s < 120.0:
        if pace.wait_s("C1", method="chat.update", now_s=now_s) == 0:
            pace.called("C1", method="chat.update", now_s=now_s)
            times.append(now_s)
        now_s += 0.1
    assert times[:5] == sorted(times[:5])
    assert times[4] < 0.6
    assert max(sum(start <= t < start + 60 for t in times) for start in times[10:]) <= 51


@given(st.lists(st.floats(0, 3), max_size=60))
def test_a_bucket_never_lets_two_calls_through_within_its_time(pauses: list[float]) -> None:
    bucket, now_s, taken = Bucket(1.0), 0.0, []
    for pause in pauses:
        now_s += pause
        if bucket.wait_s(now_s) == 0:
            bucket.take(now_s)
            taken.append(now_s)
    assert all(later - earlier >= 1.0 - 1e-9 for earlier, later in itertools.pairwise(taken))


def test_a_429_in_a_second_channel_is_the_limit_of_the_whole_workspace() -> None:
    pace = Pace()
    pace.hold("C1", method=POST, until_s=40.0, now_s=10.0)
    pace.hold("C2", method=POST, until_s=30.0, now_s=10.0)
    assert pace.wait_s("C3", method=POST, now_s=10.0) == 20.0
    assert pace.wait_s("C1", method=POST, now_s=10.0) == 30.0
    assert pace.wait_s("C3", method="chat.update", now_s=10.0) == 0


def test_a_429_after_another_one_is_over_holds_its_channel_alone() -> None:
    pace = Pace()
    pace.hold("C1", method=POST, until_s=40.0, now_s=10.0)
    pace.hold("C2", method=POST, until_s=80.0, now_s=50.0)
    assert pace.wait_s("C3", method=POST, now_s=50.0) == 0
