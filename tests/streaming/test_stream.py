"""Streams of one listing: what comes, in which order, at which cost, and what is said about it.

With it are tested its `progress`, its reports (`events`), and the `workers` that fetch its pages.
"""

from __future__ import annotations

import asyncio
import math
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from ledger_async import (
    NFT,
    BadRequestError,
    ConfigurationError,
    InvalidNode,
    LedgerClient,
    LedgerError,
    ListingIncompleteError,
    NFTCollection,
    NodeStream,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseTooLargeError,
    RetryPolicy,
    ServerError,
)
from ledger_async._exactness.walk_limits import STALL_LIMIT
from ledger_async._pages.options import Consistency, PageSize
from ledger_async._transport.http_transport import MAX_BODY
from ledger_async.json import decode
from ledger_async.sandbox import Fault, RateLimit, Sandbox, SeenRequest

N = TypeVar("N")
E = TypeVar("E", bound=LedgerError)

HOUR = 3600.0
SLOTS = 16
WINDOW = 2 * SLOTS


class NodeKeys(msgspec.Struct):
    """An NFT, as far as it is told apart."""

    contract_address: str
    token_id: str

    @property
    def key(self) -> tuple[str, str]:
        return self.contract_address, self.token_id


def client(sandbox: Sandbox, **options: Any) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, **options)


@asynccontextmanager
async def serving(
    nfts: int, *, max_concurrency: int = SLOTS, **options: Any
) -> AsyncIterator[tuple[Sandbox, LedgerClient]]:
    """A sandbox whose account 101 holds so many NFTs, and a client of it."""
    async with (
        Sandbox({101: nfts}, **options) as sandbox,
        client(sandbox, max_concurrency=max_concurrency) as ledger,
    ):
        yield sandbox, ledger


async def read(stream: NodeStream[N]) -> list[N]:
    """Every node, unless the stream hangs."""
    nodes: list[N] = []
    await read_into(nodes, stream)
    return nodes


async def read_into(nodes: list[N], stream: NodeStream[N], *, pause: float = 0.0) -> None:
    """Every node as it comes; `pause` seconds are spent on each."""
    async with asyncio.timeout(24 * HOUR):
        async for node in stream:
            nodes.append(node)
            if pause:
                await asyncio.sleep(pause)


async def read_until(
    error: type[E], stream: NodeStream[N], *, pause: float = 0.0
) -> tuple[list[N], E]:
    """The nodes that came before the error, and the error."""
    nodes: list[N] = []
    with pytest.raises(error) as caught:
        await read_into(nodes, stream, pause=pause)
    return nodes, caught.value


def keys(nodes: list[NodeKeys]) -> list[tuple[str, str]]:
    return [node.key for node in nodes]


def pages_asked(sandbox: Sandbox) -> list[int | None]:
    return [request.page for request in sandbox.requests]


# What comes


@pytest.mark.parametrize("page_size", [1, 7, 100, 1000, "max"])
@pytest.mark.parametrize("max_concurrency", [1, 2, SLOTS])
async def test_every_nft_comes_once_in_listing_order(
    page_size: PageSize, max_concurrency: int
) -> None:
    async with serving(125, max_concurrency=max_concurrency) as (sandbox, ledger):
        nfts = await read(ledger.nfts.stream(101, page_size=page_size, node_type=NodeKeys))
        assert keys(nfts) == sandbox.identities(101)


async def test_nfts_come_as_the_pages_have_them(sandbox: Sandbox, ledger: LedgerClient) -> None:
    assert await read(ledger.nfts.stream(103)) == (await ledger.nfts.page(103)).nodes


async def test_an_empty_account_yields_nothing_for_one_request() -> None:
    async with serving(0) as (sandbox, ledger):
        assert await read(ledger.nfts.stream(101)) == []
        assert len(sandbox.requests) == 1


