"""Errors of a store that was gone for one process for a while, and another try once it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ledger_async import LedgerError, RowRefusedError, StoreError, StoreLockedError

T = TypeVar("T")

# Seconds until the next try.
_PAUSES = (0.5, 3.0, 15.0)

# Those that come again however often one tries, or that were waited for already.
_LASTING = (RowRefusedError, StoreLockedError)


def is_passing(error: LedgerError) -> bool:
    """True for a store that was gone for this process, and may be back."""
    return isinstance(error, StoreError) and not isinstance(error, _LASTING)


async def persistently(call: Callable[[], Awaitable[T]]) -> T:
    """The result of a call, which is made again after an error that passes."""
    for pause in _PAUSES:
        try:
            return await call()
        except LedgerError as error:
            if not is_passing(error):
                raise
        await asyncio.sleep(pause)
    return await call()
