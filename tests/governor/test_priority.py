"""Awaited calls beside streams: served first where requests wait, and never alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median

import pytest

from ledger_async import LedgerClient
from ledger_async.sandbox import Sandbox

ACCOUNTS = dict.fromkeys(range(101, 141), 10_000)


@asynccontextmanager
async def streaming(
    rate: float, *, streams: int, latency: float = 0.02
) -> AsyncIterator[tuple[Sandbox, LedgerClient, list[int]]]:
    """A client on which so many streams are read, and how many nodes they have handed over."""
    counts = [0] * streams

    async def read(ledger: LedgerClient, index: int) -> None:
        ids = list(ACCOUNTS)[10 * index : 10 * index + 10]
        async for _ in ledger.nfts.stream_accounts(ids, page_size=10):
            counts[index] += 1

    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(
            Sandbox(ACCOUNTS, rate_limit=rate, latency=latency)
        )
        ledger = await stack.enter_async_context(
            LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user)
        )
        readers = [asyncio.create_task(read(ledger, index)) for index in range(streams)]
        await asyncio.sleep(5)
        yield sandbox, ledger, counts
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


async def times(calls: int, call: Callable[[], object], *, every: float) -> list[float]:
    """Seconds that each of these calls took."""
    clock, found = asyncio.get_running_loop().time, []
    for _ in range(calls):
        started = clock()
        await call()  # type: ignore[misc]
        found.append(clock() - started)
        await asyncio.sleep(every)
    return found


@pytest.mark.parametrize(("rate", "most"), [(5, 0.4), (20, 0.15)])
async def test_an_awaited_call_is_not_queued_behind_streams(rate: float, most: float) -> None:
    async with streaming(rate, streams=4) as (_, ledger, _):
        took = await times(20, lambda: ledger.accounts.get(101), every=0.77)
    assert median(took) <= most


async def test_without_priority_a_call_waits_behind_streams() -> None:
    async with streaming(5, streams=4) as (_, ledger, _):
        view = ledger.with_options(priority="bulk")
        took = await times(5, lambda: view.accounts.get(101), every=0.77)
    assert median(took) > 1


async def test_pages_of_an_interactive_stream_pass_those_of_others() -> None:
    async with streaming(5, streams=1) as (_, ledger, counts):
        before, fast = counts[0], ledger.with_options(priority="interactive")
        async with asyncio.timeout(10):
            pages = [page async for page in _pages(fast)]
    assert len(pages) == 30
    assert counts[0] > before


async def _pages(ledger: LedgerClient) -> AsyncIterator[int]:
    """Thirty pages, one after the other."""
    for number in range(1, 31):
        yield len((await ledger.nfts.page(139, number, page_size=10)).nodes)


async def test_a_storm_of_calls_leaves_streams_a_quarter() -> None:
    async with streaming(20, streams=1) as (sandbox, ledger, _):
        storm = [
            asyncio.create_task(times(1000, lambda: ledger.accounts.get(101), every=0))
            for _ in range(32)
        ]
        await asyncio.sleep(2)
        before = len(sandbox.requests)
        await asyncio.sleep(20)
        seen = sandbox.requests[before:]
        for each in storm:
            each.cancel()
        await asyncio.gather(*storm, return_exceptions=True)
    share = sum(each.path.endswith("/nfts") for each in seen) / len(seen)
    assert share == pytest.approx(0.25, abs=0.03)
