"""Streams of many accounts: order, fairness, laziness, bounds, and what one failure does.

Each node comes as an `account_node`.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Self, TypeVar

import msgspec
import pytest

from ledger_async import (
    AccountNode,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    LedgerClient,
    LedgerError,
    NodeStream,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RetryPolicy,
    TransportError,
)
from ledger_async._streaming.feed import Feed
from ledger_async.sandbox import Fault, Sandbox, SeenRequest

N = TypeVar("N")

HOUR = 3600.0
SLOTS = 16
WINDOW = 2 * SLOTS


class Token(msgspec.Struct):
    """As little of an NFT as tells it apart within these sandboxes."""

    contract_address: str
    token_id: str


Key = tuple[str, str]


@asynccontextmanager
async def serving(
    accounts: Mapping[int, int],
    *,
    max_concurrency: int = SLOTS,
    retry: RetryPolicy | None = None,
    **options: Any,
) -> AsyncIterator[tuple[Sandbox, LedgerClient]]:
    """A sandbox with these accounts, and a client of it."""
    async with (
        Sandbox(accounts, **options) as sandbox,
        LedgerClient(
            sandbox.url,
            api_key=sandbox.api_key,
            api_user=sandbox.api_user,
            max_concurrency=max_concurrency,
            retry=retry or RetryPolicy(),
        ) as ledger,
    ):
        yield sandbox, ledger


async def read(stream: NodeStream[N]) -> list[N]:
    """Every node, unless the stream hangs."""
    async with asyncio.timeout(24 * HOUR):
        return [node async for node in stream]


def by_account(nodes: Iterable[AccountNode[Token]]) -> dict[int, list[Key]]:
    """What came of each account, in the order in which it came."""
    found = defaultdict(list)
    for account_id, token in nodes:
        found[account_id].append((token.contract_address, token.token_id))
    return dict(found)


def held(sandbox: Sandbox, account_ids: Iterable[int]) -> dict[int, list[Key]]:
    """What accounts hold that hold anything."""
    return {each: found for each in account_ids if (found := sandbox.identities(each))}


def now() -> float:
    return asyncio.get_running_loop().time()


# What comes


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("max_concurrency", [1, 3, SLOTS])
async def test_every_nft_of_every_account_comes_once_in_listing_order(
    *, ordered: bool, max_concurrency: int
) -> None:
    accounts = {each: each % 7 * 5 for each in range(1, 31)}
    async with serving(accounts, max_concurrency=max_concurrency) as (sandbox, ledger):
        stream = ledger.nfts.stream_accounts(
            accounts, page_size=4, node_type=Token, ordered=ordered
        )
        assert by_account(await read(stream)) == held(sandbox, accounts)


async def test_a_node_comes_with_its_account_as_a_named_tuple() -> None:
    async with serving({101: 1}) as (_, ledger):
        (only,) = await read(ledger.nfts.stream_accounts([101]))
        assert isinstance(only, AccountNode)
        assert (only.account_id, only.node) == (101, (await ledger.nfts.page(101)).nodes[0])


async def test_accounts_interleave() -> None:
    async with serving({1: 60, 2: 60}) as (_, ledger):
        nodes = await read(ledger.nfts.stream_accounts([1, 2], page_size=5))
        assert 2 in {node.account_id for node in nodes[:30]}


@pytest.mark.parametrize("account_ids", [[1, 2, 3], [3, 1, 2]])
async def test_ordered_accounts_come_one_after_the_other_in_the_order_of_their_ids(
    account_ids: list[int],
) -> None:
    async with serving({1: 60, 2: 3, 3: 20}) as (_, ledger):
        stream = ledger.nfts.stream_accounts(account_ids, page_size=5, ordered=True)
        came = [account_id for account_id, _ in itertools.groupby(await read(stream), first_of)]
        assert came == account_ids


def first_of(node: AccountNode[Any]) -> int:
    return node.account_id


async def test_ordered_accounts_are_fetched_at_once_all_the_same() -> None:
    accounts = dict.fromkeys(range(1, 41), 3)
    async with serving(accounts, latency=0.05) as (sandbox, ledger):
        await read(ledger.nfts.stream_accounts(accounts, ordered=True))
        assert sandbox.peak_in_flight == SLOTS


async def test_ordered_accounts_come_though_the_first_is_slow() -> None:
    accounts = dict.fromkeys(range(1, 101), 3)
    async with serving(accounts) as (sandbox, ledger):
        sandbox.fail(Fault.stall(10), account_id=1)
        nodes = await read(ledger.nfts.stream_accounts(accounts, ordered=True))
        assert [node.account_id for node in nodes] == sorted([*accounts] * 3)


async def test_an_id_that_comes_again_is_walked_once() -> None:
    async with serving({1: 3, 2: 3}) as (sandbox, ledger):
        nodes = await read(ledger.nfts.stream_accounts([1, 2, 1, 1, 2], node_type=Token))
        assert by_account(nodes) == held(sandbox, [1, 2])
        assert len(sandbox.requests) == 2


# Where ids come from


async def no_ids() -> AsyncIterator[int]:
    return
    yield 0


@pytest.mark.parametrize(
    "ids", [[], (), set(), iter(()), no_ids()], ids=["list", "tuple", "set", "iterator", "async"]
)
async def test_no_ids_are_no_nodes(ids: Any) -> None:
    async with serving({}) as (_, ledger):
        assert await read(ledger.nfts.stream_accounts(ids)) == []


@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_accounts_without_nfts_are_no_nodes(max_concurrency: int) -> None:
    accounts = dict.fromkeys(range(1, 41), 0)
    async with serving(accounts, max_concurrency=max_concurrency) as (sandbox, ledger):
        assert await read(ledger.nfts.stream_accounts(accounts)) == []
        assert len(sandbox.requests) == 40


async def test_a_million_ids_cost_nothing_before_the_first_node() -> None:
    pulled = 0

    def ids() -> Iterator[int]:
        nonlocal pulled
        for each in itertools.count(1):
            pulled += 1
            yield each

    async with serving(dict.fromkeys(range(1, 100), 3)) as (_, ledger):
        stream = ledger.nfts.stream_accounts(itertools.islice(ids(), 10**6))
        assert pulled == 0
        await anext(stream)
        assert pulled <= SLOTS
        await stream.aclose()


async def test_ids_are_pulled_only_as_far_as_the_window_reaches() -> None:
    pulled = 0

    def ids() -> Iterator[int]:
        nonlocal pulled
        for each in itertools.count(1):
            pulled += 1
            yield each

    async with serving(dict.fromkeys(range(1, 100), 1)) as (_, ledger):
        stream = ledger.nfts.stream_accounts(ids())
        await anext(stream)
        await asyncio.sleep(HOUR)
        assert pulled == WINDOW
        await stream.aclose()


async def test_ids_may_come_from_a_range_of_a_million() -> None:
    async with serving({1: 3}) as (_, ledger):
        stream = ledger.nfts.stream_accounts(range(1, 10**6))
        await anext(stream)
        assert stream.progress.accounts_known == 10**6 - 1
        await stream.aclose()


async def test_ids_may_be_awaited() -> None:
    async def ids() -> AsyncIterator[int]:
        for each in range(1, 51):
            await asyncio.sleep(1)
            yield each

    accounts = dict.fromkeys(range(1, 51), 2)
    async with serving(accounts) as (sandbox, ledger):
        nodes = await read(ledger.nfts.stream_accounts(ids(), node_type=Token))
        assert by_account(nodes) == held(sandbox, accounts)


async def test_a_node_does_not_wait_for_the_next_id() -> None:
    async def ids() -> AsyncIterator[int]:
        yield 1
        await asyncio.sleep(HOUR)
        yield 2

    async with serving({1: 1, 2: 1}) as (_, ledger):
        stream = ledger.nfts.stream_accounts(ids())
        await anext(stream)
        assert now() < HOUR
        await stream.aclose()


@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_ids_may_come_from_the_stream_of_accounts(max_concurrency: int) -> None:
    accounts = dict.fromkeys(range(1, 61), 2)
    async with serving(accounts, max_concurrency=max_concurrency) as (sandbox, ledger):
        ids = (account.id async for account in ledger.accounts.stream(page_size=10))
        nodes = await read(ledger.nfts.stream_accounts(ids, node_type=Token))
        assert by_account(nodes) == held(sandbox, accounts)


async def test_ids_of_the_stream_of_accounts_are_pulled_only_as_far_as_the_window_reaches() -> None:
    accounts = dict.fromkeys(range(1, 1001), 1)
    async with serving(accounts) as (sandbox, ledger):
        ids = (account.id async for account in ledger.accounts.stream(page_size=1))
        stream = ledger.nfts.stream_accounts(ids)
        await anext(stream)
        await asyncio.sleep(HOUR)
        listed = sum(request.path == "/accounts" for request in sandbox.requests)
        assert WINDOW < listed < 4 * WINDOW
        await stream.aclose()


async def test_an_error_of_the_ids_reaches_the_consumer_as_it_is() -> None:
    class OutOfIdsError(Exception):
        pass

    def ids() -> Iterator[int]:
        yield 1
        raise OutOfIdsError

    async with serving({1: 1}) as (_, ledger):
        with pytest.raises(OutOfIdsError):
            await read(ledger.nfts.stream_accounts(ids()))


async def test_an_error_of_awaited_ids_reaches_the_consumer_as_it_is() -> None:
    class OutOfIdsError(Exception):
        pass

    async def ids() -> AsyncIterator[int]:
        yield 1
        raise OutOfIdsError

    async with serving({1: 1}) as (_, ledger):
        with pytest.raises(OutOfIdsError):
            await read(ledger.nfts.stream_accounts(ids()))


async def test_an_error_of_accounts_that_are_streamed_reaches_the_consumer() -> None:
    async with serving({1: 1, 2: 1}) as (sandbox, ledger):
        sandbox.fail(Fault.status(403), path="/accounts")
        ids = (account.id async for account in ledger.accounts.stream())
        with pytest.raises(PermissionDeniedError):
            await read(ledger.nfts.stream_accounts(ids))


async def test_a_wrong_id_among_awaited_ones_reaches_the_consumer() -> None:
    async def ids() -> AsyncIterator[Any]:
        yield 1
        yield "2"

    async with serving({1: 1}) as (_, ledger):
        with pytest.raises(ConfigurationError, match="account_id"):
            await read(ledger.nfts.stream_accounts(ids()))


async def test_an_async_generator_is_closed_with_the_stream() -> None:
    closed = asyncio.Event()

    async def ids() -> AsyncIterator[int]:
        try:
            for each in itertools.count(1):
                yield each
        finally:
            closed.set()

    async with serving({1: 1}) as (_, ledger):
        async with ledger.nfts.stream_accounts(ids()) as stream:
            await anext(stream)
        assert closed.is_set()


async def test_an_async_generator_may_await_while_it_is_closed() -> None:
    closed = asyncio.Event()

    async def ids() -> AsyncIterator[int]:
        try:
            for each in itertools.count(1):
                yield each
        finally:
            await asyncio.sleep(1)
            closed.set()

    async with serving({1: 1}) as (_, ledger):
        async with ledger.nfts.stream_accounts(ids()) as stream:
            await anext(stream)
        assert closed.is_set()


async def test_an_async_generator_that_waits_for_an_id_may_await_while_it_is_closed() -> None:
    closed = asyncio.Event()

    async def ids() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.sleep(HOUR)
        finally:
            await asyncio.sleep(1)
            closed.set()

    async with serving({1: 1}) as (_, ledger):
        async with ledger.nfts.stream_accounts(ids()) as stream:
            await anext(stream)
            await asyncio.sleep(1)
        assert closed.is_set()


async def test_an_async_generator_that_is_closing_is_not_cut_off_by_a_consumer_that_leaves() -> (
    None
):
    closed = asyncio.Event()

    async def ids() -> AsyncIterator[int]:
        try:
            yield 1
            yield 999
            await asyncio.sleep(HOUR)
        finally:
            await asyncio.sleep(5)
            closed.set()

    async with serving({1: 1}) as (_, ledger):
        async with ledger.nfts.stream_accounts(ids()) as stream:
            await anext(stream)
            await asyncio.sleep(1)  # account 999 is not found, and the generator begins to close
        assert closed.is_set()


# Bounds


@pytest.mark.parametrize("max_concurrency", [1, 2, 5, SLOTS])
async def test_as_many_requests_are_in_flight_as_allowed_and_never_more(
    max_concurrency: int,
) -> None:
    accounts = dict.fromkeys(range(1, 31), 3)
    async with serving(accounts, max_concurrency=max_concurrency, latency=0.05) as (
        sandbox,
        ledger,
    ):
        await read(ledger.nfts.stream_accounts(accounts, page_size=1))
        assert sandbox.peak_in_flight == max_concurrency


async def test_streams_of_one_client_share_what_is_allowed() -> None:
    accounts = dict.fromkeys(range(1, 31), 3)
    async with serving(accounts, max_concurrency=4, latency=0.05) as (sandbox, ledger):
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(read(ledger.nfts.stream_accounts(accounts)))
        assert sandbox.peak_in_flight == 4


@pytest.mark.parametrize(("ordered", "window"), [(False, 2 * SLOTS), (True, 4 * SLOTS)])
async def test_a_consumer_that_stalls_stops_the_fetching(*, ordered: bool, window: int) -> None:
    accounts = dict.fromkeys(range(1, 101), 3)
    async with serving(accounts) as (sandbox, ledger):
        stream = ledger.nfts.stream_accounts(accounts, page_size=1, ordered=ordered)
        await anext(stream)
        await asyncio.sleep(HOUR)
        # A page may be asked for twice, to close its account's walk; it is held once.
        assert len({(seen.account_id, seen.page) for seen in sandbox.requests}) <= window
        await stream.aclose()


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_consumer_that_stalls_stops_the_fetching_of_empty_accounts_too(
    *, ordered: bool
) -> None:
    accounts = {1: 3} | dict.fromkeys(range(2, 501), 0)
    async with serving(accounts) as (sandbox, ledger):
        stream = ledger.nfts.stream_accounts(accounts, ordered=ordered)
        await anext(stream)
        await asyncio.sleep(HOUR)
        assert len(sandbox.requests) <= 2 * WINDOW
        await stream.aclose()


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_consumer_that_stalls_stops_the_fetching_of_accounts_that_fail_too(
    *, ordered: bool
) -> None:
    async with serving({1: 3}) as (sandbox, ledger):
        stream = ledger.nfts.stream_accounts(range(1, 501), ordered=ordered, on_error="skip")
        await anext(stream)
        await asyncio.sleep(HOUR)
        assert len(sandbox.requests) <= 2 * WINDOW
        await stream.aclose()


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_consumer_that_stalled_gets_the_rest(*, ordered: bool) -> None:
    accounts = dict.fromkeys(range(1, 101), 3)
    async with serving(accounts) as (sandbox, ledger):
        stream = ledger.nfts.stream_accounts(
            accounts, page_size=1, node_type=Token, ordered=ordered
        )
        nodes = [await anext(stream)]
        await asyncio.sleep(HOUR)
        nodes += await read(stream)
        assert by_account(nodes) == held(sandbox, accounts)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_every_place_of_the_window_comes_back(*, ordered: bool, max_concurrency: int) -> None:
    accounts = {each: each % 4 for each in range(1, 41)}
    async with serving(accounts, max_concurrency=max_concurrency) as (sandbox, ledger):
        sandbox.fail(Fault.status(400), after=5, times=10)
        stream = ledger.nfts.stream_accounts(
            accounts, page_size=1, ordered=ordered, on_error="skip"
        )
        await read(stream)
        schedule = stream._feed._accounts._schedule
        assert schedule._free == schedule._window


# Fairness and speed


async def test_a_huge_account_does_not_hold_up_small_ones() -> None:
    small = dict.fromkeys(range(2, 42), 3)
    async with serving({1: 200, **small}, latency=0.01) as (sandbox, ledger):
        await read(ledger.nfts.stream_accounts([1, *small], page_size=1))
        asked = [request.account_id for request in sandbox.requests]
        rest = asked[max(asked.index(each) for each in small) :]
        assert rest.count(1) > 100


async def test_small_accounts_do_not_hold_up_a_huge_one() -> None:
    small = dict.fromkeys(range(2, 42), 3)
    async with serving({1: 200, **small}, latency=0.01) as (sandbox, ledger):
        await read(ledger.nfts.stream_accounts([1, *small], page_size=1))
        asked = [request.account_id for request in sandbox.requests]
        alone = 1  # the client's first request, with no other beside it
        assert asked[: alone + 3 * SLOTS].count(1) == alone + 3


async def test_all_slots_go_to_the_last_account() -> None:
    async with serving({1: 100, 2: 1}, latency=0.05) as (sandbox, ledger):
        await read(ledger.nfts.stream_accounts([1, 2], page_size=1))
        assert sandbox.peak_in_flight == SLOTS


@pytest.mark.parametrize(("ordered", "bar"), [(False, 1.05), (True, 1.25)])
async def test_fifty_accounts_take_little_longer_than_their_latencies(
    *, ordered: bool, bar: float
) -> None:
    accounts, pages, latency = range(1, 51), 20, 0.05
    async with serving(dict.fromkeys(accounts, pages), latency=latency) as (_, ledger):
        started = now()
        await read(ledger.nfts.stream_accounts(accounts, page_size=1, ordered=ordered))
        ideal = latency * len(accounts) * pages / SLOTS
        assert ideal <= now() - started < bar * ideal


async def test_many_small_accounts_take_little_longer_than_their_latencies() -> None:
    accounts, latency = range(1, 401), 0.05
    async with serving(dict.fromkeys(accounts, 1), latency=latency) as (_, ledger):
        started = now()
        await read(ledger.nfts.stream_accounts(accounts))
        ideal = latency * len(accounts) / SLOTS
        assert ideal <= now() - started < 1.05 * ideal


async def test_many_accounts_are_proven_at_no_cost() -> None:
    accounts = dict.fromkeys(range(1, 101), 3)
    async with serving(accounts) as (sandbox, ledger):
        stream = ledger.nfts.stream_accounts(accounts, page_size=1)
        await read(stream)
        exact = sum(report.status == "exact" for report in stream.reports.values())
        assert (exact, len(sandbox.requests) - 300 < SLOTS) == (100, True)


# One account that fails


async def test_the_first_account_that_fails_ends_the_stream_with_its_error() -> None:
    async with serving({1: 1, 2: 1}) as (_, ledger):
        with pytest.raises(NotFoundError) as caught:
            await read(ledger.nfts.stream_accounts([1, 2, 999]))
        assert caught.value.account_id == 999


@pytest.mark.parametrize("on_error", ["skip", lambda _account_id, _error: None])
async def test_a_server_that_vanishes_ends_a_stream_that_leaves_accounts_out(on_error: Any) -> None:
    policy = RetryPolicy(max_outage=60)
    async with serving(dict.fromkeys(range(1, 101), 1), retry=policy) as (sandbox, ledger):
        sandbox.fail(Fault.drop(), times=math.inf, after=30)
        stream = ledger.nfts.stream_accounts(range(1, 101), on_error=on_error)
        with pytest.raises(TransportError) as caught:
            await read(stream)
        assert caught.value.outage == pytest.approx(60, abs=1)
        assert not [
            each for each in stream.reports.values() if each.error and not each.error.outage
        ]


async def test_a_server_that_was_never_there_ends_a_stream_that_leaves_accounts_out() -> None:
    async with serving(dict.fromkeys(range(1, 101), 1)) as (sandbox, ledger):
        sandbox.fail(Fault.drop(), times=math.inf)
        with pytest.raises(TransportError):
            await read(ledger.nfts.stream_accounts(range(1, 101), on_error="skip"))
        assert len(sandbox.requests) == RetryPolicy().max_attempts


async def test_the_error_of_an_account_that_was_left_out_keeps_no_frames_alive() -> None:
    async with serving({1: 1}) as (_, ledger):
        stream = ledger.nfts.stream_accounts([1, 999], on_error="skip")
        await read(stream)
        error = stream.reports[999].error
        assert isinstance(error, NotFoundError)
        assert error.__traceback__ is None


async def test_an_error_comes_after_the_nodes_that_arrived_before_it() -> None:
    nodes: list[AccountNode[Token]] = []
    async with serving({1: 20, 2: 1}, max_concurrency=1) as (sandbox, ledger):
        sandbox.fail(Fault.status(400), account_id=2)
        stream = ledger.nfts.stream_accounts([1, 2], page_size=5, node_type=Token)
        with pytest.raises(BadRequestError):
            await drain(stream, nodes)
        assert by_account(nodes) == held(sandbox, [1])


async def drain(stream: NodeStream[N], nodes: list[N]) -> None:
    async for node in stream:
        nodes.append(node)  # noqa: PERF401 - what came counts, although an error follows


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_an_account_that_fails_is_skipped_if_asked(
    *, ordered: bool, max_concurrency: int
) -> None:
    accounts = [*range(1, 21)]
    async with serving(dict.fromkeys(accounts, 3), max_concurrency=max_concurrency) as (
        sandbox,
        ledger,
    ):
        stream = ledger.nfts.stream_accounts(
            [998, *accounts, 999], node_type=Token, ordered=ordered, on_error="skip"
        )
        assert by_account(await read(stream)) == held(sandbox, accounts)


async def test_a_skipped_account_keeps_its_error_in_its_report() -> None:
    async with serving({1: 1}) as (_, ledger):
        stream = ledger.nfts.stream_accounts([1, 999], on_error="skip")
        await read(stream)
        report = stream.reports[999]
        assert isinstance(report.error, NotFoundError)
        assert (report.error.account_id, report.status) == (999, "unverified")


async def test_a_skipped_account_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with serving({1: 1}) as (_, ledger):
        with caplog.at_level(logging.WARNING, logger="ledger_async"):
            await read(ledger.nfts.stream_accounts([1, 999], on_error="skip"))
        assert ["account 999 left out" in each.getMessage() for each in caplog.records] == [True]


async def test_an_account_that_fails_midway_keeps_what_came_before() -> None:
    async with serving({1: 9, 2: 9}, max_concurrency=1) as (sandbox, ledger):
        sandbox.fail(Fault.status(403), account_id=1, page=3)
        stream = ledger.nfts.stream_accounts([1, 2], page_size=2, node_type=Token, on_error="skip")
        came = by_account(await read(stream))
        assert came == {1: sandbox.identities(1)[:4], 2: sandbox.identities(2)}
        assert stream.reports[1].nodes == 4


async def test_pages_that_arrive_after_their_account_failed_are_dropped() -> None:
    async with serving({1: 10, 2: 3}, latency=0.1) as (sandbox, ledger):
        sandbox.fail(Fault.status(403), account_id=1, page=3)  # at once, before page 2
        stream = ledger.nfts.stream_accounts([1, 2], page_size=1, node_type=Token, on_error="skip")
        came = by_account(await read(stream))
        assert came == {1: sandbox.identities(1)[:1], 2: sandbox.identities(2)}
        assert stream._feed._accounts._schedule._free == WINDOW


async def test_an_account_fails_once_however_many_of_its_pages_do() -> None:
    told: list[int] = []
    async with serving({1: 10, 2: 3}) as (sandbox, ledger):
        sandbox.fail(Fault.status(400), account_id=1, after=1, times=math.inf)
        stream = ledger.nfts.stream_accounts(
            [1, 2], page_size=1, on_error=lambda account_id, _: told.append(account_id)
        )
        await read(stream)
        assert told == [1]
        assert stream._feed._accounts._schedule._free == WINDOW


async def test_a_callable_is_told_of_each_account_that_fails() -> None:
    told: list[tuple[int, type[LedgerError]]] = []

    def tell(account_id: int, error: LedgerError) -> None:
        told.append((account_id, type(error)))

    async with serving({1: 1}) as (_, ledger):
        nodes = await read(ledger.nfts.stream_accounts([998, 1, 999], on_error=tell))
        assert len(nodes) == 1
        assert sorted(told) == [(998, NotFoundError), (999, NotFoundError)]


async def test_a_callable_that_raises_ends_the_stream_with_what_it_raised() -> None:
    class EnoughError(Exception):
        pass

    def give_up(_account_id: int, _error: LedgerError) -> None:
        raise EnoughError

    async with serving({1: 1}) as (_, ledger):
        with pytest.raises(EnoughError):
            await read(ledger.nfts.stream_accounts([1, 999], on_error=give_up))


@pytest.mark.parametrize("on_error", ["skip", print])
async def test_refused_credentials_end_the_stream_whatever_was_asked(on_error: Any) -> None:
    async with serving(dict.fromkeys(range(1, 101), 1)) as (sandbox, ledger):
        sandbox.rotate_api_key()
        with pytest.raises(AuthenticationError):
            await read(ledger.nfts.stream_accounts(range(1, 101), on_error=on_error))


async def test_refused_credentials_are_not_tried_on_every_account() -> None:
    async with serving(dict.fromkeys(range(1, 101), 1), latency=0.1) as (sandbox, ledger):
        sandbox.rotate_api_key()
        with pytest.raises(AuthenticationError):
            await read(ledger.nfts.stream_accounts(range(1, 101), on_error="skip"))
        assert len(sandbox.requests) <= SLOTS


async def test_a_rate_limit_that_asks_for_too_much_ends_the_stream_whatever_was_asked() -> None:
    async with serving({1: 1, 2: 1}) as (sandbox, ledger):
        sandbox.fail(Fault.status(420, headers={"Retry-After": "1000"}), times=math.inf)
        with pytest.raises(RateLimitError):
            await read(ledger.nfts.stream_accounts([1, 2], on_error="skip"))


@pytest.mark.parametrize("on_error", ["ignore", None, 1])
async def test_an_unknown_way_to_treat_errors_is_refused(
    on_error: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="on_error"):
        ledger.nfts.stream_accounts([1], on_error=on_error)


# What is said about it


async def test_there_is_a_report_of_every_account() -> None:
    accounts = {each: each for each in range(1, 21)}
    async with serving(accounts) as (_, ledger):
        stream = ledger.nfts.stream_accounts(accounts, page_size=4)
        await read(stream)
        assert {each: report.nodes for each, report in stream.reports.items()} == accounts


async def test_accounts_that_did_not_change_are_exact() -> None:
    accounts = {each: each for each in range(1, 21)}
    async with serving(accounts) as (_, ledger):
        stream = ledger.nfts.stream_accounts(accounts, page_size=4)
        await read(stream)
        assert {report.status for report in stream.reports.values()} == {"exact"}


async def test_an_account_is_not_called_exact_before_its_nodes_were_read() -> None:
    """Whoever has to stop now may take what is called exact for read, and go on behind it."""
    async with serving({1: 3, 2: 3}) as (_, ledger):
        stream = ledger.nfts.stream_accounts([1, 2], page_size=10)
        first = await anext(stream)
        await asyncio.sleep(HOUR)
        (other,) = {1, 2} - {first.account_id}
        assert stream.reports[other].status == "unverified"
        await stream.aclose()


async def test_a_report_counts_no_nodes_that_the_consumer_was_not_given() -> None:
    async with serving({1: 3, 2: 3}) as (_, ledger):
        stream = ledger.nfts.stream_accounts([1, 2], page_size=10)
        await anext(stream)
        await asyncio.sleep(HOUR)
        reported = sum(report.nodes for report in stream.reports.values())
        assert reported == stream.progress.nodes == 3
        await stream.aclose()


async def test_progress_knows_how_many_ids_a_container_holds() -> None:
    async with serving({}) as (_, ledger):
        assert ledger.nfts.stream_accounts([1, 2, 3]).progress.accounts_known == 3


async def test_progress_counts_the_ids_it_has_met_where_nobody_knows_how_many_there_are() -> None:
    async with serving({1: 1, 2: 1}) as (_, ledger):
        stream = ledger.nfts.stream_accounts(iter([1, 2]))
        before = stream.progress.accounts_known
        await read(stream)
        assert (before, stream.progress.accounts_known) == (0, 2)


async def test_progress_ends_at_everything() -> None:
    accounts = {each: each for each in range(1, 21)}
    async with serving(accounts, max_concurrency=1) as (sandbox, ledger):
        stream = ledger.nfts.stream_accounts(accounts, page_size=5)
        await read(stream)
        progress = stream.progress
        assert (progress.accounts_done, progress.accounts_known) == (20, 20)
        assert (progress.pages, progress.nodes) == (len(sandbox.requests), 210)


async def test_progress_counts_accounts_that_were_skipped_as_done() -> None:
    async with serving({1: 1}) as (_, ledger):
        stream = ledger.nfts.stream_accounts([1, 999], on_error="skip")
        await read(stream)
        assert stream.progress.accounts_done == 2


async def test_progress_ends_at_everything_though_ids_came_again() -> None:
    async with serving({1: 1, 2: 1}) as (_, ledger):
        stream = ledger.nfts.stream_accounts([1, 2, 1])
        await read(stream)
        assert stream.progress.accounts_done == stream.progress.accounts_known


# Whatever happens


@pytest.mark.parametrize("seed", range(25))
async def test_whatever_fails_for_a_while_every_nft_comes_once_and_in_order(seed: int) -> None:
    random = Random(seed)
    accounts = {each: random.choice([0, 1, 5, 40]) for each in range(1, random.randrange(2, 25))}
    faults = [
        Fault.status(500),
        Fault.status(503, body=b""),
        Fault.status(429, headers={"Retry-After": "2"}),
        Fault.html(),
        Fault.drop(),
        Fault.cut(),
        Fault.stall(60),
    ]
    async with serving(
        accounts,
        max_concurrency=random.choice([1, 2, 5, SLOTS]),
        latency=random.choice([0.0, 0.05]),
        rate_limit=random.choice([None, None, 20]),
        max_page_size=random.choice([3, 100]),
        retry=RetryPolicy(max_attempts=20),  # one page may be the one that meets all the faults
    ) as (sandbox, ledger):
        for _ in range(random.randrange(12)):
            sandbox.fail(random.choice(faults), after=random.randrange(40))
        stream = ledger.nfts.stream_accounts(
            random.sample(sorted(accounts), len(accounts)),
            page_size=random.choice([1, 4, 100]),
            node_type=Token,
            ordered=random.random() < 0.5,
        )
        assert by_account(await read(stream)) == held(sandbox, accounts)
        assert {report.status for report in stream.reports.values()} == {"exact"}


async def test_ids_that_only_repeat_do_not_hold_up_the_event_loop() -> None:
    async with (
        serving({1: 1}) as (_, ledger),
        ledger.nfts.stream_accounts(itertools.repeat(1)) as stream,
    ):
        await anext(stream)
        await asyncio.sleep(0)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
async def test_a_stream_starts_on_a_loop_of_eager_tasks() -> None:
    loop = asyncio.get_running_loop()
    loop.set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009 - unknown to 3.11
    async with serving({1: 1000}, max_concurrency=1000) as (_, ledger):
        assert len(await read(ledger.nfts.stream(1, page_size=1, node_type=Token))) == 1000


# Pages that wait for their consumer to decode them


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each page that was decoded: whether its consumer did it."""
    found: list[bool] = []
    decode = Feed._decode

    def noted(self: Feed[Any], *arrived: Any) -> None:
        consumer = self._outbox._consumer
        found.append(consumer is not None and consumer() is asyncio.current_task())
        decode(self, *arrived)

    monkeypatch.setattr(Feed, "_decode", noted)
    return found


