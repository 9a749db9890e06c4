"""Cancellations: who asked for them, and work that they must not cut short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from . import anyio_scopes

T = TypeVar("T")


def is_asked_for() -> bool:
    """True if someone asked the current task to stop.

    If nobody did, a `CancelledError` comes from something that the task awaited, and must not leave
    it as one. If somebody did, and no `CancelledError` comes, it was swallowed.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of some work: whoever is cancelled meanwhile is so once the work has ended."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    with anyio_scopes.shield():
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()


@asynccontextmanager
async def in_full(opened: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Open something, and close it, neither of which it could leave half done without harm."""
    opening = asyncio.ensure_future(opened.__aenter__())
    try:
        yield await to_the_end(_result(opening))
    finally:
        if opening.exception() is None:
            await to_the_end(_closed(opened))


async def _result(opening: asyncio.Future[T]) -> T:
    return await opening


async def _closed(opened: AbstractAsyncContextManager[Any]) -> None:
    await opened.__aexit__(None, None, None)
