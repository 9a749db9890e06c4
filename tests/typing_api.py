"""User code that is only type-checked: what an editor shows for each call."""

from __future__ import annotations

from typing import assert_type

import msgspec

from ledger_async import (
    NFT,
    Account,
    AccountNode,
    LedgerClient,
    NFTCollection,
    NFTPortfolioValuation,
    NodeStream,
    Page,
)


class Token(msgspec.Struct):
    """Only what the caller wants of an NFT."""

    token_id: str


async def nfts(ledger: LedgerClient) -> None:
    assert_type(ledger.nfts.stream(101), NodeStream[NFT])
    assert_type(ledger.nfts.stream(101, node_type=Token), NodeStream[Token])
    assert_type(ledger.nfts.stream_accounts([101]), NodeStream[AccountNode[NFT]])
    assert_type(
        ledger.nfts.stream_accounts([101], node_type=Token, on_error="skip"),
        NodeStream[AccountNode[Token]],
    )
    assert_type(await ledger.nfts.page(101, 2, page_size="max"), Page[NFT])
    assert_type(await ledger.nfts.page(101, node_type=Token), Page[Token])
    assert_type(await ledger.nfts.portfolio(101), NFTPortfolioValuation)
    async for account_id, nft in ledger.nfts.stream_accounts([101]):
        assert_type(account_id, int)
        assert_type(nft, NFT)


async def others(ledger: LedgerClient) -> None:
    async with ledger.nft_collections.stream(101) as collections:
        async for collection in collections:
            assert_type(collection, NFTCollection)
    assert_type(await ledger.accounts.get(101), Account)
    assert_type(ledger.accounts.stream(status="ACTIVE", entity=[1, 2]), NodeStream[Account])
    ledger.accounts.stream(status="SLEEPING")  # type: ignore[arg-type]
    ledger.accounts.stream(colour="red")  # type: ignore[call-arg]
    ledger.nfts.stream("101")  # type: ignore[call-overload]
