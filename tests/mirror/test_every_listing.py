"""Every listing of the API, from the sandbox into a store and back: `listings`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledger_async import LedgerClient
from ledger_async.mirror import Store, mirror, store_at
from ledger_async.mirror.listings import listings
from ledger_async.sandbox import Sandbox

pytestmark = pytest.mark.real_time

CHAINS = {201: "cardano", 202: "solana", 203: "tezos"}
NAMES = [
    "accounts",
    "cardano_stakes",
    "digests",
    "entities",
    "groups",
    "labels",
    "messages",
    "nft_collections",
    "nfts",
    "pledges",
    "requests",
    "settlements",
    "solana_stakes",
    "tezos_stakes",
    "transactions",
    "users",
    "whitelists",
]


@pytest.fixture
async def workspace() -> AsyncIterator[LedgerClient]:
    """One account for each kind of listing."""
    sizes = {101: 30} | dict.fromkeys(CHAINS, 0)
    async with Sandbox(sizes, currencies=CHAINS) as sandbox:
        key, user = sandbox.api_key, sandbox.api_user
        async with LedgerClient(sandbox.url, api_key=key, api_user=user) as ledger:
            yield ledger


@pytest.fixture(params=["sqlite:{}/ledger.db", "parquet:{}"], ids=["sqlite", "parquet"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with store_at(request.param.format(tmp_path)) as store:
        yield store


async def test_these_are_all_listings(workspace: LedgerClient) -> None:
    assert sorted(listings(workspace)) == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_a_listing_is_in_its_table(workspace: LedgerClient, store: Store, name: str) -> None:
    listing = listings(workspace)[name]
    ids = [101, *CHAINS] if listing.listing.by_account else None
    nodes = [node async for batch in listing.walk(ids).batches() for node in batch.nodes]
    first = await mirror(listing, ids, store=store)
    assert nodes
    assert (first.added, first.failed) == (len(nodes), {})


@pytest.mark.parametrize("name", NAMES)
async def test_whatever_was_written_is_found_again(
    workspace: LedgerClient, store: Store, name: str
) -> None:
    listing = listings(workspace)[name]
    ids = [101, *CHAINS] if listing.listing.by_account else None
    await mirror(listing, ids, store=store)
    again = await mirror(listing, ids, store=store)
    assert (again.added, again.changed, again.gone) == (0, 0, 0)
