"""One connection: a run holds its lock there and writes there, so that both are lost together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

import anyio
import psycopg
from psycopg import AsyncConnection
from psycopg.pq import PipelineStatus, TransactionStatus

from .failures import translated

T = TypeVar("T")

_in_session = ContextVar("in_session", default=False)

Connection: TypeAlias = AsyncConnection[tuple[Any, ...]]

# Seconds for the server to cancel a transaction, and until it is asked again: it ignores what
# comes between two statements.
_CANCELLING = 12.0
_PAUSE = 0.05


def _is_news(record: logging.LogRecord) -> bool:
    """False for what psycopg says of errors that it ignores: a session raises one, or is over."""
    return record.levelno < logging.WARNING or not _in_session.get()


for _name in ("psycopg", "psycopg.transaction"):
    logging.getLogger(_name).addFilter(_is_news)


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
        _in_session.set(True)  # in a context of the task's own
        with translated():
            async with self._connection.transaction():
                return await work(self._connection)

    @property
    def _is_clean(self) -> bool:
        """True if there is no transaction, nor anything on its way: psycopg may have given up."""
        pgconn = self._connection.pgconn
        is_idle = pgconn.transaction_status == TransactionStatus.IDLE
        return is_idle and pgconn.pipeline_status == PipelineStatus.OFF

    async def _uncancelled(self, transaction: Coroutine[Any, Any, T]) -> T:
        """Have the server cancel it, and let it roll back: psycopg stopped midway is of no use."""
        task = asyncio.ensure_future(transaction)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            with anyio.move_on_after(_CANCELLING, shield=True):
                await self._stop(task)
            if not task.done() or not self._is_clean:
                task.cancel()
                self._connection.pgconn.finish()
            raise
        if task.exception() is not None and not (self.closed or self._is_clean):
            self._connection.pgconn.finish()
        return task.result()

    async def _stop(self, task: asyncio.Task[Any]) -> None:
        """Cancel one statement after another, until the transaction is over."""
        while not task.done():
            with suppress(psycopg.Error):
                await self._connection.cancel_safe(timeout=_CANCELLING)
            await asyncio.wait([task], timeout=_PAUSE)
        if not task.cancelled():
            task.exception()  # of which nobody else will hear
