"""Work off the event loop, whose failures are the store's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, TypeVarTuple

import anyio.to_thread
import pyarrow as pa

from ledger_async import StoreError

R = TypeVar("R")
Arguments = TypeVarTuple("Arguments")

_FAILURES = (OSError, pa.ArrowException)


async def in_thread(path: Path, work: Callable[[*Arguments], R], *arguments: *Arguments) -> R:
    """Do this to its end, also if the caller is cancelled; `StoreError` names the path."""
    try:
        return await anyio.to_thread.run_sync(work, *arguments)
    except _FAILURES as error:
        raise StoreError(_described(path, error)) from error


def _described(path: Path, error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or path}: {error.strerror}"
    return f"{path}: {error}"
