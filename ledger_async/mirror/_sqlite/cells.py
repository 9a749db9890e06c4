"""The cells of a table as values of SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from ledger_async.mirror._sql.definitions import Dialect
from ledger_async.mirror.store import Part
from ledger_async.mirror.table import Cells, Column, Kind, Table

DIALECT = Dialect(
    types={
        "id": "INTEGER",
        "integer": "TEXT",
        "decimal": "TEXT",
        "text": "TEXT",
        "boolean": "INTEGER",
        "timestamp": "TEXT",
        "json": "TEXT",
    },
    serial="INTEGER PRIMARY KEY AUTOINCREMENT",
)

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def stamp(time: datetime) -> str:
    """A time as text that sorts by time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


_AS_TEXT: dict[Kind, Callable[[Any], str]] = {"integer": str, "decimal": str, "timestamp": stamp}


def rows(table: Table, parts: Iterable[Part]) -> Iterator[tuple[Any, ...]]:
    """The rows of the parts, one after another."""
    return chain.from_iterable(zip(*_columns(table, part), strict=True) for part in parts)


def unfit(table: Table, parts: Iterable[Part]) -> str | None:
    """The first value that SQLite cannot hold, and its column."""
    for part in parts:
        for column, cells in zip(table.columns, part.cells, strict=True):
            for cell in cells:
                if cell is not None and not _fits(column, cell):
                    what = cell if column.kind == "id" else "such a text"
                    return f"column {column.name} of {table.name} cannot hold {what}"
    return None


def _columns(table: Table, part: Part) -> Iterator[Cells]:
    for column, cells in zip(table.columns, part.cells, strict=True):
        as_text = _AS_TEXT.get(column.kind)
        if as_text is None:
            yield cells
        else:
            yield [None if cell is None else as_text(cell) for cell in cells]


def _fits(column: Column, cell: Any) -> bool:
    if column.kind == "id":
        return bool(_SMALLEST <= cell <= _LARGEST)
    try:
        return not isinstance(cell, str) or cell.encode() is not None
    except UnicodeEncodeError:
        return False
