"""pyreqwest and msgspec: the bare loop, with Rust beneath."""

from __future__ import annotations

import asyncio

import msgspec
from plain_nodes import Page
from pyreqwest.client import ClientBuilder
from work import Tally, Work


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    decoder = msgspec.json.Decoder(Page)
    pages = iter(work.pages())
    builder = ClientBuilder().default_headers({"X-Ledger-API-Key": "key"}).error_for_status(True)
    async with builder.build() as client:

        async def worker() -> None:
            for account_id, number in pages:
                parameters = {"page": number, "page_size": work.page_size}
                request = client.get(work.path(account_id)).query(parameters).build()
                response = await request.send()
                page = decoder.decode(await response.bytes())
                await tally.take(account_id, [edge.node for edge in page.edges])
                del page

        await asyncio.gather(*(worker() for _ in range(work.slots)))
