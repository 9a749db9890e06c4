"""ledger_async without its streams: a call for each page, of which a few wait at once."""

from __future__ import annotations

import asyncio

from work import Tally, Work

from ledger_async import LedgerClient


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    pages = iter(work.pages())
    async with LedgerClient(work.url, api_key="key", max_concurrency=work.slots) as ledger:

        async def worker() -> None:
            for account_id, number in pages:
                page = await ledger.nfts.page(account_id, number, page_size=work.page_size)
                await tally.take(account_id, page.nodes)
                del page

        await asyncio.gather(*(worker() for _ in range(work.slots)))
