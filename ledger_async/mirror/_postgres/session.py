"""One connection: a run holds its lock there and writes there, so that both are lost together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

import anyio
from psycopg import AsyncConnection

from .failures import translated

T = TypeVar("T")

Connection: TypeAlias = AsyncConnection[tuple[Any, ...]]

# Seconds for the server to cancel a statement; psycopg gives up its connection after 10.
_CANCELLING = 12.0


class Session:
    """Does one thing at a time, each in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    @property
    def closed(self) -> bool:
        """True once it is, whoever closed it."""
        return self._connection.closed

    async def do(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do this in a transaction, which is rolled back if it fails or is cancelled.

        Afterwards the connection can be used again, or it is closed, and so is the lock given up.
        """
        async with self._turn:
            return await self._uncancelled(self._transact(work))

    async def aclose(self) -> None:
        """Close the connection, with which its locks go."""
        await self._connection.close()

    async def _transact(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        with translated():
            async with self._connection.transaction():
                return await work(self._connection)

    async def _uncancelled(self, transaction: Coroutine[Any, Any, T]) -> T:
        """Cancel it once at most, then let it roll back; scopes of anyio would do so each turn."""
        task = asyncio.ensure_future(transaction)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([task], timeout=_CANCELLING)
            if not task.done() or not (task.cancelled() or task.exception() is None):
                self._connection.pgconn.finish()
            raise
        return task.result()
