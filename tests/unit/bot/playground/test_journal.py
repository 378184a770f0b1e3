"""What outlives a restart."""

from pathlib import Path

from bot.playground.journal import Journal
from bot.playground.people import default_roster
from bot.playground.records import Person
from bot.playground.workspace import Workspace
from tests.unit.bot.playground.builders import EXPERIMENTS, Clock, Stage, section


def restarted(folder: Path, clock: Clock) -> Stage:
    stage = Stage(clock)
    stage.workspace = Workspace(
        default_roster(), clock, journal=Journal(folder / "journal.jsonl"), files_folder=folder / "files"
    )
    stage.workspace.base_url = "http://playground"
    stage.api = type(stage.api)(stage.workspace, lambda _call: {})
    return stage


def test_messages_files_homes_and_members_are_there_again(tmp_path: Path) -> None:
    clock = Clock()
    first = restarted(tmp_path, clock)
    parent = first.post(blocks=[section()], metadata={"event_type": "e", "event_payload": {"k": 1}})["ts"]
    reply = first.post(thread_ts=parent)["ts"]
    first.ok("chat.update", channel=EXPERIMENTS, ts=reply, text="changed")
    first.ok("reactions.add", channel=EXPERIMENTS, timestamp=parent, name="eyes")
    first.ok("views.publish", user_id="UANA", view={"type": "home", "blocks": [section("home")]})
    first.ok("conversations.join", channel="C0RANDOM")
    first.workspace.keep_person(Person("UNEW", "noor", "Noor"))
    file_id = first.ready_file(content=b"png bytes")
    before = first.ok("conversations.replies", channel=EXPERIMENTS, ts=parent, include_all_metadata=True)
    first.workspace.close()

    second = restarted(tmp_path, clock)
    after = second.ok("conversations.replies", channel=EXPERIMENTS, ts=parent, include_all_metadata=True)
    assert after == before
    assert second.workspace.files.content(file_id) == b"png bytes"
    home = second.workspace.views.home("UANA")
    assert home is not None
    assert home.blocks[0]["text"]["text"] == "home"
    assert second.workspace.person("UNEW").real_name == "Noor"
    assert "USIGNOFF" in second.workspace.channels["C0RANDOM"].members
    assert float(second.workspace.new_ts()) > float(reply)
    second.workspace.close()


def test_a_deleted_message_stays_deleted(tmp_path: Path) -> None:
    clock = Clock()
    first = restarted(tmp_path, clock)
    ts = first.post()["ts"]
    first.ok("chat.delete", channel=EXPERIMENTS, ts=ts)
    first.workspace.close()
    second = restarted(tmp_path, clock)
    assert list(second.workspace.messages.in_channel(EXPERIMENTS)) == []
    second.workspace.close()


def test_a_line_cut_by_a_crash_is_dropped_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.write("message", {"n": 1})
    journal.close()
    with path.open("a") as file:
        file.write('{"kind": "message", "da')
    again = Journal(path)
    assert list(again.read()) == [("message", {"n": 1})]
    again.write("message", {"n": 2})
    again.close()
    assert list(Journal(path).read()) == [("message", {"n": 1}), ("message", {"n": 2})]
