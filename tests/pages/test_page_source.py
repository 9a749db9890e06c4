"""Single pages, and what it takes to declare a paged `endpoint`."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from ledger_async import NFT, Edge, LedgerClient, NFTCollection, Page, PageInfo
from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import PageSize
from ledger_async.sandbox import Sandbox
from ledger_async.sections._base.account_listing import AccountListing


class Token(msgspec.Struct, frozen=True):
    contract_address: str
    token_id: str


def keys(page: Page[Any]) -> list[tuple[str, str]]:
    return [(node.contract_address, node.token_id) for node in page.nodes]


# A page


async def test_a_page_is_a_part_of_the_listing(sandbox: Sandbox, ledger: LedgerClient) -> None:
    page = await ledger.nfts.page(101, 2, page_size=50)
    assert keys(page) == sandbox.identities(101)[50:100]


async def test_a_page_holds_nfts(ledger: LedgerClient) -> None:
    page = await ledger.nfts.page(103)
    assert {type(node) for node in page.nodes} == {NFT}


async def test_a_page_says_where_it_stands(ledger: LedgerClient) -> None:
    first, last = await ledger.nfts.page(101, 1), await ledger.nfts.page(101, 3)
    assert [first.page_info, last.page_info] == [PageInfo(250, True), PageInfo(250, False)]


async def test_edges_number_their_nodes_within_the_page(ledger: LedgerClient) -> None:
    page = await ledger.nfts.page(101, 2, page_size=3)
    assert page.edges == tuple(Edge(index, node) for index, node in enumerate(page.nodes))


async def test_the_first_page_is_the_default(ledger: LedgerClient) -> None:
    assert await ledger.nfts.page(103) == await ledger.nfts.page(103, 1)


async def test_a_page_past_the_end_is_empty(ledger: LedgerClient) -> None:
    page = await ledger.nfts.page(103, 10**6)
    assert (page.nodes, page.page_info) == ([], PageInfo(7, False))


async def test_a_page_costs_one_request(sandbox: Sandbox, ledger: LedgerClient) -> None:
    await ledger.nfts.page(101, 2)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("page_size", "sent"), [(1, "1"), (100, "100"), (10**6, "1000000"), ("max", "-1")]
)
async def test_a_page_is_asked_for_by_number_and_size(
    page_size: PageSize, sent: str, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    await ledger.nfts.page(101, 2, page_size=page_size)
    (request,) = sandbox.requests
    assert dict(request.query) == {"page": "2", "page_size": sent}


async def test_a_page_is_no_longer_than_the_server_allows(ledger: LedgerClient) -> None:
    assert len((await ledger.nfts.page(101, page_size=10**6)).nodes) == 100


async def test_the_largest_page_is_as_long_as_the_server_allows(ledger: LedgerClient) -> None:
    assert len((await ledger.nfts.page(101, page_size="max")).nodes) == 100


async def test_a_page_holds_structs_of_the_caller_s_own(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    page = await ledger.nfts.page(103, node_type=Token)
    assert page.nodes == [Token(*key) for key in sandbox.identities(103)]


async def test_a_page_of_collections_holds_collections(ledger: LedgerClient) -> None:
    page = await ledger.nft_collections.page(101)
    assert {type(node) for node in page.nodes} == {NFTCollection}
    assert sum(node.token_balance for node in page.nodes) == 250


async def test_no_more_pages_are_in_flight_than_allowed(sandbox: Sandbox) -> None:
    async with (
        Sandbox({101: 100}, latency=1.0) as slow,
        LedgerClient(slow.url, api_key=slow.api_key, api_user=slow.api_user, max_concurrency=3) as (
            ledger
        ),
    ):
        await asyncio.gather(*(ledger.nfts.page(101, n, page_size=5) for n in range(1, 21)))
        assert slow.peak_in_flight == 3


# Another endpoint


class Tokens(AccountListing[Token]):
    """All that another endpoint takes."""

    _endpoint = Endpoint("/accounts/{account_id}/nfts", Token, identity=("token_id",))


@pytest.fixture
async def tokens(ledger: LedgerClient) -> Tokens:
    return Tokens(ledger._runtime)


async def test_a_declared_endpoint_has_pages(sandbox: Sandbox, tokens: Tokens) -> None:
    assert keys(await tokens.page(103)) == sandbox.identities(103)


async def test_a_declared_endpoint_streams(sandbox: Sandbox, tokens: Tokens) -> None:
    came = [(node.contract_address, node.token_id) async for node in tokens.stream(101)]
    assert came == sandbox.identities(101)


async def test_a_declared_endpoint_streams_many_accounts(sandbox: Sandbox, tokens: Tokens) -> None:
    came = [node.account_id async for node in tokens.stream_accounts([101, 103])]
    assert sorted(came) == [101] * 250 + [103] * 7
