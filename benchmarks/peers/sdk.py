"""ledger_async in batches, with everything on."""

from __future__ import annotations

from typing import Any

from work import Tally, Work

from ledger_async import LedgerClient


def token_id(node: Any) -> str:
    """What tells two nodes apart."""
    return str(node.token_id)


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    async with LedgerClient(work.url, api_key="key", max_concurrency=work.slots) as ledger:
        stream = ledger.nfts.stream_accounts(work.sizes, page_size=work.page_size)
        async for batch in stream.batches():
            if batch.nodes:
                await tally.take(batch.account_id, batch.nodes)