EIGHT = dict.fromkeys(range(1, 9), 30)


class Turns:
    """Counts the turns of the event loop, as long as it is counting."""

    def __init__(self) -> None:
        self.now = 0
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Self:
        self._next = self._loop.call_soon(self._count)
        return self

    def __exit__(self, *_: object) -> None:
        self._next.cancel()

    def _count(self) -> None:
        self.now += 1
        self._next = self._loop.call_soon(self._count)


@pytest.mark.parametrize("slow", [-1.0, math.inf], ids=["slow consumer", "fast consumer"])
@pytest.mark.parametrize("max_concurrency", [1, SLOTS, 64])
async def test_a_consumer_is_given_one_page_in_a_turn_of_the_loop(
    *,
    max_concurrency: int,
    slow: float,
    decodings: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ledger_async._streaming.outbox._SLOW", slow)
    accounts = dict.fromkeys(range(1, 65), 30)
    async with serving(accounts, max_concurrency=max_concurrency) as (_, ledger):
        stream = ledger.nfts.stream_accounts(accounts, page_size=10)
        await anext(stream)
        await asyncio.sleep(1)  # until as many pages have arrived as there may be
        nodes = Counter[int]()
        with Turns() as turns:
            async for _ in stream:
                nodes[turns.now] += 1
    assert max(nodes.values()) == 10
    assert any(decodings) == (slow == math.inf and max_concurrency > 1)


async def test_a_consumer_that_computes_lets_requests_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ledger_async._streaming.outbox._SLOW", -1.0)
    async with serving(EIGHT) as (sandbox, ledger):
        stream = ledger.nfts.stream_accounts(EIGHT, page_size=1)
        await anext(stream)
        await asyncio.sleep(1)
        seen = [len(sandbox.requests)]
        for _ in range(20):
            await anext(stream)
            seen.append(len(sandbox.requests))
    assert seen[0] == WINDOW
    assert WINDOW < seen[10] < seen[20]


async def test_pages_that_come_at_once_are_decoded_one_at_a_time(
    decodings: list[bool],
) -> None:
    async with serving(EIGHT, latency=1.0) as (sandbox, ledger):
        nodes = await read(ledger.nfts.stream_accounts(EIGHT, page_size=10, node_type=Token))
    assert by_account(nodes) == held(sandbox, EIGHT)
    assert sum(decodings) > len(decodings) / 2


async def test_they_do_not_wait_for_a_consumer_that_takes_long_for_each(
    decodings: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger_async._streaming.outbox._SLOW", -1.0)
    async with serving(EIGHT, latency=1.0) as (_, ledger):
        await read(ledger.nfts.stream_accounts(EIGHT, page_size=10, node_type=Token))
    assert not any(decodings)


async def test_they_wait_no_longer_for_a_consumer_that_turns_elsewhere(
    decodings: list[bool],
) -> None:
    async with (
        serving(EIGHT, latency=1.0) as (_, ledger),
        ledger.nfts.stream_accounts(EIGHT, page_size=10) as stream,
    ):
        for _ in range(11):  # the page of the probe, and of those that follow the first node
            await anext(stream)
        await asyncio.sleep(0.5)
        assert decodings == [False, False, *[False] * 7]


async def test_nothing_is_lost_where_they_are_cut_off(decodings: list[bool]) -> None:
    async with serving(EIGHT, latency=1.0) as (sandbox, ledger):
        pages = itertools.count()

        @sandbox.rewrite
        def cut_off(seen: SeenRequest, page: dict[str, Any]) -> Any:
            return b'{"edges": [{"cur' if next(pages) % 3 == 1 else page

        nodes = await read(ledger.nfts.stream_accounts(EIGHT, page_size=10, node_type=Token))
    assert by_account(nodes) == held(sandbox, EIGHT)


async def test_a_stream_that_is_closed_decodes_no_more(decodings: list[bool]) -> None:
    async with serving(EIGHT, latency=1.0) as (_, ledger):
        async with ledger.nfts.stream_accounts(EIGHT, page_size=10) as stream:
            for _ in range(11):
                await anext(stream)
        decoded = len(decodings)
        await asyncio.sleep(5)
    assert len(decodings) == decoded < len(EIGHT)


async def test_progress_knows_the_nodes_of_accounts_that_were_begun(ledger: LedgerClient) -> None:
    async with ledger.nfts.stream_accounts([101, 102, 103]) as stream:
        assert stream.progress.nodes_known == 0
        async for _ in stream:
            pass
        assert stream.progress.nodes_known == stream.progress.nodes == 257
