"""Verbs of the control API over HTTP: a JSON object in, a JSON object out, refusals in words."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.playground.errors import PersonError, SlackError
from bot.playground.records import Json

_HALF = re.compile("[\ud800-\udfff]")
"""What JSON can say and no answer could repeat."""

Verb: TypeAlias = Callable[[Json], Awaitable[Json]]


def required(asked: Json, name: str) -> str:
    """A text that must be there. Raises PersonError."""
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise PersonError("missing", f"{name} is missing")
    return value


def names(asked: Json, name: str) -> list[str]:
    """A list of texts; an empty one where there is none. Raises PersonError."""
    value = asked.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise PersonError("bad_request", f"{name} must be a list of texts, got {value!r:.60}")
    return value


async def read_json(request: Request) -> Json:
    """The JSON object in a request's body. Raises PersonError and ValueError."""
    parsed = json.loads(await request.body() or b"{}")
    if not isinstance(parsed, dict):
        raise PersonError("bad_request", "the body must be a JSON object")
    if _HALF.search(json.dumps(parsed, ensure_ascii=False)):
        raise PersonError("bad_request", "the body has half a character (a lone surrogate) in it")
    return parsed


def json_endpoint(
    verb: Verb, *, read: Callable[[Request], Awaitable[Json]] = read_json
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a verb, which takes the query and the body and gives one object back."""

    async def endpoint(request: Request) -> Response:
        asked: Json = dict(request.query_params)
        try:
            if request.method == "POST":
                asked |= await read(request)
            return JSONResponse({"ok": True, **await verb(asked)})
        except PersonError as error:
            return JSONResponse(error.body(), status_code=error.status)
        except SlackError as error:
            return JSONResponse(error.body() | {"message": str(error)}, status_code=400)
        except ValueError as error:
            body = {"ok": False, "error": "bad_request", "message": str(error)}
            return JSONResponse(body, status_code=400)

    return endpoint
