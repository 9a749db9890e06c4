"""`client.drain`: what is under way may end, and nothing new begins."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from ledger_async import (
    ConfigurationError,
    LedgerClient,
    NodeStream,
    StreamClosedError,
)
from ledger_async.sandbox import Sandbox, SeenRequest

LATENCY = 1.0  # seconds of the virtual clock


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox({101: 250, 102: 0, 103: 7}, latency=LATENCY) as workspace:
        yield workspace


def now() -> float:
    return asyncio.get_running_loop().time()


async def read(stream: NodeStream[Any]) -> int:
    return len([node async for node in stream])


def of_one_account(ledger: LedgerClient) -> NodeStream[Any]:
    return ledger.nfts.stream(103)


def of_all_accounts(ledger: LedgerClient) -> NodeStream[Any]:
    return ledger.nfts.stream_accounts(account.id async for account in ledger.accounts.stream())


async def begun(ledger: LedgerClient) -> asyncio.Task[int]:
    """A task that reads 250 NFTs, once it has asked for the first of them."""
    task = asyncio.create_task(read(ledger.nfts.stream(101, page_size=10)))
    await asyncio.sleep(LATENCY / 2)
    return task


async def draining(ledger: LedgerClient, seconds: float = 1000) -> asyncio.Task[None]:
    """A task that drains, once it has begun to."""
    task = asyncio.create_task(ledger.drain(seconds))
    await asyncio.sleep(0)
    return task


async def test_a_stream_that_is_read_may_end(ledger: LedgerClient) -> None:
    reader = await begun(ledger)
    await ledger.drain(1000)
    assert await reader == 250


async def test_a_call_that_is_under_way_may_end(ledger: LedgerClient) -> None:
    call = asyncio.create_task(ledger.accounts.get(101))
    await asyncio.sleep(0)
    await ledger.drain(1000)
    assert (await call).id == 101


async def test_it_returns_as_soon_as_all_is_over(ledger: LedgerClient) -> None:
    reader = await begun(ledger)
    started = now()
    await ledger.drain(1000)
    assert now() - started < 100
    assert await reader == 250


async def test_an_idle_client_is_drained_at_once(ledger: LedgerClient) -> None:
    started = now()
    await ledger.drain(1000)
    assert now() == started


async def test_a_new_call_is_refused_and_nothing_of_it_is_sent(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    reader = await begun(ledger)
    drain = await draining(ledger)
    with pytest.raises(StreamClosedError, match="draining"):
        await ledger.accounts.get(103)
    await drain
    assert await reader == 250
    assert {each.path for each in sandbox.requests} == {"/accounts/101/nfts"}


@pytest.mark.parametrize("make", [of_one_account, of_all_accounts])
async def test_a_stream_that_is_read_for_the_first_time_is_refused(
    make: Callable[[LedgerClient], NodeStream[Any]], ledger: LedgerClient
) -> None:
    made_before = make(ledger)
    reader = await begun(ledger)
    drain = await draining(ledger)
    for stream in (made_before, make(ledger)):
        with pytest.raises(StreamClosedError, match="draining"):
            await anext(stream)
    await drain
    assert await reader == 250


async def test_a_view_of_the_client_is_refused_as_well(ledger: LedgerClient) -> None:
    view = ledger.with_options(timeout=5)
    reader = await begun(ledger)
    drain = await draining(ledger)
    with pytest.raises(StreamClosedError, match="draining"):
        await view.accounts.get(101)
    await drain
    assert await reader == 250


async def test_a_stream_over_all_accounts_goes_on_to_accounts_it_had_not_met(
    ledger: LedgerClient,
) -> None:
    reader = asyncio.create_task(read(of_all_accounts(ledger)))
    await asyncio.sleep(LATENCY / 2)  # the accounts themselves are still being listed
    await ledger.drain(1000)
    assert await reader == 257


async def test_a_page_that_is_cut_off_meanwhile_is_asked_for_again(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    cut: list[str] = []

    @sandbox.rewrite
    def cut_once(request: SeenRequest, page: dict[str, Any]) -> dict[str, Any] | bytes:
        if cut or request.page != 2:
            return page
        cut.append(request.path)
        return b'{"edges": ['

    reader = await begun(ledger)
    await ledger.drain(1000)
    assert await reader == 250
    assert cut


async def test_what_has_not_ended_in_time_is_ended(ledger: LedgerClient) -> None:
    reader = await begun(ledger)
    started = now()
    await ledger.drain(1.6)
    assert now() - started == pytest.approx(1.6, abs=0.2)
    with pytest.raises(StreamClosedError, match="client was closed"):
        await reader


async def test_no_time_at_all_is_as_good_as_closing(ledger: LedgerClient) -> None:
    reader = await begun(ledger)
    started = now()
    await ledger.drain(0)
    assert now() - started < 0.2
    with pytest.raises(StreamClosedError):
        await reader


async def test_a_consumer_that_reads_slowly_has_the_rest_from_what_was_fetched(
    ledger: LedgerClient,
) -> None:
    stream = ledger.nfts.stream(103, page_size=10)
    await anext(stream)
    await asyncio.sleep(10)
    await ledger.drain(0)
    assert await read(stream) == 6


async def test_a_consumer_that_stalls_holds_it_up_no_longer_than_it_may(
    ledger: LedgerClient,
) -> None:
    stream = ledger.nfts.stream(101, page_size=1)
    await anext(stream)
    started = now()
    await ledger.drain(30)
    assert now() - started == pytest.approx(30, abs=1)
    with pytest.raises(StreamClosedError):
        await read(stream)


async def test_two_at_a_time_both_return_once_all_is_over(ledger: LedgerClient) -> None:
    reader = await begun(ledger)
    await asyncio.gather(ledger.drain(1000), ledger.drain(1000))
    assert await reader == 250


async def test_the_shorter_of_two_ends_what_is_under_way(ledger: LedgerClient) -> None:
    reader = await begun(ledger)
    started = now()
    await asyncio.gather(ledger.drain(1000), ledger.drain(2))
    assert now() - started < 10
    with pytest.raises(StreamClosedError):
        await reader


async def test_draining_again_does_nothing(ledger: LedgerClient) -> None:
    await ledger.drain(1)
    await ledger.drain(1)
    await ledger.aclose()


async def test_cancelling_it_closes_the_client(ledger: LedgerClient) -> None:
    reader = await begun(ledger)
    drain = await draining(ledger)
    drain.cancel()
    await asyncio.wait([drain])
    assert drain.cancelled()
    with pytest.raises(StreamClosedError, match="client was closed"):
        await reader


async def test_a_deadline_around_it_is_told_as_ever(ledger: LedgerClient) -> None:
    reader = await begun(ledger)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await ledger.drain(1000)
    with pytest.raises(StreamClosedError):
        await reader


async def test_a_call_that_is_cancelled_meanwhile_is_over(ledger: LedgerClient) -> None:
    call = asyncio.create_task(ledger.accounts.get(101))
    await asyncio.sleep(0)
    drain = await draining(ledger)
    call.cancel()
    started = now()
    await drain
    assert now() == started


@pytest.mark.parametrize("seconds", [-1, math.nan, "1", None])
async def test_a_timeout_that_is_no_number_of_seconds_is_refused_and_nothing_closed(
    seconds: float, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        await ledger.drain(seconds)
    assert (await ledger.accounts.get(101)).id == 101


async def test_a_view_is_not_drained(ledger: LedgerClient) -> None:
    with pytest.raises(ConfigurationError, match="drained"):
        await ledger.with_options(timeout=5).drain(1)
