"""What the comparison of migrations with models leaves out."""

from typing import Any

SEARCH_PREFIX = "search_"


def include_object(_object: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
    """The search index (`db.search`) makes its own tables, which differ from database to database."""
    return not (name or "").startswith(SEARCH_PREFIX)
