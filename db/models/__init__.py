"""The ledger's tables. Rows never leave `db`: frozen records do."""

from db.models.base import Base, Utc
from db.models.code import BundleRow, DescriptionRow
from db.models.contracts import (
    ConclusionRow,
    DecisionRow,
    EventRow,
    ExperimentRow,
    ExtensionRow,
    PresetRow,
    QuestionRow,
    ResultRow,
    RevisionRow,
    TagRow,
)
from db.models.datasets import DatasetRow
from db.models.messages import LeaseRow, OutboxEntry
from db.models.work import AttemptRow, HostRow, RunRow, RuntimeRow, SlotRow

__all__ = [
    "AttemptRow",
    "Base",
    "BundleRow",
    "ConclusionRow",
    "DatasetRow",
    "DecisionRow",
    "DescriptionRow",
    "EventRow",
    "ExperimentRow",
    "ExtensionRow",
    "HostRow",
    "LeaseRow",
    "OutboxEntry",
    "PresetRow",
    "QuestionRow",
    "ResultRow",
    "RevisionRow",
    "RunRow",
    "RuntimeRow",
    "SlotRow",
    "TagRow",
    "Utc",
]
