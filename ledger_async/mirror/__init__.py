"""Mirrors: tables that hold what the listings of a workspace hold, kept so for years."""

from .mirroring import mirror
from .outcome import MirrorOutcome, MirrorProgress
from .store import AccountEnd, Differences, Part, Run, Staged, StagedPart, Store
from .table import Column, Table

__all__ = [
    "AccountEnd",
    "Column",
    "Differences",
    "MirrorOutcome",
    "MirrorProgress",
    "Part",
    "Run",
    "Staged",
    "StagedPart",
    "Store",
    "Table",
    "mirror",
]
