"""asyncio's streams, requests of fixed bytes, and msgspec."""

from __future__ import annotations

import asyncio

import msgspec
from plain_nodes import Page
from work import Tally, Work


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    decoder = msgspec.json.Decoder(Page)
    pages = iter(work.pages())
    host, port = work.origin

    async def worker() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for account_id, number in pages:
            writer.write(work.request(account_id, number))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.rpartition(b"Content-Length: ")[2])
            page = decoder.decode(await reader.readexactly(length))
            await tally.take(account_id, [edge.node for edge in page.edges])
            del page
        writer.close()

    await asyncio.gather(*(worker() for _ in range(work.slots)))
