"""ledger_async node by node, for a consumer that makes columns of them."""

from __future__ import annotations

from work import Tally, Work

from ledger_async import LedgerClient


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    current = None
    accounts: list[int | None] = []
    contracts: list[str] = []
    tokens: list[str] = []
    async with LedgerClient(work.url, api_key="key", max_concurrency=work.slots) as ledger:
        stream = ledger.nfts.stream_accounts(work.sizes, page_size=work.page_size)
        async for account_id, nft in stream:
            accounts.append(account_id)
            contracts.append(nft.contract_address)
            tokens.append(nft.token_id)
            if account_id != current:
                current = account_id
                tally.note(account_id)
    tally.nodes = len(tokens)
    tally.seen = list(zip(accounts, tokens, strict=True))
