"""Coroutines that run beside each other, with one error to tell of."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


async def together(*calls: Coroutine[object, object, T]) -> list[T]:
    """The results of all calls; if one raises, the others are cancelled, and so does this."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except BaseExceptionGroup as errors:
        error = _first(errors)
    else:
        return [task.result() for task in tasks]
    try:
        raise error  # not while the group is handled: the error would hold it, and it the error
    finally:
        del error


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
