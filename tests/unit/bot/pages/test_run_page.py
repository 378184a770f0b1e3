"""The page of a run, and the files that it offers."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.messages.facts import Links
from bot.pages.app import make_app
from bot.pages.reading import LedgerReader
from bot.pages.run_page import MAX_ROWS, run_page
from db.lifecycle import ExitCause, RunStatus
from db.records import Finding, FindingKind, Run, Severity
from tests.builders import House, make_house
from tests.builders import result as result_of
from tests.unit.bot import factory
from tests.unit.bot.pages.test_pages import serving
from trainer.contract import Keepsake

MP4 = b"\0\0\0\x20ftypisom and the rest"
EPISODES = "episode,seed,final_reward,oscillation\n1,2147745792,500,0.10234\n2,2147745793,498.5,<b>\n3,1\n"
ENTROPY = Finding(FindingKind.ENTROPY_COLLAPSE, "s1", 48_000, Severity.ALARMING, None, {"entropy": 0.01})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """s1 has a recording and could not be exported; s2 failed."""
    house = make_house(tmp_path_factory.mktemp("ledger"))
    number = house.approved(seeds=2, title="Smoother <turns>").number
    first, second = house.queries.experiment(number).runs[1:]
    attempt = house.start(first)
    house.end(attempt)
    kept = (Keepsake(kind="video", file="policy.mp4"), Keepsake(kind="onnx", note="no <extra>"))
    result = result_of(first, attempt.n).model_copy(update={"keepsakes": kept})
    house.ledger.runs.finish(
        first.id, status=RunStatus.SUCCEEDED, cause=ExitCause.FINISHED, result=result, findings=(ENTROPY,)
    )
    house.finish(second, status=RunStatus.FAILED, cause=ExitCause.NAN)
    yield house
    house.database.dispose()


@pytest.fixture
def run(house: House) -> Run:
    return house.queries.experiment(house.queries.recent(1)[0].number).runs[1]


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    assert run.attempt is not None
    folder = tmp_path / "runs" / run.attempt.folder
    folder.mkdir(parents=True)
    (folder / "episodes.csv").write_text(EPISODES)
    (folder / "policy.mp4").write_bytes(MP4)
    return folder


@pytest.fixture
def client(house: House, folder: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(make_app(LedgerReader(house.database, house.queries), tmp_path / "runs", Links())) as client:
        yield client


@pytest.fixture
def address(run: Run) -> str:
    return f"/experiments/{run.experiment}/runs/{run.label}"


def test_the_page_shows_recording_episodes_findings_and_files(client: httpx.Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    for part in (
        f'<video src="{address}/files/policy.mp4"',
        "Smoother &lt;turns&gt;",
        "entropy reached 0.01 at 48k steps",
        "ONNX: none, no &lt;extra&gt;.",
        "/tensorboard, below the artifacts",
        '<td class="number">2147745792</td><td class="number">500</td><td class="number">0.10</td>',
        f'href="{address}/files/episodes.csv"',
    ):
        assert part in answer.text
    assert "<b>" not in answer.text
    assert "policy.onnx" not in answer.text
    assert "media-src 'self'" in answer.headers["content-security-policy"]


def test_the_experiments_page_leads_to_it(client: httpx.Client, address: str, run: Run) -> None:
    assert f'href="{address}"' in client.get(f"/experiments/{run.experiment}").text


def test_a_run_that_failed_has_its_page_too(client: httpx.Client, run: Run) -> None:
    page = client.get(f"/experiments/{run.experiment}/runs/s2")
    assert page.status_code == 200
    assert "a value became NaN or infinite" in page.text


def test_a_recording_is_served_whole_and_in_parts(client: httpx.Client, address: str) -> None:
    whole = client.get(f"{address}/files/policy.mp4")
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, MP4, "video/mp4")
    part = client.get(f"{address}/files/policy.mp4", headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{len(MP4)}"
    rest = client.get(f"{address}/files/policy.mp4", headers={"range": "bytes=10-"})
    assert rest.content == MP4[10:]
    for strange in ("bytes=9-4", f"bytes={len(MP4)}-", "bytes=-5", "lines=1-2", "bytes=0-1,3-4"):
        assert client.get(f"{address}/files/policy.mp4", headers={"range": strange}).status_code == 200


def test_tables_are_for_saving(client: httpx.Client, address: str, run: Run) -> None:
    answer = client.get(f"{address}/files/episodes.csv")
    assert answer.text == EPISODES
    name = f"{run.key.replace('/', '-')}-episodes.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    "name", ["train.log", "spec.json", "..%2Fspec.json", "policy.onnx", "model.zip", "x"]
)
def test_no_other_file_is_served(client: httpx.Client, address: str, folder: Path, name: str) -> None:
    (folder / "train.log").write_text("secret")
    (folder / "spec.json").write_text("{}")
    assert client.get(f"{address}/files/{name}").status_code == 404


def test_no_link_is_followed(client: httpx.Client, address: str, folder: Path) -> None:
    (folder / "policy.mp4").unlink()
    (folder / "secret").write_bytes(MP4)
    (folder / "policy.mp4").symlink_to(folder / "secret")
    assert client.get(f"{address}/files/policy.mp4").status_code == 404
    assert "<video" not in client.get(address).text


def test_what_is_no_recording_is_not_served_as_one(client: httpx.Client, address: str, folder: Path) -> None:
    (folder / "policy.mp4").write_text("<script>")
    assert client.get(f"{address}/files/policy.mp4").status_code == 404
    (folder / "policy.mp4").unlink()
    os.mkfifo(folder / "policy.mp4")
    assert client.get(f"{address}/files/policy.mp4").status_code == 404


@pytest.mark.parametrize("label", ["s9", "smoke2", "s1%00"])
def test_an_unknown_run_is_not_there(client: httpx.Client, run: Run, label: str) -> None:
    assert client.get(f"/experiments/{run.experiment}/runs/{label}").status_code == 404


@pytest.mark.parametrize("text", ["\n", ",\n,,\n", '"', "a,b\n\0,1\n", "a\n" * 3])
def test_any_table_can_be_shown(text: str) -> None:
    run_page(factory.experiment(), factory.run(1), text, ())


def test_a_long_table_is_cut() -> None:
    text = "episode,final_reward\n" + "".join(f"{i},1\n" for i in range(MAX_ROWS + 30))
    table = run_page(factory.experiment(), factory.run(1), text, ()).episodes
    assert table is not None
    assert (len(table.rows), table.left_out) == (MAX_ROWS, 30)