async def test_a_single_slot_is_enough_for_an_empty_account() -> None:
    async with serving(0, max_concurrency=1) as (_, ledger):
        assert await read(ledger.nfts.stream(101)) == []


async def test_collections_come_once_in_listing_order(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    collections = await read(ledger.nft_collections.stream(101, page_size=3))
    assert collections == (await ledger.nft_collections.page(101)).nodes
    assert len({each.contract_address for each in collections}) == len(collections) > 3


async def test_pages_are_as_long_as_the_server_allows() -> None:
    async with serving(125, max_page_size=25) as (sandbox, ledger):
        nfts = await read(ledger.nfts.stream(101, page_size=100, node_type=NodeKeys))
        assert keys(nfts) == sandbox.identities(101)
        assert Counter(pages_asked(sandbox)) == Counter([1, 2, 3, 4, 5, 1])


async def test_the_largest_page_is_asked_for_by_its_number_on_the_wire() -> None:
    async with serving(5) as (sandbox, ledger):
        await read(ledger.nfts.stream(101, page_size="max"))
        assert [request.page_size for request in sandbox.requests] == [-1]


async def test_a_stream_is_an_async_iterator() -> None:
    async with serving(3) as (sandbox, ledger):
        stream = ledger.nfts.stream(101, node_type=NodeKeys)
        first = await anext(stream)
        assert [first.key, *keys(await read(stream))] == sandbox.identities(101)


async def test_a_stream_that_ended_stays_ended() -> None:
    async with serving(3) as (_, ledger):
        stream = ledger.nfts.stream(101)
        await read(stream)
        assert await read(stream) == []


async def test_a_second_consumer_at_the_same_time_is_refused() -> None:
    async with serving(3, latency=1.0) as (_, ledger):
        stream = ledger.nfts.stream(101)
        consumer = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="already running"):
            await anext(stream)
        await consumer
        await stream.aclose()


@pytest.mark.parametrize("fault", [Fault.status(503), Fault.drop(), Fault.cut(), Fault.stall(60)])
async def test_a_failure_that_passes_is_not_seen(fault: Fault) -> None:
    async with serving(50) as (sandbox, ledger):
        sandbox.fail(fault, page=3, times=2)
        nfts = await read(ledger.nfts.stream(101, page_size=10, node_type=NodeKeys))
        assert keys(nfts) == sandbox.identities(101)


# Structs of the caller's own


class Value(msgspec.Struct):
    value: int


class Renamed(msgspec.Struct, rename={"contract": "contract_address", "number": "token_id"}):
    contract: str
    number: str


class Price(msgspec.Struct):
    value: Decimal


class Kept(msgspec.Struct):
    metadata: msgspec.Raw = msgspec.Raw(b"null")


class Priced(msgspec.Struct):
    price: Price | None = None


async def test_a_struct_may_declare_none_of_the_identity() -> None:
    async with serving(40) as (_, ledger):
        whole = await read(ledger.nfts.stream(101, page_size=7))
        values = await read(ledger.nfts.stream(101, page_size=7, node_type=Value))
        assert values == [Value(nft.value) for nft in whole]


async def test_a_struct_may_name_the_identity_otherwise() -> None:
    async with serving(40) as (sandbox, ledger):
        renamed = await read(ledger.nfts.stream(101, page_size=7, node_type=Renamed))
        assert [(each.contract, each.number) for each in renamed] == sandbox.identities(101)


async def test_a_struct_may_nest_others() -> None:
    async with serving(40) as (_, ledger):
        whole = await read(ledger.nfts.stream(101))
        priced = await read(ledger.nfts.stream(101, node_type=Priced))
        assert [each.price and each.price.value for each in priced] == [
            nft.price and nft.price.value for nft in whole
        ]


async def test_a_struct_may_keep_a_part_as_it_came_to_be_decoded_later() -> None:
    async with serving(40) as (_, ledger):
        whole = await read(ledger.nfts.stream(101))
        kept = await read(ledger.nfts.stream(101, node_type=Kept))
    for each, nft in zip(kept, whole, strict=True):
        assert decode(each.metadata, type=type(nft.metadata)) == nft.metadata


