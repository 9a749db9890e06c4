"""Streams that are stopped: nothing more is asked for, and what is in flight is handed over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator import page_of

from ledger_async import (
    Batch,
    LedgerClient,
    NodeStream,
    PermissionDeniedError,
    RetryPolicy,
    StreamClosedError,
)
from ledger_async._exactness.pages import PageRequest
from ledger_async._exactness.walk import Walk
from ledger_async.sandbox import Fault, Sandbox

HOUR = 3600.0
ACCOUNTS = dict.fromkeys(range(1, 41), 30)

every_order = pytest.mark.parametrize("ordered", [False, True])


def client(sandbox: Sandbox, **options: Any) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, **options)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Answers take a second, so that there are requests in flight."""
    async with Sandbox(ACCOUNTS, latency=1.0) as workspace:
        yield workspace


def throttled(seconds: int) -> Fault:
    return Fault.status(420, headers={"Retry-After": str(seconds)})


def opened(ledger: LedgerClient, **options: Any) -> NodeStream[Any]:
    return ledger.nfts.stream_accounts(ACCOUNTS, page_size=5, **options)


async def rest(stream: NodeStream[Any]) -> list[Batch[Any]]:
    async with asyncio.timeout(HOUR):
        return [batch async for batch in stream.batches()]


def check(sandbox: Sandbox, stream: NodeStream[Any], batches: list[Batch[Any]]) -> None:
    """Each account that was begun has one report, last; its nodes come once, in listing order."""
    ends = Counter(batch.account_id for batch in batches if batch.report)
    assert ends == dict.fromkeys(stream.reports, 1)
    last = {batch.account_id: batch for batch in batches}
    assert all(batch.report is stream.reports[each] for each, batch in last.items())
    for account_id, report in stream.reports.items():
        came = [
            (nft.contract_address, nft.token_id)
            for batch in batches
            if batch.account_id == account_id
            for nft in batch.nodes
        ]
        held = sandbox.identities(account_id or 0)
        assert came == [each for each in held if each in {*came}]
        assert report.nodes == len(came)
        assert report.status == "unverified" or came == held


@every_order
async def test_what_is_in_flight_is_handed_over_and_nothing_more_is_asked_for(
    sandbox: Sandbox, *, ordered: bool
) -> None:
    async with client(sandbox) as ledger:
        stream = opened(ledger, ordered=ordered)
        batches = [await anext(stream.batches())]
        await asyncio.sleep(0.5)
        stream.stop()
        in_flight, asked = sandbox.in_flight, len(sandbox.requests)
        batches += await rest(stream)
        assert in_flight > 0
        assert len(sandbox.requests) == asked
        assert sum(len(batch.nodes) for batch in batches) == 5 * asked
        check(sandbox, stream, batches)
        assert "unverified" in {report.status for report in stream.reports.values()}


