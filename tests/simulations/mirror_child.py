"""A mirror as users write it, in a process that can be killed: `python mirror_child.py STORE ID…`.

The sandbox and its credentials are in the environment.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Any, cast

from ledger_async import LedgerClient
from ledger_async.mirror import mirror
from ledger_async.mirror.stores import store_at


async def keep(url: str, account_ids: Sequence[int]) -> None:
    """Mirror the NFTs of these accounts, until that is done or SIGTERM comes."""
    this = cast("asyncio.Task[Any]", asyncio.current_task())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    async with LedgerClient() as ledger, store_at(url) as store:
        outcome = await mirror(ledger.nfts, account_ids, store=store)
    if outcome.failed:
        raise SystemExit(f"accounts failed: {outcome.failed}")


if __name__ == "__main__":
    asyncio.run(keep(sys.argv[1], [*map(int, sys.argv[2:])]))
