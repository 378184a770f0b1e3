import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from bot.messages.facts import Links
from bot.pages import server
from bot.pages.app import hosts_for, make_app
from bot.pages.experiment import page_of
from bot.pages.reading import LedgerReader
from db.audit import verify
from db.records import Finding, FindingKind, Severity
from tests.builders import ANA, House, make_house

HOSTILE = "<script>alert(1)</script> <!channel> \u202egnp"
PNG = b"\x89PNG\r\n\x1a\n and the rest"
PLOT = "experiments/plot/result-1.png"
SHEET = "experiments/result-1-diagnostics.png"
SEEN = Finding(
    FindingKind.COLLAPSE,
    "s1",
    60_000,
    Severity.ALARMING,
    None,
    {"peak": 400.0, "low": 100.0, "lost_share": 0.8},
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An experiment with hostile words, a failed seed, a result and a conclusion."""
    house = make_house(tmp_path_factory.mktemp("ledger"))
    number = house.approved(
        seeds=3, title=HOSTILE, objective=HOSTILE, context_link="javascript:alert(1)", tags=("turns",)
    ).number
    first = next(run for run in house.queries.experiment(number).runs if run.label == "s1")
    house.finish(first, metrics={"final_reward": 490.0, "oscillation": 0.1}, findings=(SEEN,))
    house.finish_all(number, {"final_reward": 490.0, "oscillation": 0.1})
    house.ledger.experiments.conclude(
        number, plot_path=PLOT, plot_alt=f"It rose. {HOSTILE}", sheet_path=SHEET, sheet_alt="KL stayed small."
    )
    house.ledger.experiments.write_conclusion(number, HOSTILE, ANA)
    yield house
    house.database.dispose()


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    (folder / "experiments" / "plot").mkdir(parents=True)
    (folder / PLOT).write_bytes(PNG)
    (folder / SHEET).write_bytes(PNG)
    return folder


@contextmanager
def serving(app: ASGIApp) -> Iterator[httpx.Client]:
    running = server.start(app, server.bind("127.0.0.1", 0))
    try:
        with httpx.Client(base_url=running.url, trust_env=False) as client:
            yield client
    finally:
        running.stop()


@pytest.fixture
def client(house: House, artifacts: Path) -> Iterator[httpx.Client]:
    links = Links(workspace_url="https://example.slack.com")
    with serving(make_app(LedgerReader(house.database, house.queries), artifacts, links)) as client:
        yield client


@pytest.fixture
def number(house: House) -> int:
    return house.queries.recent(1)[0].number


def test_the_index_lists_experiments_and_baselines(client: httpx.Client, number: int) -> None:
    page = client.get("/").text
    assert f'href="/experiments/{number}"' in page
    assert "PPO on CartPole-v1" in page


def test_a_search_finds_and_keeps_the_query(client: httpx.Client, number: int) -> None:
    page = client.get("/", params={"q": "turns"}).text
    assert f"E-{number}" in page
    assert 'value="turns"' in page


def test_a_search_for_nothing_says_so(client: httpx.Client) -> None:
    assert "Nothing matches" in client.get("/", params={"q": "zeppelin"}).text


def test_an_experiment_has_its_whole_story(client: httpx.Client, number: int) -> None:
    page = client.get(f"/experiments/{number}").text
    for words in (
        "reward.action_change_penalty",
        "final reward &gt; 450",
        "inconclusive",
        "E-1",
        "the chain of their hashes holds",
        "Conclusion",
        f'src="/experiments/{number}/plots/1.png"',
    ):
        assert words in page, words


def test_nothing_that_people_wrote_is_markup(client: httpx.Client, number: int) -> None:
    for page in (client.get(f"/experiments/{number}").text, client.get("/", params={"q": HOSTILE}).text):
        assert "<script" not in page
        assert "<!channel>" not in page
        assert 'href="javascript:' not in page


def test_pages_may_run_and_embed_nothing(client: httpx.Client, number: int) -> None:
    for path in ("/", f"/experiments/{number}", "/static/style.css", "/experiments/999"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_ask_nothing_of_the_network(client: httpx.Client, number: int) -> None:
    page = client.get(f"/experiments/{number}").text
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    outside = [source for source in sources if not source.startswith("/")]
    assert [source for source in outside if "slack.com" not in source] == []


def test_what_detectors_saw_and_the_sheet_are_shown(client: httpx.Client, number: int) -> None:
    page = client.get(f"/experiments/{number}").text
    assert "s1: the return fell from 400 to 100 after 60k steps" in page
    assert f'src="/experiments/{number}/sheets/1.png"' in page
    assert 'alt="KL stayed small."' in page
    answer = client.get(f"/experiments/{number}/sheets/1.png")
    assert (answer.status_code, answer.content) == (200, PNG)


def test_the_plot_is_served(client: httpx.Client, number: int) -> None:
    answer = client.get(f"/experiments/{number}/plots/1.png")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")


@pytest.mark.parametrize("instead", ["a link", "a linked folder", "text", "nothing", "a pipe", "too much"])
def test_only_a_plain_picture_is_served(
    client: httpx.Client, number: int, artifacts: Path, instead: str, tmp_path: Path
) -> None:
    plot = artifacts / PLOT
    plot.unlink()
    if instead == "a link":
        (tmp_path / "secret.png").write_bytes(PNG)
        plot.symlink_to(tmp_path / "secret.png")
    elif instead == "a linked folder":
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / plot.name).write_bytes(PNG)
        plot.parent.rmdir()
        plot.parent.symlink_to(tmp_path / "elsewhere")
    elif instead == "text":
        plot.write_text("<svg onload='alert(1)'>")
    elif instead == "a pipe":
        os.mkfifo(plot)
    elif instead == "too much":
        with plot.open("wb") as file:
            file.truncate(2**30)
    answer = client.get(f"/experiments/{number}/plots/1.png")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/experiments/999", "/experiments/99999999999999999999", "/nothing", "/experiments/1/plots/9.png"],
)
def test_what_is_not_there_is_a_page_that_says_so(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Not here" in answer.text


def test_pages_are_read_only(client: httpx.Client, number: int) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, f"/experiments/{number}").status_code == 405


def test_other_names_of_this_machine_are_refused_on_the_loopback_interface(
    house: House, artifacts: Path
) -> None:
    reader = LedgerReader(house.database, house.queries)
    app = make_app(reader, artifacts, Links(), hosts=hosts_for("127.0.0.1", "https://ledger.example.com"))
    with serving(app) as client:
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"host": "ledger.example.com"}).status_code == 200
        assert client.get("/", headers={"host": "evil.example.com"}).status_code == 400


def test_a_taken_port_is_one_clear_sentence() -> None:
    with server.bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(server.CannotServe, match=f"cannot be served on 127.0.0.1:{port}"):
            server.bind("127.0.0.1", port)


def test_a_broken_chain_is_shown(house: House, number: int) -> None:
    sources = LedgerReader(house.database, house.queries).sources(number)
    events = [*sources.events[:-1], replace(sources.events[-1], actor="somebody else")]
    broken = replace(sources, events=events, audit_problems=verify(events))
    assert "is broken" in page_of(broken, Links()).audit
