"""The life cycle under fire: ends that meet each other, at random moments, and on every loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import pytest
from lifecycle_simulation import play
from virtual_time import VirtualTimeLoop

from ledger_async import LedgerClient, StreamClosedError
from ledger_async.sandbox import Sandbox

HOUR = 3600.0
ACCOUNTS = dict.fromkeys(range(101, 201), 60)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Answers take a second, so that there is something to be ended."""
    async with Sandbox(ACCOUNTS, latency=1.0) as workspace:
        yield workspace


# Ends that meet


async def test_two_tasks_may_close_a_stream_whose_reader_is_gone(ledger: LedgerClient) -> None:
    stream = ledger.nfts.stream(101, page_size=5)
    await asyncio.create_task(anext(stream))
    await asyncio.gather(stream.aclose(), stream.aclose())


async def test_a_reader_that_comes_while_a_stream_closes_is_told(ledger: LedgerClient) -> None:
    stream = ledger.nfts.stream(101, page_size=1)
    await asyncio.create_task(anext(stream))
    closing = asyncio.create_task(stream.aclose())
    await asyncio.sleep(0)
    with pytest.raises(StreamClosedError):
        await anext(stream)
    await closing


async def test_a_generator_of_ids_may_be_left_within_its_own_cancel_scope(
    ledger: LedgerClient,
) -> None:
    scopes: list[anyio.CancelScope] = []
    errors: list[BaseException] = []

    async def ids() -> AsyncIterator[int]:
        try:
            with anyio.CancelScope() as scope:
                scopes.append(scope)
                for each in ACCOUNTS:
                    yield each
        except Exception as error:
            errors.append(error)
            raise

    async with ledger.nfts.stream_accounts(ids()) as stream:
        await anext(stream)
    assert (len(scopes), errors) == (1, [])


async def test_a_client_that_is_cancelled_while_it_closes_waits_for_all_streams(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    closed = list[int]()

    async def ids(seconds: int) -> AsyncIterator[int]:
        try:
            for each in ACCOUNTS:
                yield each
        finally:
            await asyncio.sleep(seconds)
            closed.append(seconds)

    streams = [ledger.nfts.stream_accounts(ids(seconds)) for seconds in (1, 5, 9)]
    for stream in streams:
        await anext(stream)
    closing = asyncio.create_task(ledger.aclose())
    await asyncio.sleep(0.5)
    closing.cancel()
    await asyncio.wait([closing])
    assert (sorted(closed), closing.cancelled()) == ([1, 5, 9], True)


Close = Callable[[Awaitable[None]], Awaitable[None]]


async def in_a_task(closing: Awaitable[None]) -> None:
    await asyncio.wait_for(closing, HOUR)  # on Python 3.11


async def in_a_group(closing: Awaitable[None]) -> None:
    async def close() -> None:
        await closing

    async with anyio.create_task_group() as group:
        group.start_soon(close)


@pytest.mark.parametrize("close", [in_a_task, in_a_group])
@pytest.mark.parametrize("closing", ["stream", "client"])
def test_a_task_of_what_gives_the_ids_may_close_the_stream(closing: str, close: Close) -> None:
    """The stream waits for the generator, and the generator for the task."""
    told: list[type[BaseException]] = []

    async def main() -> None:
        async def ids() -> AsyncIterator[int]:
            yield 101
            await close(stream.aclose() if closing == "stream" else ledger.aclose())

        async with workspace() as ledger:
            stream = ledger.nfts.stream_accounts(ids())
            with pytest.raises(StreamClosedError) as caught:
                [node async for node in stream]
            told.append(caught.type)

    finish(main())
    assert told == [StreamClosedError]


def test_what_gives_the_ids_of_one_stream_may_close_another_that_reads_it() -> None:
    told: list[type[BaseException]] = []

    async def main() -> None:
        async def first() -> AsyncIterator[int]:
            yield 101
            await outer.aclose()

        async def second() -> AsyncIterator[int]:
            async for account_id, _ in inner:
                yield account_id

        async with workspace() as ledger:
            inner = ledger.nfts.stream_accounts(first())
            outer = ledger.nfts.stream_accounts(second())
            with pytest.raises(StreamClosedError) as caught:
                [node async for node in outer]
            told.append(caught.type)

    finish(main())
    assert told == [StreamClosedError]


@asynccontextmanager
async def workspace() -> AsyncIterator[LedgerClient]:
    async with (
        Sandbox(ACCOUNTS, latency=1.0) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        yield ledger


def finish(main: Awaitable[None]) -> None:
    """Run `main` on virtual time; what hangs in a shield cannot be cancelled, so the loop stops."""

    async def run() -> None:
        await main

    loop = VirtualTimeLoop()
    try:
        task = loop.create_task(run())
        task.add_done_callback(lambda _: loop.stop())
        loop.call_later(2 * HOUR, loop.stop)
        loop.run_forever()
        assert task.done(), "it hangs"
        task.result()
    finally:
        loop.close()


# Random ends


def test_streams_that_end_at_a_random_moment_leave_nothing() -> None:
    play(range(500))


@pytest.mark.heavy
@pytest.mark.parametrize("first", range(500, 10_000, 950))
def test_streams_that_end_at_any_of_many_random_moments_leave_nothing(first: int) -> None:
    play(range(first, first + 950))
