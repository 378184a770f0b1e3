"""files.*: the three steps, the wait until a file is ready, sharing, images in blocks."""

import pytest

from bot.playground.errors import SlackError
from tests.unit.bot.playground.builders import EXPERIMENTS, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def uploaded(stage: Stage, name: str = "log.txt", content: bytes = b"hello") -> str:
    asked = stage.ok("files.getUploadURLExternal", filename=name, length=len(content))
    assert asked["upload_url"] == f"http://playground/upload/v1/{asked['file_id']}"
    stage.workspace.files.receive(asked["file_id"], content)
    return str(asked["file_id"])


def test_a_shared_file_appears_a_little_later(stage: Stage) -> None:
    parent = stage.post()["ts"]
    file_id = uploaded(stage)
    stage.ok(
        "files.completeUploadExternal",
        files=[{"id": file_id, "title": "The log"}],
        channel_id=EXPERIMENTS,
        thread_ts=parent,
        initial_comment="here",
    )
    assert "shares" in stage.ok("files.info", file=file_id)["file"]
    assert stage.ok("files.info", file=file_id)["file"]["shares"] == {}
    stage.clock.now += 1
    shares = stage.ok("files.info", file=file_id)["file"]["shares"]["public"][EXPERIMENTS]
    message = stage.workspace.messages.get(EXPERIMENTS, shares[0]["ts"])
    assert (message.thread_ts, message.text, message.subtype) == (parent, "here", "file_share")
    assert [event["type"] for event in stage.events[-2:]] == ["file_shared", "message"]


def test_files_of_one_call_share_one_message(stage: Stage) -> None:
    first, second = uploaded(stage), uploaded(stage)
    files = [{"id": first}, {"id": second}]
    stage.ok("files.completeUploadExternal", files=files, channel_id=EXPERIMENTS)
    stage.clock.now += 1
    stage.workspace.settle()
    (message,) = stage.workspace.messages.in_channel(EXPERIMENTS)
    assert message.file_ids == [first, second]


def test_a_file_without_a_channel_is_shown_by_an_image_block_once_ready(stage: Stage) -> None:
    file_id = uploaded(stage, "plot.png")
    stage.ok("files.completeUploadExternal", files=[{"id": file_id}])
    block = {"type": "image", "slack_file": {"id": file_id}, "alt_text": "plot"}
    assert stage.code("chat.postMessage", channel=EXPERIMENTS, blocks=[block]) == "invalid_blocks"
    assert stage.ok("files.info", file=file_id)["file"]["mimetype"] == ""
    stage.clock.now += 1
    assert stage.ok("files.info", file=file_id)["file"]["mimetype"] == "image/png"
    assert stage.code("chat.postMessage", channel=EXPERIMENTS, blocks=[block]) is None


def test_a_text_file_is_no_image(stage: Stage) -> None:
    block = {"type": "image", "slack_file": {"id": stage.ready_file("log.txt")}, "alt_text": "log"}
    assert stage.code("chat.postMessage", channel=EXPERIMENTS, blocks=[block]) == "invalid_blocks"


def test_files_need_membership(stage: Stage) -> None:
    stage.workspace.app.scopes.append("chat:write.public")
    file_id = uploaded(stage)
    call = {"files": [{"id": file_id}]}
    assert stage.code("files.completeUploadExternal", **call, channel_id="C0RANDOM") == "not_in_channel"
    assert stage.code("files.completeUploadExternal", **call, channel_id="experiments") == "channel_not_found"


def test_a_file_is_completed_once_and_only_after_its_bytes(stage: Stage) -> None:
    asked = stage.ok("files.getUploadURLExternal", filename="x", length=3)
    call = {"files": [{"id": asked["file_id"]}]}
    assert stage.code("files.completeUploadExternal", **call) == "file_not_found"
    stage.workspace.files.receive(asked["file_id"], b"abc")
    assert stage.code("files.info", file=asked["file_id"]) == "file_not_found"
    assert stage.code("files.completeUploadExternal", **call) is None
    assert stage.code("files.completeUploadExternal", **call) == "file_update_failed"


def test_the_bytes_must_be_as_many_as_announced(stage: Stage) -> None:
    asked = stage.ok("files.getUploadURLExternal", filename="x", length=3)
    with pytest.raises(SlackError, match="3 bytes announced, 4 received"):
        stage.workspace.files.receive(asked["file_id"], b"abcd")


def test_an_empty_file_is_refused(stage: Stage) -> None:
    assert stage.code("files.getUploadURLExternal", filename="x", length=0) == "invalid_arguments"


def test_a_deleted_file_is_gone(stage: Stage) -> None:
    file_id = stage.ready_file()
    stage.ok("files.delete", file=file_id)
    assert stage.code("files.info", file=file_id) == "file_deleted"


def test_the_old_upload_is_switched_off(stage: Stage) -> None:
    assert stage.code("files.upload", content="x", channels=EXPERIMENTS) == "method_deprecated"


def test_a_file_entry_has_no_other_fields(stage: Stage) -> None:
    asked = stage.ok("files.getUploadURLExternal", filename="a.txt", length=1)
    entry = {"id": asked["file_id"], "name": "b.txt"}
    assert stage.code("files.completeUploadExternal", files=[entry]) == "invalid_arguments"
