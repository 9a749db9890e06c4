"""The loop that a good engineer writes by hand: aiohttp, msgspec, a few workers, and no checks.

It knows beforehand which pages there are. It keeps to no limit, repeats nothing and does not
notice when a listing moves.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
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
    async with aiohttp.ClientSession(headers={"X-Ledger-API-Key": "key"}) as session:

        async def worker() -> None:
            for account_id, number in pages:
                parameters = {"page": number, "page_size": work.page_size}
                async with session.get(work.path(account_id), params=parameters) as response:
                    response.raise_for_status()
                    page = decoder.decode(await response.read())
                await tally.take(account_id, [edge.node for edge in page.edges])

        await asyncio.gather(*(worker() for _ in range(work.slots)))
