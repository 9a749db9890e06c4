"""PostgreSQL keeps what the protocol says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
from psycopg.rows import dict_row

from ledger_async.mirror import PostgresStore
from ledger_async.mirror.conformance import Row, StoreConformance

pytestmark = pytest.mark.real_time

TIMES = (
    ("mirror_runs", "started_at"),
    ("mirror_accounts", "finished_at"),
    ("mirror_parts", "written_at"),
)


class TestPostgresStore(StoreConformance):
    nul = "\u2400"

    @pytest.fixture(autouse=True)
    def _place(self, postgres: str) -> None:
        self.dsn = postgres

    def store(self) -> PostgresStore:
        return PostgresStore(self.dsn, _patience=0.2)

    async def rows(self, table: str) -> Sequence[Row]:
        return self._read(f"SELECT * FROM {table}")

    async def recorded(self, table: str) -> Sequence[Row]:
        return self._read(f"SELECT kind, before, after FROM {table}_changes ORDER BY id")

    async def age(self, table: str, by: timedelta) -> None:
        with psycopg.connect(self.dsn) as connection:
            for name, column in TIMES:
                sql = f"UPDATE {name} SET {column} = {column} - %s WHERE section = %s"
                connection.execute(sql.encode(), [by, table])

    def _read(self, sql: str) -> list[Row]:
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            for kind in ("json", "jsonb"):
                connection.adapters.register_loader(kind, psycopg.types.string.TextLoader)
            return list(map(_neutral, connection.execute(sql.encode())))


def _neutral(row: Row) -> Row:
    """Integers of any size come as decimals."""
    return {name: int(cell) if name == "amount" and cell else cell for name, cell in row.items()}
