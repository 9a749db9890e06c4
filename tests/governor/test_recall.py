"""Requests that are called back: those that wait to be sent, and none that was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context

import pytest

from ledger_async._governor.gate import Gate
from ledger_async._governor.recall import Recall


@pytest.fixture
def recall() -> Recall:
    return Recall()


def begun(recall: Recall, work: Callable[[], Awaitable[object]]) -> asyncio.Task[object]:
    """A task that belongs to this recall."""

    async def run() -> object:
        return await work()

    context = copy_context()
    context.run(recall.enter)
    return asyncio.get_running_loop().create_task(run(), context=context)


async def test_who_waits_for_a_permit_is_called_back(recall: Recall) -> None:
    gate = Gate(1)
    permit = await gate.acquire()
    waiting = begun(recall, gate.acquire)
    await asyncio.sleep(1)
    recall.make()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    gate.release(permit, passed=True)
    assert await gate.acquire() is not None


async def test_who_rests_is_called_back(recall: Recall) -> None:
    resting = begun(recall, lambda: Gate(1).rest(60))
    await asyncio.sleep(1)
    recall.make()
    await asyncio.wait([resting], timeout=0)
    await asyncio.sleep(0)
    assert resting.cancelled()


async def test_who_comes_to_wait_later_is_called_back(recall: Recall) -> None:
    recall.make()
    resting = begun(recall, lambda: Gate(1).rest(60))
    await asyncio.wait([resting], timeout=1)
    assert resting.cancelled()


async def test_who_has_not_to_wait_is_not_called_back(recall: Recall) -> None:
    recall.make()
    assert await begun(recall, Gate(1).acquire) == 0


async def test_who_does_something_else_is_not_called_back(recall: Recall) -> None:
    sending = begun(recall, lambda: asyncio.sleep(60, "answer"))
    await asyncio.sleep(1)
    recall.make()
    assert await sending == "answer"


async def test_who_belongs_to_no_recall_waits_on(recall: Recall) -> None:
    resting = asyncio.create_task(Gate(1).rest(60))
    await asyncio.sleep(1)
    recall.make()
    await resting
    assert not resting.cancelled()
