"""No request at all: as many decodings of one page as there are pages."""

from __future__ import annotations

from typing import Any

import msgspec
from load_server import body
from plain_nodes import Page
from work import Tally, Work


async def read(work: Work, tally: Tally, pages: type[Any] = Page) -> None:
    """Decode everything."""
    decoder = msgspec.json.Decoder(pages)
    answer = body(work.page_size, 1, 1, work.page_size)
    for account_id, _ in work.pages():
        page = decoder.decode(answer)
        await tally.take(account_id, [edge.node for edge in page.edges])