async def test_the_loop_over_nodes_ends_too(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        stream = opened(ledger)
        read = 0
        async for _ in stream:
            read += 1
            stream.stop()
        assert read == 5 * len(sandbox.requests)
        assert [node async for node in stream] == []


async def test_a_stream_that_is_stopped_before_its_first_read_asks_for_nothing(
    sandbox: Sandbox,
) -> None:
    async with client(sandbox) as ledger:
        stream = opened(ledger)
        stream.stop()
        assert await rest(stream) == []
        assert (len(sandbox.requests), stream.reports) == (0, {})


async def test_a_stream_may_be_stopped_twice_and_after_its_end(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        stream = opened(ledger)
        await anext(stream)
        stream.stop()
        stream.stop()
        await anext(stream)
        async for _ in stream:
            pass
        before = dict(stream.reports)
        stream.stop()
        assert stream.reports == before


async def test_what_was_read_to_its_end_stays_exact(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        stream = ledger.nfts.stream_accounts([1], page_size=100)
        async for _ in stream:
            pass
        stream.stop()
        assert stream.reports[1].status == "exact"


async def test_an_account_whose_last_page_is_in_flight_is_not_cut_short(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        stream = ledger.nfts.stream_accounts([1], page_size=100)
        asyncio.get_running_loop().call_later(0.5, stream.stop)
        (only,) = await rest(stream)
        assert only.report is not None
        assert (only.report.status, len(only.nodes)) == ("exact", 30)
        assert stream.progress.accounts_done == 1


async def test_another_task_may_stop_a_stream_whose_consumer_waits(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        stream = opened(ledger)
        consumer = asyncio.create_task(rest(stream))
        await asyncio.sleep(2.5)
        stream.stop()
        check(sandbox, stream, await consumer)


async def test_what_a_consumer_has_not_taken_is_kept_for_it(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        stream = opened(ledger)
        batches = [await anext(stream.batches())]
        await asyncio.sleep(10)
        stream.stop()
        await asyncio.sleep(10)
        batches += await rest(stream)
        assert sum(len(batch.nodes) for batch in batches) == 5 * len(sandbox.requests)
        check(sandbox, stream, batches)


async def test_accounts_cut_short_are_not_counted_as_done(sandbox: Sandbox) -> None:
    async with client(sandbox, max_concurrency=2) as ledger:
        stream = opened(ledger)
        async for _ in stream:
            stream.stop()
        assert (stream.progress.accounts_done, stream.progress.accounts_known) == (0, 40)
        assert stream.progress.nodes == sum(each.nodes for each in stream.reports.values())


# What was not sent


async def test_requests_that_wait_for_the_rate_limit_are_given_up(sandbox: Sandbox) -> None:
    sandbox.fail(throttled(60), times=100, after=5)
    async with client(sandbox) as ledger:
        stream = opened(ledger)
        consumer = asyncio.create_task(rest(stream))
        await asyncio.sleep(10)
        assert stream.progress.wait_left > 30
        stream.stop()
        began = asyncio.get_running_loop().time()
        check(sandbox, stream, await consumer)
        assert asyncio.get_running_loop().time() == began


async def test_a_request_in_flight_that_fails_is_not_sent_again(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(503), times=1000, after=1)
    async with client(sandbox, max_concurrency=4, retry=RetryPolicy()) as ledger:
        stream = opened(ledger)
        batches = [await anext(stream.batches())]
        await asyncio.sleep(0.5)
        stream.stop()
        asked = len(sandbox.requests)
        batches += await rest(stream)
        assert len(sandbox.requests) == asked
        assert {report.error for report in stream.reports.values()} == {None}


async def test_a_page_that_came_cut_off_is_not_asked_for_again(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(200, body=b'{"edges": [{"cur'), times=1000, after=1)
    slowly = RetryPolicy(backoff_base=10_000, backoff_cap=10_000)
    async with client(sandbox, max_concurrency=4, retry=slowly) as ledger:
        stream = opened(ledger)
        batches = [await anext(stream.batches())]
        await asyncio.sleep(0.5)
        stream.stop()
        asked = len(sandbox.requests)
        batches += await rest(stream)
        assert len(sandbox.requests) == asked
        check(sandbox, stream, batches)


async def test_an_awaited_call_beside_a_stopped_stream_goes_on(sandbox: Sandbox) -> None:
    async with client(sandbox, max_concurrency=1) as ledger:
        stream = opened(ledger)
        await anext(stream)
        call = asyncio.create_task(ledger.nfts.page(1))
        await asyncio.sleep(0.1)
        stream.stop()
        async for _ in stream:
            pass
        assert len((await call).nodes) == 30


# Ids, errors, other ends


async def test_a_generator_of_ids_is_closed(sandbox: Sandbox) -> None:
    closed = asyncio.Event()

    async def ids() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
            await asyncio.sleep(HOUR)
        finally:
            await asyncio.sleep(1)
            closed.set()

    async with client(sandbox) as ledger:
        stream = ledger.nfts.stream_accounts(ids(), page_size=5)
        batches = [await anext(stream.batches())]
        stream.stop()
        batches += await rest(stream)
        assert closed.is_set()
        check(sandbox, stream, batches)


async def test_a_generator_of_ids_that_closes_is_not_cut_off_where_the_stream_is_closed(
    sandbox: Sandbox,
) -> None:
    closed = asyncio.Event()

    async def ids() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.sleep(HOUR)
        finally:
            await asyncio.sleep(2)
            closed.set()

    async with client(sandbox) as ledger:
        stream = ledger.nfts.stream_accounts(ids(), page_size=5)
        await anext(stream)
        stream.stop()
        await asyncio.sleep(1)
        await stream.aclose()
        assert closed.is_set()


async def test_a_failure_in_flight_is_raised_as_ever(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(403), after=2)
    async with client(sandbox) as ledger:
        stream = opened(ledger)
        batches = stream.batches()
        await anext(batches)
        stream.stop()
        with pytest.raises(PermissionDeniedError):
            await rest(stream)


async def test_a_failure_in_flight_is_skipped_as_ever(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(403), after=20)
    async with client(sandbox) as ledger:
        stream = opened(ledger, on_error="skip")
        batches = [await anext(stream.batches())]
        await asyncio.sleep(0.5)
        stream.stop()
        check(sandbox, stream, batches + await rest(stream))


async def test_whoever_is_given_an_error_or_a_node_may_stop_the_stream(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(403), after=20)
    async with client(sandbox) as ledger:
        stream: NodeStream[Any] = opened(ledger, on_error=lambda *_: stream.stop())
        batches = await rest(stream)
        check(sandbox, stream, batches)
        assert len(stream.reports) < len(ACCOUNTS)


async def test_a_read_that_is_cancelled_after_a_stop_is_the_last(
    sandbox: Sandbox,
) -> None:
    async with client(sandbox) as ledger:
        stream = ledger.nfts.stream_accounts(ACCOUNTS, page_size=5)
        await anext(stream.batches())
        await asyncio.sleep(0.5)
        stream.stop()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await rest(stream)
        with pytest.raises(StreamClosedError, match="cancelled"):
            await anext(stream.batches())


async def test_a_stopped_stream_may_be_closed(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        async with opened(ledger) as stream:
            await anext(stream)
            stream.stop()
        assert ledger._runtime.live.streams == set()


# At any moment


@every_order
@pytest.mark.parametrize("seed", range(8))
async def test_a_stream_may_be_stopped_at_any_moment(seed: int, *, ordered: bool) -> None:
    random = Random(seed)
    accounts = {each: random.choice([0, 3, 5, 23, 60]) for each in range(1, 13)}
    async with (
        Sandbox(accounts, latency=1.0, seed=seed) as sandbox,
        client(sandbox, max_concurrency=random.choice([1, 4, 16])) as ledger,
    ):
        for _ in range(random.randrange(4)):
            fault = random.choice([Fault.status(403), Fault.status(503), throttled(5)])
            sandbox.fail(fault, after=random.randrange(40))
        stream = ledger.nfts.stream_accounts(
            accounts, page_size=5, ordered=ordered, on_error="skip"
        )
        asyncio.get_running_loop().call_later(random.uniform(0, 12), stream.stop)
        check(sandbox, stream, await rest(stream))


@given(
    size=st.integers(0, 60),
    page_size=st.integers(1, 7),
    random=st.randoms(use_true_random=False),
    moves=st.booleans(),
)
def test_a_walk_that_is_given_up_has_handed_on_every_node_that_came(
    size: int, page_size: int, random: Random, *, moves: bool
) -> None:
    walk = Walk[int](page_size, check=True)
    listing = list(range(size))
    in_flight: list[PageRequest] = []
    came, released = set[int](), list[int]()
    for _ in range(random.randrange(1, 20)):
        while len(in_flight) < 4 and walk.next_request(ahead=True) is not None:
            in_flight.append(walk.ask())
        if not in_flight:
            break
        if moves and random.random() < 0.2:
            listing.insert(0, -len(listing) - 1)
        request = in_flight.pop(random.randrange(len(in_flight)))
        page = page_of(listing, request.number, request.size)
        for fresh in walk.answer(request, page):
            released += fresh.nodes
    late = []
    for request in in_flight:
        page = page_of(listing, request.number, request.size)
        came.update(page.nodes)
        pages = walk.answer(request, page)
        released += [node for fresh in pages for node in fresh.nodes]
        if not any(fresh.nodes for fresh in pages):
            late.append(page)
    for fresh in walk.give_up(late):
        released += fresh.nodes
    assert came <= {*released}
    assert len(released) == len({*released})
