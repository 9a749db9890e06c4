"""psycopg's errors as a `StoreError` of one line, which shows no password and no data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from ledger_async import StoreError
from ledger_async.errors import without_frames

# By SQLSTATE, or by its class.
_MEANINGS: Mapping[str, str] = {
    "53100": "the disk of the database is full",
    "53200": "the database is out of memory",
    "53300": "the database has too many connections",
    "57P01": "the database is shutting down",
    "57P02": "the database crashed",
    "57P03": "the database is not ready",
    "57014": "the database cancelled the statement",
    "42501": "the database does not permit this",
    "25006": "the database is read-only",
    "08": "the connection to the database was lost",
    "22": "the database cannot hold a value",
    "23": "the database cannot hold a value",
}

# Messages of these classes quote the data.
_QUOTING = {"22", "23"}


@contextmanager
def translated() -> Iterator[None]:
    """Raise the `StoreError` for an error of psycopg."""
    try:
        yield
    except psycopg.Error as error:
        cause = None if _quotes(error) else without_frames(error)
        raise StoreError(described(error)) from cause


def described(error: psycopg.Error) -> str:
    """The error in one line."""
    if error.sqlstate is None:
        return f"the connection to the database failed: {_without_preamble(str(error))}"
    state = error.sqlstate
    meaning = _MEANINGS.get(state) or _MEANINGS.get(state[:2]) or "the database refused"
    told = _name(error) if _quotes(error) else error.diag.message_primary
    return f"{meaning}: {told} ({state})"


def _quotes(error: psycopg.Error) -> bool:
    return (error.sqlstate or "")[:2] in _QUOTING


def _name(error: psycopg.Error) -> str:
    """`NumericValueOutOfRange` as "numeric value out of range"."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()


def _without_preamble(text: str) -> str:
    """The words of the server, or the last line of libpq."""
    line = " ".join(text.split())
    return line.rpartition("FATAL: ")[2].strip()