@pytest.mark.parametrize("node_type", [NFT, Value, Renamed, Priced, Kept])
async def test_repeats_are_dropped_whatever_the_struct_declares(
    node_type: type[msgspec.Struct],
) -> None:
    async with serving(40, max_concurrency=1) as (sandbox, ledger):
        between_pages(sandbox, lambda: sandbox.add_nfts(101))
        stream = ledger.nfts.stream(101, page_size=10, node_type=node_type)
        assert len(await read(stream)) == 40
        assert stream.reports[101].duplicates_dropped == 4


# At which cost


@pytest.mark.parametrize(
    ("consistency", "max_concurrency", "pages"),
    [
        ("exact", SLOTS, [1, 1, 2, 3, 4]),
        ("fast", SLOTS, [1, 2, 3, 4]),
        ("exact", 1, [1, 2, 3, 4]),
        ("fast", 1, [1, 2, 3, 4]),
    ],
)
async def test_a_proof_costs_one_request_where_pages_were_fetched_at_once(
    consistency: Consistency, max_concurrency: int, pages: list[int]
) -> None:
    async with serving(40, max_concurrency=max_concurrency) as (sandbox, ledger):
        await read(ledger.nfts.stream(101, page_size=10, consistency=consistency))
        assert sorted(page or 0 for page in pages_asked(sandbox)) == pages


@pytest.mark.parametrize(("nfts", "requests"), [(0, 1), (9, 1), (10, 1), (11, 2), (30, 3)])
async def test_up_to_three_pages_are_proven_at_no_cost(nfts: int, requests: int) -> None:
    async with serving(nfts) as (sandbox, ledger):
        stream = ledger.nfts.stream(101, page_size=10)
        await read(stream)
        assert (len(sandbox.requests), stream.reports[101].status) == (requests, "exact")


@pytest.mark.parametrize("max_concurrency", [1, 3, SLOTS])
async def test_pages_of_one_account_are_fetched_at_once_as_many_as_there_are_slots(
    max_concurrency: int,
) -> None:
    async with serving(60, max_concurrency=max_concurrency, latency=0.05) as (sandbox, ledger):
        await read(ledger.nfts.stream(101, page_size=1))
        assert sandbox.peak_in_flight == max_concurrency


async def test_a_hundred_pages_take_little_longer_than_their_latencies() -> None:
    latency, pages = 0.05, 100
    async with serving(pages, latency=latency) as (_, ledger):
        started = now()
        await read(ledger.nfts.stream(101, page_size=1))
        # The first page alone says how many there are; then as many at once as there are slots.
        ideal = latency * (1 + math.ceil((pages - 1) / SLOTS))
        assert ideal <= now() - started < 1.15 * ideal


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_consumer_that_stalls_stops_the_fetching() -> None:
    async with serving(100) as (sandbox, ledger):
        stream = ledger.nfts.stream(101, page_size=1)
        await anext(stream)
        await asyncio.sleep(HOUR)
        assert len(sandbox.requests) == WINDOW
        await stream.aclose()


async def test_a_page_that_was_read_lets_one_more_be_fetched() -> None:
    async with serving(500) as (sandbox, ledger):
        stream = ledger.nfts.stream(101, page_size=5)
        for _ in range(3 * 5 + 1):
            await anext(stream)
        await asyncio.sleep(HOUR)
        assert len(sandbox.requests) == WINDOW + 3
        await stream.aclose()


async def test_a_consumer_that_stalled_goes_on_where_it_was() -> None:
    async with serving(100) as (sandbox, ledger):
        stream = ledger.nfts.stream(101, page_size=1, node_type=NodeKeys)
        nfts = [await anext(stream)]
        await asyncio.sleep(HOUR)
        nfts += await read(stream)
        assert keys(nfts) == sandbox.identities(101)


