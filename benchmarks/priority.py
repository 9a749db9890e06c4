"""How long an awaited call takes beside streams that read as fast as they may.

`python benchmarks/priority.py [--calls N]` reads one account from a sandbox in another process, 20
ms away, again and again, while no stream, one or four are read by the same client: without a rate
limit, at 20 requests a second and at 5. Exit code 1 says that calls waited behind the streams.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from statistics import median
from time import perf_counter

from governor import sandbox
from table import Result, show

from ledger_async import LedgerClient

CALLS = 15
ACCOUNTS = range(1000, 1040)
LATENCY = 0.02

# Seconds that a call may take in the median, at each limit in requests a second.
BARS = {None: 0.15, 20: 0.15, 5: 0.4}


async def results(calls: int) -> AsyncIterator[Result]:
    """What comes of each limit and number of streams."""
    for limit, bar in BARS.items():
        for streams in (0, 1, 4):
            took = await measure(limit, streams, calls)
            where = f"{limit} requests/s" if limit else "no limit"
            what = f"a call beside {streams} streams, {where}"
            yield Result(what, f"<= {bar} s", f"{took:.3f} s", took <= bar)


async def measure(limit: int | None, streams: int, calls: int) -> float:
    """The seconds that a call takes in the median."""
    async with sandbox(ACCOUNTS, rate_limit=limit, latency=LATENCY) as remote:
        url, key, user = remote.access
        async with (
            LedgerClient(url, api_key=key, api_user=user) as ledger,
            streaming(ledger, streams),
        ):
            await asyncio.sleep(3)
            random, times = Random(0), []  # noqa: S311 - keeps no secret
            for _ in range(calls):
                began = perf_counter()
                await ledger.accounts.get(ACCOUNTS[0])
                times.append(perf_counter() - began)
                await asyncio.sleep(random.uniform(0.2, 0.6))  # in no step with the pace
            return median(times)


@asynccontextmanager
async def streaming(ledger: LedgerClient, streams: int) -> AsyncIterator[None]:
    """Read so many streams, each again and again, while the block runs."""

    async def read() -> None:
        while True:
            async for _ in ledger.nfts.stream_accounts(ACCOUNTS, page_size=10):
                pass

    readers = [asyncio.create_task(read()) for _ in range(streams)]
    try:
        yield
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=CALLS, help="calls beside each")
    return 0 if asyncio.run(show(results(parser.parse_args().calls))) else 1


if __name__ == "__main__":
    sys.exit(main())
