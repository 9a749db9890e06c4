"""ledger_async node by node, with everything on."""

from __future__ import annotations

import asyncio

from work import Tally, Work, token_id

from ledger_async import LedgerClient


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    current, careful = None, tally.check or work.pause
    async with LedgerClient(work.url, api_key="key", max_concurrency=work.slots) as ledger:
        stream = ledger.nfts.stream_accounts(work.sizes, page_size=work.page_size)
        async for account_id, nft in stream:
            tally.nodes += 1
            if account_id != current:
                current = account_id
                tally.note(account_id)
            if careful:
                if tally.check:
                    tally.seen.append((account_id, token_id(nft)))
                if work.pause and not tally.nodes % work.page_size:
                    await asyncio.sleep(work.pause)
