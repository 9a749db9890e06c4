"""aiohttp and json: the accounts are gathered under a semaphore, the nodes stay dicts."""

from __future__ import annotations

import asyncio

import aiohttp
from work import Tally, Work


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    free = asyncio.Semaphore(work.slots)
    async with aiohttp.ClientSession(headers={"X-Ledger-API-Key": "key"}) as session:

        async def account(account_id: int) -> None:
            number = 1
            while True:
                parameters = {"page": number, "page_size": work.page_size}
                async with free, session.get(work.path(account_id), params=parameters) as response:
                    response.raise_for_status()
                    page = await response.json()
                await tally.take(account_id, [edge["node"] for edge in page["edges"]])
                if not page["page_info"]["has_next_page"]:
                    break
                number += 1

        await asyncio.gather(*map(account, work.sizes))
