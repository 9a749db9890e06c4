"""Mirrors: tables that hold what the listings of a workspace hold, kept so for years."""

from typing import TYPE_CHECKING

from ledger_async._support import lazy

from .listings import listing_named, listings
from .mirroring import mirror
from .outcome import MirrorOutcome, MirrorProgress
from .store import AccountEnd, Differences, Mode, Part, Run, Staged, StagedPart, Store
from .stores import store_at
from .table import Column, Table

if TYPE_CHECKING:
    from ._parquet.store import ParquetStore
    from ._postgres.store import PostgresStore
    from ._sqlite.store import SqliteStore
    from .arrow import arrow_schema, to_arrow

__all__ = [
    "AccountEnd",
    "Column",
    "Differences",
    "MirrorOutcome",
    "MirrorProgress",
    "Mode",
    "ParquetStore",
    "Part",
    "PostgresStore",
    "Run",
    "SqliteStore",
    "Staged",
    "StagedPart",
    "Store",
    "Table",
    "arrow_schema",
    "listing_named",
    "listings",
    "mirror",
    "store_at",
    "to_arrow",
]

# The others need an extra, and Python can be built without SQLite.
__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "ParquetStore": "._parquet.store",
        "PostgresStore": "._postgres.store",
        "SqliteStore": "._sqlite.store",
        "arrow_schema": ".arrow",
        "to_arrow": ".arrow",
    },
)
