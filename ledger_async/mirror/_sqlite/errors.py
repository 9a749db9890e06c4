"""From the errors of SQLite to those that a mirror raises."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ledger_async import ConfigurationError, LedgerError, RowRefusedError, StoreError

BUSY_SECONDS = 30.0
"""As long as another program may keep the file from being written."""

_MEANINGS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it may not be written to",
    sqlite3.SQLITE_PERM: "it may not be written to",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_IOERR_WRITE: "it cannot grow: the disk is full, or a limit is reached",
    sqlite3.SQLITE_IOERR_SHMSIZE: "it cannot grow: the disk is full, or a limit is reached",
    sqlite3.SQLITE_BUSY: f"another program has kept it locked for {BUSY_SECONDS:.0f} s",
}

# Kinds of errors that are about the values of a write.
_REFUSALS = {sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG}


@contextmanager
def told_of(path: str) -> Iterator[None]:
    """Raise errors of SQLite inside as errors of ours that name the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise meaning(error, path) from error


def meaning(error: sqlite3.Error, path: str) -> LedgerError:
    """The error to raise instead."""
    code = primary_code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return ConfigurationError(f"{path} is not an SQLite database: name another file")
    exactly = getattr(error, "sqlite_errorcode", code)
    kind = RowRefusedError if code in _REFUSALS else StoreError
    return kind(f"{path}: {_MEANINGS.get(exactly) or _MEANINGS.get(code, error)}")


def primary_code(error: sqlite3.Error) -> int:
    """The kind of error, without its details; 0 where SQLite did not say."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
