"""The code bundle that a form means. Pure."""

from dataclasses import dataclass

from trainer.catalogue import Catalogue


@dataclass(frozen=True)
class NamedCode:
    """The bundle that a form means. `problem` refuses it, `note` says what is not known of it yet."""

    catalogue: Catalogue
    sha256: str | None = None
    problem: str = ""
    note: str = ""
