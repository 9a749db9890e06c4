"""No request at all: as many decodings of one page into our structs as there are pages."""

from __future__ import annotations

from work import Tally, Work

from ledger_async.models.base.paging import Page
from ledger_async.models.nft import NFT
from peers import decoding


async def read(work: Work, tally: Tally) -> None:
    """Decode everything."""
    await decoding.read(work, tally, Page[NFT])
