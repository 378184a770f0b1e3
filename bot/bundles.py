"""Code bundles for forms and cards: what one adds to the catalogue, and what changed from one to the next."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.forms.named_code import NamedCode
from bot.messages.code import CodeChange, failed, not_seen
from db.code import store, wheel
from db.config.extend import code_named, extend
from db.errors import CodeRefused
from db.queries import Queries
from trainer.catalogue import Catalogue
from trainer.contract import JsonObject

MAX_PATCH = 1_000_000
_REMEMBERED = 16


@dataclass(frozen=True)
class CodeReader:
    """Reads the ledger alone."""

    queries: Queries
    catalogue: Catalogue

    def named(self, changes: str, config: JsonObject) -> NamedCode:
        """What changes over a config name, with the catalogue of what may be set then."""
        reference = code_named(changes, config)
        if reference is None:
            return NamedCode(self.catalogue)
        try:
            bundle = self.queries.bundle(reference)
        except CodeRefused as error:
            return NamedCode(self.catalogue, problem=str(error))
        found = self.queries.description(bundle.sha256)
        if found is None:
            return NamedCode(self.catalogue, bundle.sha256, note=not_seen(bundle))
        if found.catalogue is None:
            return NamedCode(self.catalogue, bundle.sha256, note=failed(bundle, found))
        try:
            own = extend(self.catalogue, found.catalogue)
        except CodeRefused as error:
            return NamedCode(self.catalogue, bundle.sha256, note=str(error))
        return NamedCode(own, bundle.sha256)


class CodeDiffs:
    """Compares bundles. They never change, so that the newest comparisons are remembered."""

    def __init__(self, queries: Queries, artifacts: Path) -> None:
        self._queries = queries
        self._artifacts = artifacts
        self._patch = lru_cache(maxsize=_REMEMBERED)(self._compared)

    def between(self, before: JsonObject, after: JsonObject) -> CodeChange | None:
        """What differs in the code of two configs; None where they run the same."""
        old, new = (_sha256(config) for config in (before, after))
        if old == new:
            return None
        ours = self._queries.bundle(old) if old else None
        theirs = self._queries.bundle(new) if new else None
        if new is None:
            return CodeChange(ours, theirs)
        try:
            patch = self._patch(old, new)
        except CodeRefused as error:
            return CodeChange(ours, theirs, problem=str(error))
        return CodeChange(ours, theirs, extent=wheel.extent(patch), patch=patch[:MAX_PATCH])

    def _compared(self, old: str | None, new: str) -> str:
        before = store.load(self._artifacts, old)[1] if old else None
        return wheel.patch(before, store.load(self._artifacts, new)[1])


def _sha256(config: JsonObject) -> str | None:
    code = config.get("code")
    return code if isinstance(code, str) else None
