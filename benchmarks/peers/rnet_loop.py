"""rnet and msgspec: the bare loop, with Rust beneath."""

from __future__ import annotations

import asyncio

import msgspec
import rnet
from plain_nodes import Page
from work import Tally, Work


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    decoder = msgspec.json.Decoder(Page)
    pages = iter(work.pages())
    client = rnet.Client(default_headers={"X-Ledger-API-Key": "key"})

    async def worker() -> None:
        for account_id, number in pages:
            parameters = [("page", str(number)), ("page_size", str(work.page_size))]
            response = await client.get(work.path(account_id), query=parameters)
            page = decoder.decode(await response.bytes())
            await tally.take(account_id, [edge.node for edge in page.edges])
            del page

    await asyncio.gather(*(worker() for _ in range(work.slots)))
