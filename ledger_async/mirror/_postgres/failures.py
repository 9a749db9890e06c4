"""psycopg's errors as a `StoreError` of one line, which shows no password and no data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from ledger_async import RowRefusedError, StoreError
from ledger_async.errors import without_frames

# By SQLSTATE, or by its class.
_MEANINGS: Mapping[str, str] = {
    "53100": "the disk of the database is full",
    "53200": "the database is out of memory",
    "53300": "the database has too many connections",
    "57P01": "the database ended the connection",
    "57P02": "the database crashed",
    "57P03": "the database is not ready",
    "57014": "the database cancelled the statement",
    "42501": "the database does not permit this",
    "25006": "the database is read-only",
    "08": "the connection to the database was lost",
    "22": "the database cannot hold a value",
    "23": "the database cannot hold a value",
    "54": "the database cannot hold a value",
}

# By SQLSTATE, or by its class: a value that is no such number or text, one that is missing, and
# one that is too long or too deep.
_REFUSALS = {"22", "23502", "54000", "54001"}

_GUESSES = re.compile(r" ?(Is the server running[^?]*\?|This probably means[^.]*\.)")

# Messages of these classes quote the data.
_QUOTING = {"22", "23"}

# Of the words by which COPY tells where it was, before those that quote the value.
_COLUMN = re.compile(r"^COPY \S+, line \d+, column (\w+)", re.MULTILINE)


@contextmanager
def translated() -> Iterator[None]:
    """Raise the `StoreError` for an error of psycopg: `RowRefusedError` if a value is at fault."""
    try:
        yield
    except psycopg.Error as error:
        kind = RowRefusedError if _refuses(error) else StoreError
        cause = None if _quotes(error) or _refuses(error) else without_frames(error)
        raise kind(described(error)) from cause


def described(error: psycopg.Error) -> str:
    """The error in one line."""
    if error.sqlstate is None:
        return f"the connection to the database failed: {_without_preamble(str(error))}"
    state = error.sqlstate
    meaning = _MEANINGS.get(state) or _MEANINGS.get(state[:2]) or "the database refused"
    told = _name(error) if _quotes(error) else error.diag.message_primary
    return f"{meaning}{_where(error)}: {told} ({state})"


def _where(error: psycopg.Error) -> str:
    """The column of a value, where the server tells it."""
    found = _COLUMN.search(error.diag.context or "")
    column = error.diag.column_name or (found and found[1])
    return f" in column {column}" if column and _refuses(error) else ""


def _refuses(error: psycopg.Error) -> bool:
    state = error.sqlstate or ""
    return state in _REFUSALS or state[:2] in _REFUSALS


def _quotes(error: psycopg.Error) -> bool:
    return (error.sqlstate or "")[:2] in _QUOTING


def _name(error: psycopg.Error) -> str:
    """`NumericValueOutOfRange` as "numeric value out of range"."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()


def _without_preamble(text: str) -> str:
    """The words of the server, or those of libpq without its guesses."""
    line = _GUESSES.sub("", " ".join(text.split()))
    return line.rpartition("FATAL: ")[2].strip()
