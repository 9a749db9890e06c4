"""The time of attempts: each has its own, and one timer watches them all."""

from __future__ import annotations

import asyncio

import pytest

from ledger_async._transport.attempt_timeout import Block, TimeLimit

LIMIT = 30.0


def now() -> float:
    return asyncio.get_running_loop().time()


def timers() -> int:
    """How many timers the loop keeps that were not cancelled."""
    scheduled = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return sum(not each.cancelled() for each in scheduled)


async def work(limit: TimeLimit, seconds: float) -> float:
    """Take so long, or as long as one may; returns when it was over."""
    try:
        with Block(limit):
            await asyncio.sleep(seconds)
    except TimeoutError:
        pass
    return now()


async def test_what_takes_too_long_times_out() -> None:
    with pytest.raises(TimeoutError), Block(TimeLimit(LIMIT)):
        await asyncio.Event().wait()
    assert now() == LIMIT


async def test_what_ends_in_time_is_left_alone() -> None:
    limit = TimeLimit(LIMIT)
    assert await work(limit, 29) == 29
    await asyncio.sleep(LIMIT)  # nobody cancels this


async def test_each_has_its_own_time() -> None:
    limit, tasks = TimeLimit(LIMIT), []
    for _ in range(3):
        tasks.append(asyncio.create_task(work(limit, 100)))
        await asyncio.sleep(10)
    assert await asyncio.gather(*tasks) == [30, 40, 50]


async def test_one_that_follows_another_has_all_its_time() -> None:
    limit = TimeLimit(LIMIT)
    await work(limit, 20)
    assert await work(limit, 100) == 50


async def test_one_that_begins_beside_others_that_end_has_all_its_time() -> None:
    limit = TimeLimit(LIMIT)
    short, long = (asyncio.create_task(work(limit, each)) for each in (10, 100))
    await short
    late = asyncio.create_task(work(limit, 100))
    assert [await long, await late] == [30, 40]


async def test_one_timer_watches_all() -> None:
    limit, never = TimeLimit(LIMIT), asyncio.Event()

    async def wait() -> None:
        with Block(limit):
            await never.wait()

    tasks = [asyncio.create_task(wait()) for _ in range(16)]
    await asyncio.sleep(0)
    assert timers() == 1
    never.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("seconds", [1, 100])
async def test_no_timer_is_left_behind(seconds: float) -> None:
    await work(TimeLimit(LIMIT), seconds)
    assert timers() == 0


async def test_an_error_of_the_work_is_its_own() -> None:
    with pytest.raises(LookupError), Block(TimeLimit(LIMIT)):
        raise LookupError


# Cancellations


async def test_a_cancellation_is_not_a_time_out() -> None:
    task = asyncio.create_task(work(TimeLimit(LIMIT), 100))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("first", ["time", "caller"])
async def test_a_cancellation_at_the_very_end_of_the_time_is_one(first: str) -> None:
    loop, limit = asyncio.get_running_loop(), TimeLimit(LIMIT)

    def cancel() -> None:
        task.cancel()

    if first == "caller":
        loop.call_at(LIMIT, cancel)
    task = asyncio.create_task(work(limit, 100))
    await asyncio.sleep(0)
    if first == "time":
        loop.call_at(LIMIT, cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (task.cancelling(), now()) == (1, LIMIT)


async def test_a_time_out_leaves_no_cancellation_behind() -> None:
    await work(TimeLimit(LIMIT), 100)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_task_that_had_been_cancelled_may_time_out() -> None:
    async def stubborn() -> None:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            with pytest.raises(TimeoutError), Block(TimeLimit(LIMIT)):
                await asyncio.sleep(100)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    await task


async def test_the_shorter_of_two_times_around_each_other_counts() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(10):
            await work(TimeLimit(LIMIT), 100)
    assert now() == 10


async def test_two_times_that_end_together_are_a_time_out() -> None:
    async def both() -> None:
        async with asyncio.timeout(LIMIT):
            with Block(TimeLimit(LIMIT)):
                await asyncio.sleep(100)

    with pytest.raises(TimeoutError):
        await both()
