"""One connection to a file, in a thread of its own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ledger_async import ConfigurationError
from ledger_async.mirror.paths import exists

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
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None

    @property
    def is_open(self) -> bool:
        """True inside the store's context."""
        return self._thread is not None

    async def open(self) -> None:
        """Open the file, or make it; raise `ConfigurationError` if that is not possible."""
        if self.is_open:
            raise ConfigurationError("this store is open already: make another one, or share it")
        self._thread = ThreadPoolExecutor(1, "ledger_async.mirror")
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
        except BaseException:
            self._end(self._thread)
            raise

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """The result of a job."""
        if self._thread is None or self._connection is None:
            raise ConfigurationError('a store is used inside "async with SqliteStore(…) as store:"')
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._run, job, self._connection)

    async def aclose(self) -> None:
        """Close the file, after the jobs that were begun."""
        if self._thread is not None:
            await asyncio.shield(asyncio.wrap_future(self._end(self._thread)))

    def submit(self, job: Callable[[], None]) -> None:
        """Run a job for which nobody waits."""
        if self._thread is not None:
            self._thread.submit(job)

    def _end(self, thread: ThreadPoolExecutor) -> Future[None]:
        """Close the file behind all jobs, whether or not anybody waits for that."""
        self._thread = None
        closing = thread.submit(self._close)
        thread.shutdown(wait=False)
        return closing

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

    def _run(self, job: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
        with told_of(self.path):
            return job(connection)

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
    if exists(path) and path.is_dir():
        raise ConfigurationError(f"{path} is a directory: name a file in it")
    if not path.parent.is_dir():
        raise ConfigurationError(f"there is no directory {path.parent} for {path.name}")
