"""A run whose tables are in a file of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from ledger_async.mirror.store import Differences, Part, Staged, StagedPart
from ledger_async.mirror.table import Table

from . import bookkeeping
from .bookkeeping import RunKey
from .database import Database, transaction
from .lock import TableLock
from .merging import Merging, drop
from .statements import Statements

T = TypeVar("T")

# Parts that are read at once; each holds the rows of a page.
_PARTS = 20


class SqliteRun:
    """A run of a `SqliteStore`; one that was joined holds no lock."""

    def __init__(
        self, database: Database, table: Table, key: RunKey, *, resumed: bool, lock: TableLock
    ) -> None:
        self.id = key.id
        self.resumed = resumed
        self._database = database
        self._table = table
        self._key = key
        self._lock = lock
        self._merging = Merging(table, key)
        self._sql = Statements(table)

    async def finished(self, account_ids: Sequence[int | None]) -> Collection[int | None]:
        return await self._database.run(
            lambda connection: bookkeeping.finished(connection, self._key, account_ids)
        )

    async def staged(self) -> Sequence[Staged]:
        return await self._database.run(
            lambda connection: bookkeeping.staged(connection, self._key)
        )

    async def staged_parts(self, account_id: int | None, start: int) -> Sequence[StagedPart]:
        return await self._database.run(
            lambda connection: self._parts(connection, account_id, start)
        )

    async def drop(self, account_ids: Iterable[int | None]) -> None:
        these = [*account_ids]
        await self._change(lambda connection: drop(connection, self._table, self._key, these))

    async def write(self, parts: Sequence[Part]) -> Differences:
        return await self._change(lambda connection: self._write(connection, parts))

    async def sizes(self, account_ids: Sequence[int]) -> Mapping[int, int]:
        return dict(
            await self._database.run(
                lambda connection: bookkeeping.sizes(connection, self._key.section, account_ids)
            )
        )

    async def newest(self, column: str) -> datetime | None:
        sql, values = self._sql.newest(column), {"section": self._key.section}
        (time,) = await self._database.run(
            lambda connection: connection.execute(sql, values).fetchone()
        )
        return None if time is None else datetime.fromisoformat(time)

    async def unsettled(self, column: str, final: Collection[str]) -> Sequence[int]:
        sql = self._sql.unsettled(column, len(final))
        rows = await self._database.run(
            lambda connection: connection.execute(sql, [*final]).fetchall()
        )
        return [id_ for (id_,) in rows]

    async def finish(self) -> Differences:
        return await self._database.run(self._finish)

    async def aclose(self) -> None:
        if self._database.is_open:
            await self._database.run(lambda _: self._lock.release())

    async def _change(self, job: Callable[[sqlite3.Connection], T]) -> T:
        def changing(connection: sqlite3.Connection) -> T:
            with transaction(connection):
                bookkeeping.check(connection, self._key)
                return job(connection)

        return await self._database.run(changing)

    def _write(self, connection: sqlite3.Connection, parts: Sequence[Part]) -> Differences:
        done = self._merging.write(connection, parts)
        bookkeeping.count(connection, self._key, done)
        return done

    def _finish(self, connection: sqlite3.Connection) -> Differences:
        """Sync the log, which holds the transactions before this one too."""
        connection.execute("PRAGMA synchronous = FULL")
        try:
            with transaction(connection):
                bookkeeping.check(connection, self._key)
                return bookkeeping.finish(connection, self._key)
        finally:
            connection.execute("PRAGMA synchronous = NORMAL")

    def _parts(
        self, connection: sqlite3.Connection, account_id: int | None, start: int
    ) -> list[StagedPart]:
        first, last = start, start + _PARTS - 1
        checkpoints = bookkeeping.checkpoints(connection, self._key, account_id, first, last)
        rows = connection.execute(
            self._sql.identities(self._table.identity),
            {
                "account": account_id,
                "writer": self._key.writer,
                "first": first,
                "last": last,
            },
        )
        identities = {
            part: [row[1:] for row in group] for part, group in groupby(rows, itemgetter(0))
        }
        return [StagedPart(identities.get(part, []), each) for part, each in checkpoints.items()]
