"""Coroutines that run beside each other."""

from __future__ import annotations

import asyncio

import pytest

from ledger_async.mirror.together import together


async def value(number: int) -> int:
    await asyncio.sleep(0)
    return number


async def failing() -> int:
    await asyncio.sleep(0)
    raise KeyError("lost")


async def forever(ended: list[str]) -> int:
    try:
        return await asyncio.Event().wait()
    finally:
        ended.append("cancelled")


async def test_results_come_in_the_order_of_the_calls() -> None:
    assert await together(value(1), value(2)) == [1, 2]


async def test_an_error_is_raised_as_it_was_and_not_in_a_group() -> None:
    with pytest.raises(KeyError, match="lost") as error:
        await together(value(1), failing())
    assert error.value.__context__ is None


async def test_an_error_cancels_the_others() -> None:
    ended: list[str] = []
    with pytest.raises(KeyError):
        await together(forever(ended), failing())
    assert ended == ["cancelled"]


async def test_a_cancellation_reaches_all() -> None:
    ended: list[str] = []
    running = asyncio.create_task(together(forever(ended), forever(ended)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended == ["cancelled", "cancelled"]
