"""A mirror by a fleet, in a process that can be killed.

`python fleet_child.py SCHEDULER STORE ID…`, where a scheduler of `-` stands for two workers of the
fleet's own. The sandbox and its credentials are in the environment.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from ledger_async.fleet import Fleet


async def keep(scheduler: str, url: str, account_ids: Sequence[int]) -> None:
    """Mirror the NFTs of these accounts."""
    async with Fleet(None if scheduler == "-" else scheduler) as fleet:
        outcome = await fleet.mirror("nfts", account_ids, store=url)
    if outcome.failed:
        raise SystemExit(f"accounts failed: {outcome.failed}")


if __name__ == "__main__":
    asyncio.run(keep(sys.argv[1], sys.argv[2], [*map(int, sys.argv[3:])]))
