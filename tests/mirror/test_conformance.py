"""The stores of a mirror, and what the protocol says of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from memory_store import MemoryStore

from ledger_async.mirror import SqliteStore
from ledger_async.mirror._sqlite.cells import stamp
from ledger_async.mirror.conformance import ENTRIES, ITEMS, Row, StoreConformance

pytestmark = pytest.mark.real_time

_READERS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "decimal": Decimal,
    "boolean": bool,
    "timestamp": datetime.fromisoformat,
}

TIMES = (
    ("mirror_runs", "started_at"),
    ("mirror_accounts", "finished_at"),
    ("mirror_parts", "written_at"),
)


class TestMemoryStore(StoreConformance):
    marks = False
    changes = False

    @pytest.fixture(autouse=True)
    def _place(self) -> None:
        self.memory = MemoryStore()

    def store(self) -> MemoryStore:
        return self.memory

    async def rows(self, table: str) -> Sequence[Row]:
        home = self.memory.tables[table]
        names = [each.name for each in home.table.columns]
        return [dict(zip(names, row, strict=True)) for row in home.rows.values()]

    async def age(self, table: str, by: timedelta) -> None:
        self.memory.tables[table].older_by += by.total_seconds()


class TestSqliteStore(StoreConformance):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "ledger.db"

    def store(self) -> SqliteStore:
        return SqliteStore(self.path, _patience=0)

    async def rows(self, table: str) -> Sequence[Row]:
        columns = {
            each.name: each.kind for each in (ITEMS if table == ITEMS.name else ENTRIES).columns
        }
        times = dict.fromkeys(("first_seen_at", "changed_at", "gone_at"), "timestamp")
        return [
            {name: _read({**columns, **times}[name], cell) for name, cell in row.items()}
            for row in self._read(f"SELECT * FROM {table}")
        ]

    async def recorded(self, table: str) -> Sequence[Row]:
        return self._read(f"SELECT * FROM {table}_changes ORDER BY id")

    async def age(self, table: str, by: timedelta) -> None:
        def older(time: str) -> str:
            return stamp(datetime.fromisoformat(time) - by)

        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.create_function("older", 1, older)
            for name, column in TIMES:
                sql = f"UPDATE {name} SET {column} = older({column}) WHERE section = ?"
                connection.execute(sql, [table])

    def _read(self, sql: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]


def _read(kind: str, cell: Any) -> Any:
    return _READERS[kind](cell) if kind in _READERS and cell is not None else cell
