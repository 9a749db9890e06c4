"""A client and its streams belong to one event loop: on another they raise, and never hang."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from threading import Thread
from typing import Any

import pytest

from ledger_async import ConfigurationError, LedgerClient, NodeStream, StreamClosedError
from ledger_async._support.own_loop import OwnLoop
from ledger_async.sandbox import Sandbox

Use = Callable[[LedgerClient, NodeStream[Any]], Awaitable[object]]

PATIENCE = 5.0  # real seconds, for what is to raise at once


@pytest.fixture
def elsewhere() -> Iterator[asyncio.AbstractEventLoop]:
    """Another event loop, which runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    yield loop
    asyncio.run_coroutine_threadsafe(_settled(), loop).result(PATIENCE)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _settled() -> None:
    """A stream that was dropped is closed by its own loop, which is not to be stopped before."""
    await asyncio.get_running_loop().shutdown_asyncgens()
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


async def on(loop: asyncio.AbstractEventLoop, work: Awaitable[object]) -> object:
    """What `work` returns or raises on that loop, unless it hangs there."""

    async def run() -> object:
        async with asyncio.timeout(PATIENCE):
            return await work

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), loop))


async def use_client(ledger: LedgerClient, _stream: NodeStream[Any]) -> object:
    return await ledger.accounts.get(101)


async def use_stream(_ledger: LedgerClient, stream: NodeStream[Any]) -> object:
    return await anext(stream)


async def read_on(_ledger: LedgerClient, stream: NodeStream[Any]) -> object:
    return [node async for node in stream]


async def read_another(ledger: LedgerClient, _stream: NodeStream[Any]) -> object:
    return [node async for node in ledger.nfts.stream(103)]


async def close_stream(_ledger: LedgerClient, stream: NodeStream[Any]) -> None:
    await stream.aclose()


async def close_client(ledger: LedgerClient, _stream: NodeStream[Any]) -> None:
    await ledger.aclose()


FIRST = [use_client, use_stream]
LATER = [use_client, use_stream, read_on, read_another, close_stream, close_client]


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("later", LATER)
async def test_what_was_used_here_is_refused_elsewhere_and_goes_on_here(
    first: Use,
    later: Use,
    ledger: LedgerClient,
    elsewhere: asyncio.AbstractEventLoop,
) -> None:
    stream = ledger.nfts.stream(101, page_size=10)
    await first(ledger, stream)
    with pytest.raises(ConfigurationError, match="event loop of its first use"):
        await on(elsewhere, later(ledger, stream))
    read = 250 - stream.progress.nodes + (10 - 1 if stream.progress.nodes else 0)
    assert len([node async for node in stream]) == read


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("later", LATER)
async def test_what_was_used_elsewhere_is_refused_here(
    first: Use,
    later: Use,
    sandbox: Sandbox,
    elsewhere: asyncio.AbstractEventLoop,
) -> None:
    ledger = LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user)
    stream = ledger.nfts.stream(101, page_size=10)
    await on(elsewhere, first(ledger, stream))
    with pytest.raises(ConfigurationError, match="event loop of its first use"):
        await later(ledger, stream)
    await on(elsewhere, ledger.aclose())


async def test_a_reader_that_waits_here_is_not_disturbed_from_elsewhere(
    elsewhere: asyncio.AbstractEventLoop,
) -> None:
    async with (
        Sandbox({101: 30}, latency=1.0) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        stream = ledger.nfts.stream(101, page_size=10)
        reader = asyncio.create_task(read_on(ledger, stream))
        await asyncio.sleep(0)
        for use in (use_stream, close_stream, close_client):
            with pytest.raises(ConfigurationError):
                await on(elsewhere, use(ledger, stream))
        nodes = await reader
        assert isinstance(nodes, list)
        assert len(nodes) == 30


async def test_an_iterator_that_was_carried_elsewhere_ends_the_stream_with_an_error(
    ledger: LedgerClient, elsewhere: asyncio.AbstractEventLoop
) -> None:
    """Between two nodes of a page nothing looks, or each node would cost more."""
    nodes = aiter(ledger.nfts.stream(101, page_size=10))
    await anext(nodes)

    async def carry_on() -> None:
        async for _ in nodes:
            pass

    with pytest.raises(ConfigurationError):
        await on(elsewhere, carry_on())
    with pytest.raises(StreamClosedError):
        await anext(nodes)
    await asyncio.sleep(1)
    assert not ledger._runtime.live.streams


def test_what_is_left_of_a_loop_that_has_ended_may_be_closed_on_another() -> None:
    """As a program does that calls `asyncio.run` more than once."""
    left: list[LedgerClient] = []

    async def use() -> None:
        async with Sandbox({101: 30}) as sandbox:
            ledger = LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user)
            await anext(ledger.nfts.stream(101, page_size=10))
            left.append(ledger)

    asyncio.run(use())
    asyncio.run(left[0].aclose())


def test_a_loop_is_entered_more_than_once() -> None:
    async def enter() -> bool:
        return own.enter() is own.enter() is asyncio.get_running_loop()

    own = OwnLoop()
    assert asyncio.run(enter())
