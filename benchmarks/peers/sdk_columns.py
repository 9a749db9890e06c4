"""ledger_async in batches, for a consumer that makes columns of them."""

from __future__ import annotations

from operator import attrgetter

from work import Tally, Work

from ledger_async import LedgerClient


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    accounts: list[int | None] = []
    contracts: list[str] = []
    tokens: list[str] = []
    async with LedgerClient(work.url, api_key="key", max_concurrency=work.slots) as ledger:
        stream = ledger.nfts.stream_accounts(work.sizes, page_size=work.page_size)
        async for batch in stream.batches():
            accounts += [batch.account_id] * len(batch.nodes)
            contracts += map(attrgetter("contract_address"), batch.nodes)
            tokens += map(attrgetter("token_id"), batch.nodes)
            tally.note(batch.account_id)
    tally.nodes = len(tokens)
    tally.seen = list(zip(accounts, tokens, strict=True))
