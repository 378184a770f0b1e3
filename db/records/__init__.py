"""Frozen records that cross the borders of the ledger. ORM rows never do. Pure."""

from db.records.code import Bundle, Description
from db.records.contracts import (
    Budget,
    Decision,
    DecisionKind,
    Extension,
    Intent,
    Needs,
    Person,
    Proposal,
    Question,
    Revision,
    Runtime,
)
from db.records.datasets import Dataset
from db.records.experiments import Conclusion, Event, Experiment, Result, SearchAnswer, Summary
from db.records.findings import Finding, FindingKind, Severity
from db.records.outbox import LIVING_CARDS, OutboxHealth, OutboxKind, OutboxRow, Trouble, Undelivered
from db.records.work import Attempt, Gpu, Holding, Host, Run, Slot, SweepWork

__all__ = [
    "LIVING_CARDS",
    "Attempt",
    "Budget",
    "Bundle",
    "Conclusion",
    "Dataset",
    "Decision",
    "DecisionKind",
    "Description",
    "Event",
    "Experiment",
    "Extension",
    "Finding",
    "FindingKind",
    "Gpu",
    "Holding",
    "Host",
    "Intent",
    "Needs",
    "OutboxHealth",
    "OutboxKind",
    "OutboxRow",
    "Person",
    "Proposal",
    "Question",
    "Result",
    "Revision",
    "Run",
    "Runtime",
    "SearchAnswer",
    "Severity",
    "Slot",
    "Summary",
    "SweepWork",
    "Trouble",
    "Undelivered",
]
