"""The arguments of one Web API call, from a query string, a form or a JSON body, read with Slack's rules."""

import json
from collections.abc import Iterable, Mapping

from bot.playground.errors import SlackError
from bot.playground.records import Json

_FORMAT_ERRORS = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "metadata": "invalid_metadata_format",
    "unfurls": "invalid_unfurls_format",
}


def read_json(text: str | bytes) -> object:
    """A JSON document; ValueError where it is none, or holds half a character (a lone surrogate)."""
    parsed: object = json.loads(text)
    json.dumps(parsed, ensure_ascii=False).encode()
    return parsed


class Arguments:
    """Named arguments. Values are strings (forms) or JSON values; None and absent are the same."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}

    def check(self, known: Iterable[str], required: Iterable[str]) -> None:
        """Raises `invalid_arguments` for a missing argument or for one that the method does not have."""
        problems = [
            f"[ERROR] missing required field: {name}"
            for name in required
            if self._values.get(name) in (None, "")
        ]
        problems += [
            f"[ERROR] unsupported argument: {name}" for name in self._values if name not in set(known)
        ]
        if problems:
            raise SlackError("invalid_arguments", *problems)

    def has(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """The string argument, or an empty string."""
        return self.optional(name) or ""

    def optional(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, (dict, list)):
            raise SlackError("invalid_arguments", f"[ERROR] must provide a string [json-pointer:/{name}]")
        return str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._values.get(name)
        if value is None:
            return default
        return value is True or str(value).lower() in ("1", "true")

    def integer(self, name: str, default: int, *, at_most: int | None = None) -> int:
        text = self.text(name)
        if not text:
            return default
        if not text.lstrip("-").isdigit() or int(text) < 0:
            raise SlackError("invalid_arguments", f"[ERROR] must provide an integer [json-pointer:/{name}]")
        if at_most is not None and int(text) > at_most:
            raise SlackError("invalid_limit")
        return int(text)

    def names(self, name: str) -> list[str]:
        """A list of ids: a JSON list, or a comma-separated string."""
        value = self._values.get(name)
        if isinstance(value, list):
            return [str(item) for item in value]
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def objects(self, name: str) -> list[Json] | None:
        """A list of JSON objects, given as JSON or as a string of JSON."""
        value = self._parsed(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._badly_formed(name, "an array of objects")
        return value

    def mapping(self, name: str) -> Json | None:
        value = self._parsed(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._badly_formed(name, "an object")
        return value

    def _parsed(self, name: str) -> object:
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            parsed = read_json(value)
        except ValueError as error:
            raise self._badly_formed(name, "valid JSON") from error
        return parsed

    def _badly_formed(self, name: str, wanted: str) -> SlackError:
        code = _FORMAT_ERRORS.get(name, "invalid_arguments")
        return SlackError(code, f"[ERROR] must provide {wanted} [json-pointer:/{name}]")
