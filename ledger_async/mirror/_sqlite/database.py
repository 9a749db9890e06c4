"""One connection to a file, in a thread of its own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ledger_async import ConfigurationError, StoreError

from .errors import BUSY_SECONDS, told_of

T = TypeVar("T")

# The first that knows "ON CONFLICT DO UPDATE".
_OLDEST = (3, 24, 0)

# Safe against a killed process, and a power cut loses whole transactions at most: the last one of
# a run is synchronous, and takes all those before it to the disk.
_SETTINGS = ("journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY")


class Database:
    """Runs jobs on its connection one after another, while the event loop goes on.

    A job that has begun runs to its end, also if nobody waits for it any more.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_closed = False
        self._thread = ThreadPoolExecutor(1, "ledger_async.mirror")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file, or make it; raise `ConfigurationError` if that is not possible."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """The result of a job."""
        if self.is_closed:
            raise StoreError(f"{self.path}: the store was closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, job)

    async def aclose(self) -> None:
        """Close the file, after the jobs that were begun."""
        self.is_closed = True
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)
        await asyncio.shield(closing)

    def submit(self, job: Callable[[], None]) -> None:
        """Run a job for which nobody waits."""
        if not self.is_closed:
            self._thread.submit(job)

    def _open(self) -> None:
        if sqlite3.sqlite_version_info < _OLDEST:
            oldest = ".".join(map(str, _OLDEST))
            raise ConfigurationError(
                f"SqliteStore needs SQLite {oldest} or later, Python has {sqlite3.sqlite_version}"
            )
        _check_file(Path(self.path))
        with told_of(self.path):
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                for setting in _SETTINGS:
                    connection.execute(f"PRAGMA {setting}").fetchall()
            except BaseException:
                connection.close()
                raise
        self._connection = connection

    def _run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            raise ConfigurationError('a store is used inside "async with SqliteStore(…) as store:"')
        with told_of(self.path):
            return job(self._connection)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled it back already
            connection.execute("ROLLBACK")
        raise


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ConfigurationError(f"{path} is a directory: name a file in it")
    if not path.absolute().parent.is_dir():
        raise ConfigurationError(f"there is no directory {path.absolute().parent} for {path.name}")
