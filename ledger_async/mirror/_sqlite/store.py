"""A store of mirrors that is one file of SQLite."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakSet

from ledger_async import ConfigurationError, StoreLockedError
from ledger_async.mirror.paths import exists, path_of
from ledger_async.mirror.store import Mode
from ledger_async.mirror.table import Table

from . import bookkeeping, schema
from .bookkeeping import RunKey
from .database import Database, transaction
from .lock import TableLock
from .run import SqliteRun

_PATIENCE = 10.0  # seconds: the lock of a killed process may linger
_PAUSE = 0.1


class SqliteStore:
    """Keeps mirrors in a file of SQLite, which is made if there is none.

    Integers and decimals are text with all their digits, times ISO text in UTC, documents JSON
    text. Beside the file stands an empty one for each table that was ever mirrored, by which a
    run holds the table.
    """

    def __init__(self, path: str | os.PathLike[str], *, _patience: float = _PATIENCE) -> None:
        self._path = str(_checked(path).resolve())  # one lock, whatever leads to the file
        self._patience = _patience
        self._database = Database(self._path)
        self._locks: WeakSet[TableLock] = WeakSet()

    def __repr__(self) -> str:
        return f"SqliteStore({self._path!r})"

    async def __aenter__(self) -> Self:
        await self._database.open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for lock in [*self._locks]:
            self._database.submit(lock.release)
        await self._database.aclose()

    async def begin(
        self, table: Table, *, mode: Mode = "full", resume: bool = True, join: str | None = None
    ) -> SqliteRun:
        """Begin a run on this table, or go on with one, as `Store.begin` says."""
        lock = TableLock(self._path, table.name)
        if join is not None:
            return await self._begin(table, lock, mode=mode, resume=resume, join=join)
        self._locks.add(lock)
        try:
            await self._take(lock, table.name)
            return await self._begin(table, lock, mode=mode, resume=resume, join=None)
        except BaseException:
            self._database.submit(lock.release)  # after it was taken, if that is under way
            raise

    async def _take(self, lock: TableLock, table: str) -> None:
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience
        while not await self._database.run(lambda _: lock.take()):
            if clock() >= deadline:
                holder = await self._database.run(
                    lambda connection: bookkeeping.holder_of(connection, table)
                )
                raise StoreLockedError(f"the table {table} in {self._path} is held by {holder}")
            await asyncio.sleep(_PAUSE)

    async def _begin(
        self, table: Table, lock: TableLock, *, mode: Mode, resume: bool, join: str | None
    ) -> SqliteRun:
        def begin(connection: sqlite3.Connection) -> tuple[RunKey, bool]:
            with transaction(connection):
                schema.prepare(connection, table, self._path)
                if join is not None:
                    return bookkeeping.join(connection, table.name, join), True
                return bookkeeping.begin(connection, table.name, mode, resume=resume)

        key, resumed = await self._database.run(begin)
        return SqliteRun(self._database, table, key, resumed=resumed, lock=lock)


def _checked(path: object) -> Path:
    named = path_of(path)
    if named is None or named.name == ":memory:":
        raise ConfigurationError('path must name a file, such as "ledger.db"')
    exists(named)
    return named
