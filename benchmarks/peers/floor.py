"""As little as can be: asyncio's streams, requests of fixed bytes, and msgspec."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec
from work import Tally, Work

from ledger_async.models.base.paging import Page
from ledger_async.models.nft import NFT


def token_id(node: Any) -> str:
    """What tells two nodes apart."""
    return str(node.token_id)


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    decoder = msgspec.json.Decoder(Page[NFT])
    pages = iter(work.pages())
    origin = urlsplit(work.url)

    async def worker() -> None:
        reader, writer = await asyncio.open_connection(origin.hostname, origin.port)
        for account_id, number in pages:
            target = f"/accounts/{account_id}/nfts?page={number}&page_size={work.page_size}"
            writer.write(f"GET {target} HTTP/1.1\r\nHost: {origin.netloc}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.rpartition(b"Content-Length: ")[2])
            page = decoder.decode(await reader.readexactly(length))
            await tally.take(account_id, [edge.node for edge in page.edges])
        writer.close()

    await asyncio.gather(*(worker() for _ in range(work.slots)))