async def test_no_request_is_sent_before_the_stream_is_read() -> None:
    async with serving(10) as (sandbox, ledger):
        ledger.nfts.stream(101)
        await asyncio.sleep(HOUR)
        assert sandbox.requests == []


@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_every_place_of_the_window_comes_back(max_concurrency: int) -> None:
    async with serving(60, max_concurrency=max_concurrency) as (sandbox, ledger):
        between_pages(sandbox, lambda: sandbox.add_nfts(101))
        stream = ledger.nfts.stream(101, page_size=2)
        await read(stream)
        schedule = stream._feed._accounts._schedule
        assert schedule._free == schedule._window


# A listing that changes while it is read


def between_pages(sandbox: Sandbox, change: Callable[[], object], *, times: float = 4) -> None:
    """Let something happen before each page but the first, so many times."""

    @sandbox.on_request
    def happen(seen: SeenRequest) -> None:
        nonlocal times
        if len(sandbox.requests) > 1 and times > 0:
            times -= 1
            change()


async def test_in_sequence_inserts_are_seen_as_repeats_and_leave_it_exact() -> None:
    async with serving(50, max_concurrency=1) as (sandbox, ledger):
        held = sandbox.identities(101)
        between_pages(sandbox, lambda: sandbox.add_nfts(101))
        stream = ledger.nfts.stream(101, page_size=10, node_type=NodeKeys)
        assert keys(await read(stream)) == held
        report = stream.reports[101]
        assert (report.status, report.duplicates_dropped) == ("exact", 4)


async def test_in_sequence_what_a_delete_moved_comes_in_its_order() -> None:
    async with serving(50, max_concurrency=1) as (sandbox, ledger):
        held = sandbox.identities(101)
        between_pages(sandbox, lambda: sandbox.remove_nfts(101, at=0), times=1)
        stream = ledger.nfts.stream(101, page_size=10, node_type=NodeKeys)
        assert keys(await read(stream)) == held
        assert stream.reports[101].status == "repaired"


@pytest.mark.parametrize("insert", [True, False])
async def test_at_once_any_change_is_repaired(*, insert: bool) -> None:
    async with serving(200) as (sandbox, ledger):
        held = sandbox.identities(101)
        gone = [] if insert else held[:1]
        between_pages(
            sandbox,
            lambda: sandbox.add_nfts(101) if insert else sandbox.remove_nfts(101, at=0),
            times=1,
        )
        stream = ledger.nfts.stream(101, page_size=10, node_type=NodeKeys)
        assert {*keys(await read(stream))} >= {*held} - {*gone}
        assert stream.reports[101].status == "repaired"


async def test_a_request_that_a_repair_has_overtaken_may_fail() -> None:
    async with serving(200) as (sandbox, ledger):
        held = sandbox.identities(101)

        @sandbox.on_request
        def change(seen: SeenRequest) -> None:
            if seen.page == 2:
                sandbox.add_nfts(101)

        late = Fault("late", fail_late)
        sandbox.fail(late, page=5)
        stream = ledger.nfts.stream(101, page_size=10, node_type=NodeKeys)
        assert {*keys(await read(stream))} >= {*held}
        assert (stream.reports[101].status, stream.reports[101].error) == ("repaired", None)


async def fail_late(_request: web.Request, _handler: object) -> web.Response:
    await asyncio.sleep(1)
    return web.json_response({}, status=400)


