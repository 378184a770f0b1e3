"""Bad days: rates, errors, lost answers, and how an app finds out what happened."""

import http.client
from pathlib import Path

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from tests.service.bot.playground.conftest import Running, running_playground

pytestmark = pytest.mark.service
CHANNEL = "C0EXPERIMENTS"


def outbox(key: str) -> dict[str, object]:
    return {"event_type": "signoff_outbox", "event_payload": {"outbox_key": key}}


def keys(playground: Running, ts: str) -> list[str]:
    found = playground.web_client().conversations_replies(channel=CHANNEL, ts=ts, include_all_metadata=True)
    return [m["metadata"]["event_payload"]["outbox_key"] for m in found["messages"] if "metadata" in m]


def test_a_burst_is_refused_with_retry_after(playground: Running) -> None:
    client = playground.web_client()
    for _ in range(3):
        client.chat_postMessage(channel=CHANNEL, text="x")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=CHANNEL, text="x")
    assert caught.value.response.status_code == 429
    assert int(caught.value.response.headers["Retry-After"]) >= 1
    assert caught.value.response["error"] == "ratelimited"
    assert len(playground.people.messages()) == 3


def test_a_planned_429_makes_no_message(playground: Running) -> None:
    playground.people.fault("ratelimited", method="chat.postMessage", retry_after_s=7, times=2)
    client = playground.web_client()
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=CHANNEL, text="x")
        assert caught.value.response.headers["Retry-After"] == "7"
    assert playground.people.messages() == ()
    client.chat_postMessage(channel=CHANNEL, text="x")


def test_a_lost_answer_can_be_looked_up_by_metadata(playground: Running) -> None:
    parent = playground.web_client().chat_postMessage(channel=CHANNEL, text="card", metadata=outbox("card"))[
        "ts"
    ]
    playground.people.fault("timeout_after", method="chat.postMessage")
    client = playground.web_client(timeout_s=1)
    with pytest.raises(TimeoutError):
        client.chat_postMessage(channel=CHANNEL, text="r", thread_ts=parent, metadata=outbox("result"))
    assert keys(playground, parent) == ["card", "result"]


def test_a_call_that_was_never_taken_leaves_nothing(playground: Running) -> None:
    parent = playground.web_client().chat_postMessage(channel=CHANNEL, text="card", metadata=outbox("card"))[
        "ts"
    ]
    playground.people.fault("timeout_before", method="chat.postMessage", channel=CHANNEL)
    client = playground.web_client(timeout_s=1)
    with pytest.raises(TimeoutError):
        client.chat_postMessage(channel=CHANNEL, text="r", thread_ts=parent, metadata=outbox("result"))
    assert keys(playground, parent) == ["card"]


@pytest.mark.parametrize(("kind", "messages"), [("drop_before", 0), ("drop_after", 1)])
def test_a_broken_connection(playground: Running, kind: str, messages: int) -> None:
    playground.people.fault(kind, method="chat.postMessage")
    with pytest.raises(http.client.HTTPException):
        playground.web_client().chat_postMessage(channel=CHANNEL, text="x")
    assert len(playground.people.messages()) == messages


def test_errors_of_ones_choice(playground: Running) -> None:
    people, client = playground.people, playground.web_client()
    people.fault("server_error", method="auth.test")
    people.fault("error", method="usergroups.users.list", code="plan_upgrade_required")
    with pytest.raises(SlackApiError) as caught:
        client.auth_test()
    assert caught.value.response.status_code == 500
    with pytest.raises(SlackApiError, match="plan_upgrade_required"):
        client.usergroups_users_list(usergroup="SSENIORS")
    assert client.usergroups_users_list(usergroup="SSENIORS")["users"] == ["UANA", "UZOE"]


def test_slow_answers(playground: Running) -> None:
    playground.people.fault("slow", method="auth.test", delay_s=0.3)
    playground.web_client().auth_test()
    assert playground.people.traffic("auth.test")[-1]["duration_s"] >= 0.3


def test_the_upload_flow_and_a_failed_upload(playground: Running) -> None:
    people, client = playground.people, playground.web_client()
    parent = str(client.chat_postMessage(channel=CHANNEL, text="card")["ts"])
    people.fault("server_error", method="upload")
    asked = client.files_getUploadURLExternal(filename="log.txt", length=5)
    assert httpx.post(asked["upload_url"], content=b"hello").status_code == 500
    assert httpx.post(asked["upload_url"], files={"file": b"hello"}).status_code == 200
    done = client.files_completeUploadExternal(
        files=[{"id": asked["file_id"], "title": "Log"}], channel_id=CHANNEL, thread_ts=parent
    )
    assert done["files"][0]["id"] == asked["file_id"]
    message = people.wait_for_message(
        lambda seen: asked["file_id"] in seen.file_ids, "the file", thread_ts=parent
    )
    assert people.file(message.file_ids[0]) == b"hello"
    shares = client.files_info(file=asked["file_id"])["file"]["shares"]["public"][CHANNEL]
    assert [share["ts"] for share in shares] == [message.ts]


def test_a_file_that_is_never_shared(playground: Running) -> None:
    playground.people.fault("never_shared", method="files.completeUploadExternal")
    client = playground.web_client()
    client.files_upload_v2(filename="a.txt", content="hello", channel=CHANNEL)
    playground.people.write("UANA", "later")
    file_id = playground.people.traffic("files.completeUploadExternal")[0]["answer"]["files"][0]["id"]
    ready = playground.people.wait_for(
        lambda: client.files_info(file=file_id)["file"]["mimetype"] or None, "the file to be ready"
    )
    assert ready == "text/plain"
    assert client.files_info(file=file_id)["file"]["shares"] == {}


def test_slack_sdks_own_upload(playground: Running) -> None:
    client = playground.web_client()
    client.files_upload_v2(filename="a.txt", content="hello", channel=CHANNEL, initial_comment="see")
    message = playground.people.wait_for_message(lambda seen: bool(seen.file_ids), "the file")
    assert message.text == "see"


def test_a_revoked_token_stays_revoked_over_a_restart(tmp_path: Path) -> None:
    options = ("--data", str(tmp_path))
    with running_playground(*options) as first:
        httpx.post(f"{first.base_url}/control/tokens", json={"revoke": ["xoxb-playground"]})
    with running_playground(*options) as second, pytest.raises(SlackApiError, match="token_revoked"):
        second.web_client().auth_test()


def test_a_restart_keeps_the_messages(tmp_path: Path) -> None:
    options = ("--data", str(tmp_path))
    with running_playground(*options) as first:
        sent = first.web_client().chat_postMessage(channel=CHANNEL, text="keep me", metadata=outbox("k"))
    with running_playground(*options) as second:
        assert [message.text for message in second.people.messages()] == ["keep me"]
        assert keys(second, sent["ts"]) == ["k"]
