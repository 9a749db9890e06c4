"""ledger_async's own mirror."""

from __future__ import annotations

from work import Work

from ledger_async import LedgerClient
from ledger_async.mirror import Store, mirror
from ledger_async.mirror.stores import store_at


def opened(place: str) -> Store:
    """The store at this URL; whatever it stands on is imported."""
    return store_at(place)


async def load(work: Work, place: Store) -> int:
    """Mirror everything."""
    async with LedgerClient(work.url, api_key="key") as ledger, place as store:
        return (await mirror(ledger.nfts, [*work.sizes], store=store)).rows
