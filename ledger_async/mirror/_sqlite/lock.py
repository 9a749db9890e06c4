"""A lock on a table that vanishes with the process that holds it."""

from __future__ import annotations

import sqlite3

from .errors import meaning, primary_code, told_of


class TableLock:
    """Holds an open transaction on an empty file of the table's own, beside the database.

    The system's locks stand behind such a transaction, on every platform, and a killed process
    loses them. The file stays: who deleted it might delete what another process has just locked.
    """

    def __init__(self, path: str, table: str) -> None:
        self._path = f"{path}-{table}.lock"
        self._connection: sqlite3.Connection | None = None

    def take(self) -> bool:
        """Take the lock, or return false because another run holds it."""
        with told_of(self._path):
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            connection.close()
            if primary_code(error) == sqlite3.SQLITE_BUSY:
                return False
            raise meaning(error, self._path) from error
        self._connection = connection
        return True

    def release(self) -> None:
        """Let go of the lock, if it is held."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
