"""Requests that are called back: those that wait to be sent, and none that was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ledger_async._governor.gate import Gate
from ledger_async._governor.recall import Recall, check


@pytest.fixture
def recall() -> Recall:
    return Recall()


def begun(recall: Recall, work: Callable[[], Awaitable[object]]) -> asyncio.Task[object]:
    """A task that belongs to this recall."""

    async def run() -> object:
        with recall.for_this_task():
            return await work()

    return asyncio.get_running_loop().create_task(run())


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


async def test_a_task_that_one_of_its_own_begins_is_not_called_back(recall: Recall) -> None:
    async def begin() -> asyncio.Task[None]:
        return asyncio.create_task(Gate(1).rest(60))

    resting = await begun(recall, begin)
    assert isinstance(resting, asyncio.Task)
    recall.make()
    await resting
    assert not resting.cancelled()


async def test_what_was_called_back_is_not_sent(recall: Recall) -> None:
    async def send() -> None:
        await asyncio.sleep(1)
        check()

    sending = begun(recall, send)
    await asyncio.sleep(0)
    recall.make()
    await asyncio.wait([sending])
    assert sending.cancelled()
