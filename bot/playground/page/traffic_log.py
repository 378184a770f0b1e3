"""`/page/traffic` and `/page/traffic.jsonl`: what passed between the app and the playground."""

import json
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.playground.records import Json
from bot.playground.traffic import Traffic

_DEFAULT, _LARGEST = 200, 1000


class TrafficLog:
    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    async def newest(self, asked: Json) -> Json:
        """The newest exchanges after number `after`, at most `limit`, oldest first."""
        limit = min(int(asked.get("limit", _DEFAULT)), _LARGEST)
        found = self._traffic.after(int(asked.get("after", 0)))
        return {"traffic": found[-limit:] if limit > 0 else [], "last": self._traffic.last}

    async def download(self, _request: Request) -> Response:
        """All that is remembered, one JSON object a line."""
        headers = {"Content-Disposition": 'attachment; filename="traffic.jsonl"'}
        lines = self._lines(self._traffic.after(0))
        return StreamingResponse(lines, media_type="application/jsonl", headers=headers)

    def _lines(self, entries: list[Json]) -> Iterator[str]:
        return (json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
