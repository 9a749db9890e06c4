"""Cancellations: who asked for them, and work that they must not cut short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
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


async def until_done(task: asyncio.Future[Any]) -> None:
    """Wait until a task has ended, however often we are cancelled: that is raised at the end."""
    cancelled: asyncio.CancelledError | None = None
    with anyio_scopes.shield():
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                # The shield stops anyio's cancellations, this one is the event loop's own.
                cancelled = error
    if cancelled is not None:
        raise cancelled


async def to_the_end(work: Awaitable[T]) -> T:
    """The result of some work: whoever is cancelled meanwhile is so once the work has ended."""
    task = asyncio.ensure_future(work)
    await until_done(task)
    return task.result()


@asynccontextmanager
async def in_full(opened: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Open something, and close it, neither of which it could leave half done without harm."""
    opening = asyncio.ensure_future(opened.__aenter__())
    try:
        yield await to_the_end(opening)
    finally:
        if opening.exception() is None:
            await to_the_end(opened.__aexit__(None, None, None))
