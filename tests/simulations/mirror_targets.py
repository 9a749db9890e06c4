"""Stores of mirrors as others see them: by SQL, or by the files that a run has left."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from ledger_async.mirror.table import Column, Table

Key = tuple[Any, ...]
Row = tuple[Any, ...]


class Target(Protocol):
    """A store at `url`, read by what nobody of us wrote."""

    url: str

    def rows(self, table: Table) -> list[Row]:
        """All rows that are not gone, in neutral cells; none if there is no table yet."""

    def changes(self, table: Table) -> list[tuple[Key, str]]:
        """The key and kind of every change, in their order; none if the store keeps no changes."""


class SqliteTarget:
    """A file of SQLite."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "ledger.db"
        self.url = f"sqlite:{self._path}"

    def rows(self, table: Table) -> list[Row]:
        columns = _listed(each.name for each in table.columns)
        found = self._query(f'SELECT {columns} FROM "{table.name}" WHERE gone_at IS NULL')
        return [_neutral(table, row) for row in found]

    def changes(self, table: Table) -> list[tuple[Key, str]]:
        found = self._query(
            f'SELECT {_listed(table.key)}, kind FROM "{table.name}_changes" ORDER BY id'
        )
        return [(row[:-1], row[-1]) for row in found]

    def _query(self, sql: str) -> list[Row]:
        with closing(sqlite3.connect(self._path)) as connection:
            try:
                return connection.execute(sql).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise


class PostgresTarget:
    """A database of PostgreSQL at this URL, or one of its schemas."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, table: Table) -> list[Row]:
        columns = ", ".join(_as_text(each) for each in table.columns)
        found = self._query(f'SELECT {columns} FROM "{table.name}" WHERE gone_at IS NULL')
        return [_neutral(table, row) for row in found]

    def changes(self, table: Table) -> list[tuple[Key, str]]:
        found = self._query(
            f'SELECT {_listed(table.key)}, kind FROM "{table.name}_changes" ORDER BY id'
        )
        return [(row[:-1], row[-1]) for row in found]

    def _query(self, sql: str) -> list[Row]:
        import psycopg  # noqa: PLC0415 - an extra

        with psycopg.connect(self.url) as connection:
            try:
                return connection.execute(sql.encode()).fetchall()
            except psycopg.errors.UndefinedTable:
                return []


class ParquetTarget:
    """A directory of snapshots, of which the newest counts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.url = f"parquet:{directory}"

    def rows(self, table: Table) -> list[Row]:
        import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

        snapshots = sorted(self._directory.glob(f"{table.name}/run=*/_complete.json"))
        files = snapshots[-1].parent.glob("part-*.parquet") if snapshots else ()
        columns = [each.name for each in table.columns]
        found = [row for file in files for row in pq.ParquetFile(file).read(columns).to_pylist()]
        return [_neutral(table, tuple(row[each] for each in columns)) for row in found]

    def changes(self, table: Table) -> list[tuple[Key, str]]:
        return []


def canonical(table: Table, row: Iterable[Any]) -> Row:
    """The row's cells, of which documents are equal if they say the same."""
    return tuple(
        _document(cell) if column.kind == "json" else cell
        for column, cell in zip(table.columns, row, strict=True)
    )


def _neutral(table: Table, row: Row) -> Row:
    cells = (_cell(column, cell) for column, cell in zip(table.columns, row, strict=True))
    return canonical(table, cells)


def _cell(column: Column, cell: Any) -> Any:
    if cell is None:
        return None
    match column.kind:
        case "integer":
            return int(cell)
        case "decimal":
            return Decimal(cell)
        case _:
            return cell


def _document(cell: Any) -> Any:
    if isinstance(cell, str):
        cell = json.loads(cell, parse_float=Decimal, parse_int=Decimal)
    return _plain(cell)


def _plain(value: Any) -> Any:
    """A document in one form: absent fields are as null ones, and numbers as their digits."""
    match value:
        case dict():
            return {key: _plain(part) for key, part in value.items() if part is not None}
        case list():
            return [_plain(part) for part in value]
        case Decimal() | int():
            return _digits(value)
        case str() if value.startswith("{"):  # a map, which Parquet keeps as a document of its own
            return _document(value)
        case _:
            return value


def _digits(number: Decimal | int) -> str:
    whole, point, rest = f"{Decimal(number):f}".partition(".")
    return whole + (point + rest).rstrip("0").rstrip(".")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _as_text(column: Column) -> str:
    name = f'"{column.name}"'
    return f"{name}::text" if column.kind in {"integer", "decimal", "json"} else name
