"""A lock on a table, which the operating system drops with the process that holds it."""

from __future__ import annotations

import os
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import anyio

from ledger_async import StoreLockedError

from .threads import in_thread

_PAUSE = 0.05  # seconds between two attempts

# Windows hides what is locked: the lock lies far behind the text.
_FAR = 1 << 30

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """The lock of one table; the file says who holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    async def acquire(self, patience: float) -> None:
        """Take the lock, or raise `StoreLockedError` once it was held for so many seconds more."""
        limit = time.monotonic() + patience
        while not await in_thread(self._path, self._try):
            if time.monotonic() >= limit:
                raise StoreLockedError(f"another run holds {self._path.parent}: {self._holder()}")
            await anyio.sleep(_PAUSE)

    def release(self) -> None:
        """Let others have the lock; nothing, if it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _try(self) -> bool:
        file = self._path.open("ab+", buffering=0)
        try:
            _take(file)
        except OSError:
            file.close()
            return False
        self._file = file
        file.truncate(0)
        file.write(_own_name().encode())
        return True

    def _holder(self) -> str:
        return self._path.read_bytes().decode(errors="replace") or "its name is not known"


def _own_name() -> str:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()}, since {since}"
