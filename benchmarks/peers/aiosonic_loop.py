"""aiosonic and msgspec: the bare loop."""

from __future__ import annotations

import asyncio

import aiosonic
import msgspec
from plain_nodes import Page
from work import Tally, Work


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    decoder = msgspec.json.Decoder(Page)
    pages = iter(work.pages())
    async with aiosonic.HTTPClient() as client:

        async def worker() -> None:
            for account_id, number in pages:
                parameters = {"page": str(number), "page_size": str(work.page_size)}
                response = await client.get(
                    work.path(account_id), params=parameters, headers={"X-Ledger-API-Key": "key"}
                )
                page = decoder.decode(await response.content())
                await tally.take(account_id, [edge.node for edge in page.edges])
                del page

        await asyncio.gather(*(worker() for _ in range(work.slots)))
