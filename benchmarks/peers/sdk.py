"""ledger_async in batches, with everything on."""

from __future__ import annotations

from work import Tally, Work

from ledger_async import LedgerClient


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    async with LedgerClient(work.url, api_key="key", max_concurrency=work.slots) as ledger:
        stream = ledger.nfts.stream_accounts(work.sizes, page_size=work.page_size)
        async for batch in stream.batches():
            if batch.nodes:
                await tally.take(batch.account_id, batch.nodes)
