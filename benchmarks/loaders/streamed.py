"""The stream that the other programs are given: ledger_async's batches, as rows of plain values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from work import Work

from ledger_async import LedgerClient
from ledger_async.models.nft import NFT

COLUMNS = ("account_id", "contract_address", "token_id", "token_type", "value")
DOCUMENTS = ("metadata", "price", "tx_balance")


async def batches(work: Work) -> AsyncIterator[tuple[int | None, Sequence[NFT]]]:
    """The NFTs of each page, and their account."""
    async with LedgerClient(work.url, api_key="key") as ledger:
        async for batch in ledger.nfts.stream_accounts(work.sizes).batches():
            if batch.nodes:
                yield batch.account_id, batch.nodes


async def dicts(work: Work) -> AsyncIterator[list[dict[str, Any]]]:
    """The rows of each page, as JSON would hold them; an amount may be too large for 64 bits."""
    async for account_id, nodes in batches(work):
        built = msgspec.to_builtins(nodes, builtin_types=())
        yield [{"account_id": account_id, **row, "value": str(row["value"])} for row in built]


async def tuples(work: Work) -> AsyncIterator[list[tuple[Any, ...]]]:
    """The rows of each page, with documents as text."""
    async for account_id, nodes in batches(work):
        yield [
            (
                account_id,
                nft.contract_address,
                nft.token_id,
                nft.token_type,
                str(nft.value),
                *(msgspec.json.encode(getattr(nft, each)).decode() for each in DOCUMENTS),
            )
            for nft in nodes
        ]
