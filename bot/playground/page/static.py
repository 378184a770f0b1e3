"""The page's own files: no build step, nothing from elsewhere, and a policy that says so."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parents[1] / "static"
_POLICY = (
    "default-src 'self'; img-src * data:; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"  # side by side it frames itself; nobody else may
)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
"""Said outright: what the machine's own table says of .js is not always a script."""
_PRELOADED = ("app", "blocks")
_HEADERS = {
    "Cache-Control": "no-cache",  # asked for again each time; 304 while the ETag is the same
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class PageFiles(StaticFiles):
    """`/static/...`, with ETags."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        if isinstance(response, FileResponse):
            response.headers["Content-Type"] = _TYPES.get(Path(path).suffix, "application/octet-stream")
        return response


def _preloads() -> str:
    """All modules of the page: a browser asks for them at once, not for each when another imports it."""
    modules = sorted(path for name in _PRELOADED for path in (FOLDER / name).glob("*.js"))
    return ", ".join(f"</static/{path.relative_to(FOLDER)}>; rel=modulepreload" for path in modules)


def routes() -> list[BaseRoute]:
    """The page at `/` and at permalinks, and its files."""
    files = PageFiles(directory=FOLDER)

    async def index(request: Request) -> Response:
        response = await files.get_response("index.html", request.scope)
        response.headers["Link"] = _preloads()
        return response

    return [
        Route("/", index, methods=["GET"]),
        Route("/archives/{place:path}", index, methods=["GET"]),
        Mount("/static", files),
    ]
