"""The way of the API's own tutorial: requests, page after page."""

from __future__ import annotations

import requests
from work import Tally, Work

HEADERS = {"X-Ledger-API-Key": "key"}


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    with requests.Session() as session:
        session.headers.update(HEADERS)
        for account_id in work.sizes:
            number = 1
            while True:
                response = session.get(
                    work.path(account_id),
                    params={"page": number, "page_size": work.page_size},
                    timeout=30,
                )
                response.raise_for_status()
                page = response.json()
                await tally.take(account_id, [edge["node"] for edge in page["edges"]])
                if not page["page_info"]["has_next_page"]:
                    break
                number += 1
