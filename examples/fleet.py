"""A fleet on this machine that reads a sandbox: `python examples/fleet.py [STORE]`.

It mirrors the NFTs of 200 accounts by two worker processes, into a Parquet directory or into the
store that is given (`postgresql://…`), and then has the workers value each account. Needs
`pip install 'ledger_async[fleet,arrow]'`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping

from ledger_async import LedgerClient
from ledger_async.fleet import Fleet
from ledger_async.sandbox import Sandbox

SIZES = {account_id: account_id % 60 for account_id in range(1, 201)}


async def worth(ledger: LedgerClient, account_id: int) -> int:
    """The value of an account's NFTs in wei; workers call this, with clients of their own."""
    valuation = await ledger.nfts.portfolio(account_id)
    return valuation.portfolio_value.eth_value or 0


def environment(sandbox: Sandbox) -> Mapping[str, str]:
    """The variables of which a worker makes its client; a workspace of yours has them set."""
    return {
        "LEDGER_BASE_URL": sandbox.url,
        "LEDGER_API_KEY": sandbox.api_key,
        "LEDGER_API_USER": sandbox.api_user,
    }


async def main(store: str) -> None:
    """Mirror, mirror again, and value."""
    async with Sandbox(SIZES, latency=0.02) as sandbox:
        os.environ.update(environment(sandbox))
        async with Fleet(workers=2) as fleet:
            for time in ("first", "second"):
                outcome = await fleet.mirror("nfts", SIZES, store=store)
                print(
                    f"{time} run: {outcome.rows:,} NFTs of {outcome.accounts} accounts, "
                    f"{outcome.added:,} added, {outcome.changed} changed, {outcome.gone} gone"
                )
            async with fleet.map(worth, SIZES) as values:
                total = sum([value async for _, value in values])
            print(f"all of them are worth {total / 10**18:,.0f} ETH")


if __name__ == "__main__":  # workers are new processes, which import this file
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(*sys.argv[1:] or [f"parquet:{folder}"]))
