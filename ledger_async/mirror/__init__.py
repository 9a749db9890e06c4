"""Mirrors: tables that hold what the listings of a workspace hold, kept so for years."""

from typing import TYPE_CHECKING

from ledger_async._support import lazy

from .mirroring import mirror
from .outcome import MirrorOutcome, MirrorProgress
from .store import AccountEnd, Differences, Part, Run, Staged, StagedPart, Store
from .table import Column, Table

if TYPE_CHECKING:
    from ._sqlite.store import SqliteStore

__all__ = [
    "AccountEnd",
    "Column",
    "Differences",
    "MirrorOutcome",
    "MirrorProgress",
    "Part",
    "Run",
    "SqliteStore",
    "Staged",
    "StagedPart",
    "Store",
    "Table",
    "mirror",
]

# Python can be built without SQLite.
__getattr__, __dir__ = lazy.exports(__name__, {"SqliteStore": "._sqlite.store"})