async def test_a_listing_that_cannot_be_covered_raises_with_what_came() -> None:
    async with serving(50, max_concurrency=1) as (sandbox, ledger):

        @sandbox.rewrite
        def repeat(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            page["edges"] += page["edges"][:1]
            return page

        stream = ledger.nfts.stream(101, page_size=10)
        nodes, error = await read_until(ListingIncompleteError, stream)
        assert (len(nodes), error.covered, stream.reports[101].error) == (10, 10, error)
        assert "account 101 (page 1): 20 pages in a row" in str(error)


@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_no_nft_comes_twice_however_much_changes(max_concurrency: int) -> None:
    async with serving(100, max_concurrency=max_concurrency) as (sandbox, ledger):

        @sandbox.on_request
        def churn(_seen: SeenRequest) -> None:
            sandbox.add_nfts(101, 2)
            sandbox.remove_nfts(101, 2)

        nfts = await read(ledger.nfts.stream(101, page_size=7, node_type=NodeKeys))
        assert len(set(keys(nfts))) == len(nfts)


async def test_a_collection_that_moves_to_the_head_is_not_lost_in_silence() -> None:
    """Newest first may mean that a collection moves up with each new NFT of it, as it does here.

    It was there all along; one that comes anew meanwhile makes `count` rise.
    """
    async with Sandbox({101: 64}) as sandbox, client(sandbox, max_concurrency=1) as ledger:
        sandbox.remove_nfts(101, 60, at=0)
        before = await read(ledger.nft_collections.stream(101))
        sandbox.requests.clear()
        arrivals = iter([1, 8])
        between_pages(sandbox, lambda: sandbox.add_nfts(101, next(arrivals, 0)), times=math.inf)
        stream = ledger.nft_collections.stream(101, page_size=1)
        came = addresses(await read(stream))
        assert addresses(before) <= came or stream.reports[101].status == "unverified"


def addresses(collections: list[NFTCollection]) -> set[str]:
    return {each.contract_address for each in collections}


# What is said about it


async def test_a_report_counts_nodes_answers_and_repeats() -> None:
    async with serving(25) as (_, ledger):
        stream = ledger.nfts.stream(101, page_size=10)
        await read(stream)
        report = stream.reports[101]
        assert (report.nodes, report.pages, report.duplicates_dropped) == (25, 3, 0)


async def test_a_report_has_no_error_where_there_was_none() -> None:
    async with serving(25) as (_, ledger):
        stream = ledger.nfts.stream(101)
        await read(stream)
        assert stream.reports[101].error is None


@pytest.mark.parametrize(
    ("consistency", "page_size", "status"),
    [("exact", 10, "exact"), ("fast", 10, "unverified"), ("fast", 100, "exact")],
)
async def test_a_report_says_what_was_proven(
    consistency: Consistency, page_size: int, status: str
) -> None:
    async with serving(25) as (_, ledger):
        stream = ledger.nfts.stream(101, page_size=page_size, consistency=consistency)
        await read(stream)
        assert stream.reports[101].status == status


async def test_a_report_of_a_stream_that_is_under_way_is_unverified() -> None:
    async with serving(100) as (_, ledger), ledger.nfts.stream(101, page_size=1) as stream:
        await anext(stream)
        assert stream.reports[101].status == "unverified"


async def test_progress_starts_at_nothing() -> None:
    async with serving(25) as (_, ledger):
        progress = ledger.nfts.stream(101).progress
        assert (progress.accounts_done, progress.accounts_known) == (0, 1)
        assert (progress.pages, progress.nodes, progress.waited, progress.wait_left) == (0, 0, 0, 0)


async def test_progress_counts_the_pages_that_the_consumer_began() -> None:
    async with serving(25) as (_, ledger), ledger.nfts.stream(101, page_size=10) as stream:
        await anext(stream)
        assert stream.progress.nodes == 10


async def test_progress_ends_at_everything() -> None:
    async with serving(25) as (_, ledger):
        stream = ledger.nfts.stream(101, page_size=10)
        await read(stream)
        progress = stream.progress
        assert (progress.accounts_done, progress.accounts_known) == (1, 1)
        assert (progress.pages, progress.nodes) == (3, 25)


async def test_progress_says_how_long_the_rate_limit_held_it_back() -> None:
    async with serving(3, max_concurrency=1, rate_limit=RateLimit(1, 10)) as (_, ledger):
        stream = ledger.nfts.stream(101, page_size=1)
        await read(stream)
        assert stream.progress.waited == pytest.approx(20, abs=0.5)


async def test_progress_says_how_long_the_rate_limit_will_hold_it_back() -> None:
    async with serving(3, max_concurrency=1, rate_limit=RateLimit(1, 10)) as (_, ledger):
        stream = ledger.nfts.stream(101, page_size=1)
        await anext(stream)
        consumer = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(4)
        assert stream.progress.wait_left == pytest.approx(6, abs=0.5)
        await consumer
        await stream.aclose()


class Watched(msgspec.Struct, weakref=True):
    contract_address: str
    token_id: str


async def test_nodes_that_were_read_are_let_go_before_the_next_page_is_there() -> None:
    async with serving(2, max_concurrency=1, rate_limit=RateLimit(1, 10)) as (_, ledger):
        stream = ledger.nfts.stream(101, page_size=1, node_type=Watched)
        node = weakref.ref(await anext(stream))
        consumer = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(4)
        assert node() is None
        await consumer
        await stream.aclose()


async def test_progress_stands_still_once_the_stream_is_over() -> None:
    async with serving(2, max_concurrency=1, rate_limit=RateLimit(1, 10)) as (_, ledger):
        first = ledger.nfts.stream(101, page_size=1)
        await read(first)
        waited = first.progress.waited
        await read(ledger.nfts.stream(101, page_size=1))
        assert (first.progress.waited, first.progress.wait_left) == (waited, 0)


async def test_progress_shows_itself_in_a_line() -> None:
    async with serving(25) as (_, ledger):
        stream = ledger.nfts.stream(101, page_size=10)
        await read(stream)
        assert repr(stream.progress) == "Progress(accounts=1/1, pages=3, nodes=25, waited=0.0)"


# Errors


async def test_an_error_comes_after_the_nodes_that_arrived_before_it() -> None:
    async with serving(50, max_concurrency=1) as (sandbox, ledger):
        sandbox.fail(Fault.status(403), page=4)
        stream = ledger.nfts.stream(101, page_size=10, node_type=NodeKeys)
        nodes, _ = await read_until(PermissionDeniedError, stream)
        assert keys(nodes) == sandbox.identities(101)[:30]


@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_an_error_waits_for_a_consumer_that_is_slow(max_concurrency: int) -> None:
    async with serving(50, max_concurrency=max_concurrency) as (sandbox, ledger):
        sandbox.fail(Fault.status(403), page=2)
        stream = ledger.nfts.stream(101, page_size=10, node_type=NodeKeys)
        nodes, _ = await read_until(PermissionDeniedError, stream, pause=1)
        assert keys(nodes) == sandbox.identities(101)[:10]


async def test_an_error_says_where_it_happened() -> None:
    async with serving(50) as (sandbox, ledger):
        sandbox.fail(Fault.status(403), page=2)
        _, error = await read_until(PermissionDeniedError, ledger.nfts.stream(101, page_size=10))
        assert (error.account_id, error.page, error.status) == (101, 2, 403)
        assert (error.method, error.path) == ("GET", "/accounts/101/nfts")


async def test_an_error_is_in_the_report_too() -> None:
    async with serving(50) as (sandbox, ledger):
        sandbox.fail(Fault.status(403), page=2)
        stream = ledger.nfts.stream(101, page_size=10)
        _, error = await read_until(PermissionDeniedError, stream)
        assert stream.reports[101].error is error
        assert stream.reports[101].status == "unverified"


async def test_a_failure_that_does_not_pass_ends_the_stream_after_its_attempts() -> None:
    async with serving(50) as (sandbox, ledger):
        sandbox.fail(Fault.status(503), page=2, times=math.inf)
        _, error = await read_until(ServerError, ledger.nfts.stream(101, page_size=10))
        assert error.attempts == pages_asked(sandbox).count(2) == RetryPolicy().max_attempts


async def test_a_rate_limit_that_asks_for_too_much_ends_the_stream() -> None:
    async with serving(50) as (sandbox, ledger):
        sandbox.fail(Fault.status(420, headers={"Retry-After": "1000"}))
        _, error = await read_until(RateLimitError, ledger.nfts.stream(101, page_size=10))
        assert error.retry_after == 1000


REFUSALS = [400, 404, 416]


def refuse_past_the_end(sandbox: Sandbox, status: int) -> None:
    """Have pages that begin behind the last element answered by this status."""
    refusal = Fault.status(status)

    async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
        query = request.query
        start = (int(query["page"]) - 1) * int(query["page_size"])
        is_past = start and start >= len(sandbox.identities(101))
        return await (refusal.play(request, handler) if is_past else handler(request))

    sandbox.fail(Fault("refused past the end", play), times=math.inf)


@pytest.mark.parametrize("consistency", ["exact", "fast"])
@pytest.mark.parametrize("status", REFUSALS)
async def test_a_page_past_the_end_that_is_refused_is_the_end(
    status: int, consistency: Consistency
) -> None:
    async with serving(100, max_concurrency=1) as (sandbox, ledger):
        refuse_past_the_end(sandbox, status)

        @sandbox.on_request
        def shrink(seen: SeenRequest) -> None:
            if pages_asked(sandbox) == [1, 2, 3]:
                sandbox.remove_nfts(101, 78)

        stream = ledger.nfts.stream(101, page_size=10, node_type=NodeKeys, consistency=consistency)
        came = {*keys(await read(stream))}
        assert came >= {*sandbox.identities(101)} or consistency == "fast"


async def test_that_the_account_is_gone_is_told_by_its_first_page() -> None:
    async with serving(100, max_concurrency=1) as (sandbox, ledger):
        sandbox.fail(Fault.status(404), after=3, times=math.inf)
        nodes, error = await read_until(NotFoundError, ledger.nfts.stream(101, page_size=10))
        assert (len(nodes), error.page) == (30, 1)


async def test_a_listing_of_which_no_further_page_is_given_names_the_refusal() -> None:
    async with serving(400, max_concurrency=1) as (sandbox, ledger):
        refusal = Fault.status(400)

        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            deep = (int(request.query["page"]) - 1) * int(request.query["page_size"]) >= 60
            return await (refusal.play(request, handler) if deep else handler(request))

        sandbox.fail(Fault("none so deep", play), times=math.inf)
        stream = ledger.nfts.stream(101, page_size=20)
        nodes, error = await read_until(ListingIncompleteError, stream)
        assert len(nodes) == 100
        assert isinstance(error.__cause__, BadRequestError)


async def test_an_unknown_account_ends_the_stream() -> None:
    async with serving(0) as (_, ledger):
        _, error = await read_until(NotFoundError, ledger.nfts.stream(999))
        assert error.account_id == 999


@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_pages_that_stop_moving_end_the_stream_after_what_they_held(
    max_concurrency: int,
) -> None:
    async with serving(25, max_concurrency=max_concurrency) as (sandbox, ledger):

        @sandbox.rewrite
        def never_end(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            page["page_info"]["has_next_page"] = True
            return page

        stream = ledger.nfts.stream(101, page_size=10, node_type=NodeKeys)
        nodes, error = await read_until(ListingIncompleteError, stream)
        assert keys(nodes) == sandbox.identities(101)
        assert error.account_id == 101


@pytest.mark.parametrize("max_concurrency", [1, SLOTS])
async def test_nothing_more_is_asked_for_once_the_stream_has_failed(max_concurrency: int) -> None:
    async with serving(25, max_concurrency=max_concurrency) as (sandbox, ledger):

        @sandbox.rewrite
        def never_end(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            page["page_info"]["has_next_page"] = True
            return page

        stream = ledger.nfts.stream(101, page_size=10)
        await read_until(ListingIncompleteError, stream)
        assert len(sandbox.requests) <= 4 + STALL_LIMIT


async def test_an_end_that_was_not_true_is_not_believed() -> None:
    async with serving(25) as (sandbox, ledger):

        @sandbox.rewrite
        def end(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            page["page_info"]["has_next_page"] = False
            return page

        stream = ledger.nfts.stream(101, page_size=10)
        assert len(await read(stream)) == 25
        assert stream.reports[101].status == "exact"


# Pages that are too large to be read

MIB = 2**20


def weigh(sandbox: Sandbox, sizes: Mapping[int, int]) -> list[int]:
    """Make the NFTs at these positions so many bytes long; how long the pages become."""
    weights = {sandbox.identities(101)[position]: size for position, size in sizes.items()}
    pages: list[int] = []

    @sandbox.rewrite
    def rewrite(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        for edge in page["edges"]:
            node = edge["node"]
            if size := weights.get((node["contract_address"], node["token_id"])):
                node["image"] = "x" * size
        pages.append(len(msgspec.json.encode(page)))
        return page

    return pages


async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones() -> None:
    async with serving(230) as (sandbox, ledger):
        pages = weigh(sandbox, dict.fromkeys(range(100, 230), 180_000))
        nodes = await read(ledger.nfts.stream(101, node_type=NodeKeys))
        assert keys(nodes) == sandbox.identities(101)
        assert sum(size > MAX_BODY for size in pages) == 1


async def test_an_nft_that_is_too_large_by_itself_is_left_out_alone() -> None:
    invalid: list[InvalidNode] = []
    async with serving(60) as (sandbox, ledger):
        weigh(sandbox, {42: 17 * MIB})
        stream = ledger.nfts.stream(101, node_type=NodeKeys, on_invalid=invalid.append)
        others = sandbox.identities(101)
        del others[42]
        assert keys(await read(stream)) == others
    assert stream.reports[101].invalid == 1
    assert [(each.page, each.index, each.raw) for each in invalid] == [(43, 0, b"")]
    assert "page_size=1" in str(invalid[0].error)


async def test_an_nft_that_is_too_large_by_itself_is_an_error_of_its_account() -> None:
    async with serving(60) as (sandbox, ledger):
        weigh(sandbox, {42: 17 * MIB})
        nodes, error = await read_until(ResponseTooLargeError, ledger.nfts.stream(101))
        assert (len(nodes), error.account_id, error.page) == (42, 101, 43)
        assert "page_size=1" in str(error)


async def test_a_single_page_that_is_too_large_names_what_makes_it_smaller() -> None:
    async with serving(60) as (sandbox, ledger):
        weigh(sandbox, {42: 17 * MIB})
        with pytest.raises(ResponseTooLargeError, match="by page_size"):
            await ledger.nfts.page(101)


# Who spells addresses differently


async def test_an_address_is_the_same_however_its_digits_are_spelt() -> None:
    async with serving(30) as (sandbox, ledger):

        @sandbox.rewrite
        def spell(seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            for edge in page["edges"]:
                address = edge["node"]["contract_address"]
                upper = "0x" + address[2:].upper()
                edge["node"]["contract_address"] = upper if (seen.page or 0) % 2 else address
            return page

        @sandbox.on_request
        def shift(seen: SeenRequest) -> None:
            if seen.page == 2:
                sandbox.add_nfts(101, 5)

        there = len(sandbox.identities(101))
        stream = ledger.nfts.stream(101, page_size=10)
        nodes = await read(stream)
        spelt = {(nft.contract_address.lower(), nft.token_id) for nft in nodes}
        assert len(spelt) == len(nodes) >= there
        assert stream.reports[101].duplicates_dropped > 0


# Bad arguments


@pytest.mark.parametrize("consistency", ["", "Exact", None, 1])
async def test_an_unknown_consistency_is_refused(
    consistency: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="consistency"):
        ledger.nfts.stream(101, consistency=consistency)
