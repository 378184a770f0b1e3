"""The web application of the pages: routes, security headers, errors as pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.artifacts import MAX_PLOT_BYTES, ArtifactError, read_artifact
from bot.messages.facts import Links
from bot.pages.experiment import page_of
from bot.pages.lines import line_of
from bot.pages.reading import LedgerReader
from bot.pages.run_files import answer, present, table_text
from bot.pages.run_page import run_page
from db.errors import Busy, NotFound
from db.records import Experiment, Result, Run, SearchAnswer
from trainer.contract import EPISODES_FILE

HERE = Path(__file__).parent
RECENT = 50
PNG = b"\x89PNG\r\n\x1a\n"
LONGEST_QUERY = 400
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True)
class Pages:
    """The handlers. Each runs in a worker thread, because the ledger is read synchronously."""

    reader: LedgerReader
    artifacts_dir: Path
    links: Links
    templates: Environment

    def index(self, request: Request) -> Response:
        """All experiments, newest first, or the answer to `?q=`."""
        query = request.query_params.get("q", "").strip()[:LONGEST_QUERY]
        if query:
            answer, heading = self.reader.search(query, RECENT), f"Found for “{query}”"
        else:
            recent = tuple(self.reader.recent(RECENT))
            answer, heading = SearchAnswer(results=recent), "Experiments"
        baselines = [] if query else self.reader.baselines()
        nothing = "Nothing matches." if query else "Nothing yet. Type /experiment in Slack to propose one."
        return self._page(
            "index.html",
            heading=heading,
            query=query,
            filters=answer.filters,
            warnings=answer.warnings,
            lines=[line_of(summary) for summary in answer.results],
            baselines=[line_of(summary) for summary in baselines],
            nothing=nothing,
        )

    def experiment(self, request: Request) -> Response:
        """One experiment, with all that the ledger knows of it."""
        sources = self.reader.sources(_number(request))
        return self._page("experiment.html", page=page_of(sources, self.links))

    def plot(self, request: Request) -> Response:
        """The reward plot of one result."""
        result = self._result(request)
        return self._picture(result.plot_path if result else None, "plot")

    def sheet(self, request: Request) -> Response:
        """The diagnostics sheet of one result."""
        result = self._result(request)
        return self._picture(result.sheet_path if result else None, "diagnostics sheet")

    def run(self, request: Request) -> Response:
        """One run: its recording, its episodes, its files."""
        experiment, run = self._run(request)
        episodes = table_text(self.artifacts_dir, run, EPISODES_FILE)
        page = run_page(experiment, run, episodes, present(self.artifacts_dir, run))
        return self._page("run.html", page=page)

    def file(self, request: Request) -> Response:
        """A file of a run."""
        _, run = self._run(request)
        return answer(self.artifacts_dir, run, request.path_params["name"], request.headers.get("range"))

    def _run(self, request: Request) -> tuple[Experiment, Run]:
        experiment, label = self.reader.experiment(_number(request)), request.path_params["label"]
        run = next((run for run in experiment.runs if run.label == label), None)
        if run is None:
            raise HTTPException(404, f"{experiment.key} has no such run.")
        return experiment, run

    def _result(self, request: Request) -> Result | None:
        n = request.path_params["n"]
        results = self.reader.experiment(_number(request)).results
        return next((result for result in results if result.n == n), None)

    def _picture(self, path: str | None, what: str) -> Response:
        """A picture, read without following any link."""
        if path is None:
            raise HTTPException(404, f"This result has no {what}.")
        try:
            content = read_artifact(self.artifacts_dir, path, max_bytes=MAX_PLOT_BYTES)
        except ArtifactError:
            raise HTTPException(404, f"The {what}'s file is not there any more.") from None
        if not content.startswith(PNG):
            raise HTTPException(404, f"The {what}'s file is not a picture.")
        return Response(content, media_type="image/png", headers={"cache-control": "private, max-age=3600"})

    def missing(self, _request: Request, error: Exception) -> Response:
        """A page for everything that is not there."""
        detail = getattr(error, "detail", "") or str(error)
        code = getattr(error, "status_code", 404)
        return self._page("problem.html", status=code, heading="Not here", sentence=detail)

    def busy(self, _request: Request, _error: Exception) -> Response:
        """A page for a ledger that is locked."""
        sentence = "The ledger is busy; reload the page in a moment."
        return self._page("problem.html", status=503, heading="One moment", sentence=sentence)

    def _page(self, template: str, *, status: int = 200, **values: object) -> Response:
        return HTMLResponse(self.templates.get_template(template).render(**values), status_code=status)


def make_app(
    reader: LedgerReader, artifacts_dir: Path, links: Links, *, hosts: Sequence[str] = ("*",)
) -> Starlette:
    """The application. `hosts` are the Host headers that are answered, against DNS rebinding."""
    environment = Environment(
        loader=PackageLoader("bot.pages"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages = Pages(reader, artifacts_dir, links, environment)
    return Starlette(
        routes=[
            Route("/", pages.index),
            Route("/experiments/{number:int}", pages.experiment),
            Route("/experiments/{number:int}/plots/{n:int}.png", pages.plot),
            Route("/experiments/{number:int}/sheets/{n:int}.png", pages.sheet),
            Route("/experiments/{number:int}/runs/{label}", pages.run),
            Route("/experiments/{number:int}/runs/{label}/files/{name}", pages.file),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(SafeHeaders),
        ],
        exception_handlers={HTTPException: pages.missing, NotFound: pages.missing, Busy: pages.busy},
    )


def hosts_for(bound: str, public_url: str | None) -> tuple[str, ...]:
    """The Host headers to answer: on the loopback interface only its own names and the public one."""
    if bound not in {"127.0.0.1", "localhost", "::1"}:
        return ("*",)
    public = urlsplit(public_url).hostname if public_url else None
    return ("127.0.0.1", "localhost", "[::1]", *((public,) if public else ()))


@dataclass(frozen=True)
class SafeHeaders:
    """Middleware that adds the headers which keep pages from running or embedding anything."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def _number(request: Request) -> int:
    number: int = request.path_params["number"]
    if number > 2**31:
        raise HTTPException(404, "There is no such experiment.")
    return number
