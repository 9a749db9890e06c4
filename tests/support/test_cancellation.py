"""A task is cancelled if someone asked for it: by asyncio or through the scopes of anyio.

`anyio_scopes` is asked for the deadlines of the scopes around a call.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from ledger_async._support import anyio_scopes, cancellation


async def test_a_cancellation_that_only_passes_through_is_not_asked_for() -> None:
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    with pytest.raises(asyncio.CancelledError):
        await future
    assert not cancellation.is_asked_for()


async def test_a_task_that_is_cancelled_was_asked_to_stop() -> None:
    asked: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            asked.append(cancellation.is_asked_for())

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert asked == [True]


async def test_the_nearest_deadline_of_the_scopes_counts() -> None:
    with anyio.fail_after(60), anyio.fail_after(30) as nearest:
        assert anyio_scopes.deadline() == nearest.deadline
        await asyncio.sleep(0)
    assert anyio_scopes.deadline() == math.inf


async def test_a_scope_that_was_cancelled_has_no_deadline_to_wait_for() -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        assert anyio_scopes.deadline() == math.inf
        await asyncio.sleep(0)


async def test_a_shield_keeps_the_cancellation_of_a_scope_out() -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        with anyio_scopes.shield():
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(0)


async def test_work_that_is_done_to_the_end_outlives_cancellations_of_whoever_waits() -> None:
    done: list[bool] = []

    async def work() -> None:
        await asyncio.sleep(1)
        done.append(True)

    task = asyncio.ensure_future(cancellation.to_the_end(work()))
    for _ in range(2):
        await asyncio.sleep(0.1)
        task.cancel()
    await asyncio.wait([task])
    assert (done, task.cancelled()) == ([True], True)


async def test_the_result_of_work_that_is_done_to_the_end_is_handed_on() -> None:
    assert await cancellation.to_the_end(asyncio.sleep(1, "result")) == "result"


async def test_the_error_of_work_that_is_done_to_the_end_is_raised() -> None:
    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await cancellation.to_the_end(work())


async def test_what_is_opened_in_full_is_closed_though_its_opening_was_cancelled() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def thing() -> AsyncIterator[None]:
        await asyncio.sleep(1)
        events.append("opened")
        yield
        await asyncio.sleep(1)
        events.append("closed")

    async def use() -> None:
        async with cancellation.in_full(thing()):
            events.append("used")

    task = asyncio.ensure_future(use())
    for _ in range(2):  # while it opens, and while it closes
        await asyncio.sleep(0.7)
        task.cancel()
    await asyncio.wait([task])
    assert (events, task.cancelled()) == (["opened", "closed"], True)


async def test_what_could_not_be_opened_in_full_is_not_closed() -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        raise ValueError("broken")
        yield

    with pytest.raises(ValueError, match="broken"):
        async with cancellation.in_full(broken()):
            raise AssertionError
