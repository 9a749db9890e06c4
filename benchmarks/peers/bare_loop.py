"""The best loop that one writes by hand: aiohttp, msgspec, a few workers, and no checks.

It knows beforehand which pages there are. It keeps to no limit, repeats nothing and does not
notice when a listing moves.
"""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec
from plain_nodes import Page
from work import Tally, Work


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    decoder = msgspec.json.Decoder(Page)
    pages = iter(work.pages())
    async with aiohttp.ClientSession(
        headers={"X-Ledger-API-Key": "key"}, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:

        async def worker() -> None:
            for account_id, number in pages:
                target = f"{work.path(account_id)}?page={number}&page_size={work.page_size}"
                async with session.get(target) as response:
                    response.raise_for_status()
                    page = decoder.decode(await response.read())
                await tally.take(account_id, [edge.node for edge in page.edges])
                del page  # or the pages of all workers fall out of the processor's cache

        await asyncio.gather(*(worker() for _ in range(work.slots)))
