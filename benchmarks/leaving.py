"""How long it takes to leave a stream that has 16 requests in flight, and what is left of it.

`python benchmarks/leaving.py [--runs N]` reads from a sandbox in another process, breaks off
while all requests wait for their answers, and prints what `break` and the end of `async with`
took together: under asyncio's own event loop and, where it is installed, under uvloop. Exit code
1 says that something took too long, or was left.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from time import perf_counter

from governor import sandbox
from table import Result, show

from ledger_async import LedgerClient

RUNS = 100
CONCURRENCY = 16
ACCOUNTS = range(1000, 1064)
LATENCY = 0.1
BAR = 10  # milliseconds

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
Measured = tuple[list[float], int, int]


def factories() -> dict[str, LoopFactory]:
    """What makes the loops, by name."""
    known: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop}
    if find_spec("uvloop"):
        known["uvloop"] = import_module("uvloop").new_event_loop
    return known


async def results(runs: int) -> AsyncIterator[Result]:
    """What comes of so many streams on each loop, which has a thread of its own."""
    for name, factory in factories().items():
        times, tasks, sockets = await asyncio.to_thread(measure, factory, runs)
        for kind, took in ("median", median(times)), ("longest", max(times)):
            what = f"{name}: {kind} of {runs} leavings"
            yield Result(what, f"< {BAR} ms", f"{took:.1f} ms", took < BAR)
        for kind, left in ("tasks", tasks), ("connections", sockets):
            yield Result(f"{name}: {kind} left", "0", f"{left}", not left)


def measure(factory: LoopFactory, runs: int) -> Measured:
    """Do so on a loop of this factory's."""
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(leave_many(runs))


async def leave_many(runs: int) -> Measured:
    """What it took to leave each of so many streams, and the tasks and sockets left after all."""
    async with sandbox(ACCOUNTS, latency=LATENCY) as remote:
        url, key, user = remote.access
        sockets, tasks = open_sockets(), len(asyncio.all_tasks())
        async with LedgerClient(
            url, api_key=key, api_user=user, max_concurrency=CONCURRENCY
        ) as ledger:
            # Else Python looks once through all that was ever imported, which takes it 10 ms.
            gc.collect()
            gc.freeze()
            times = [await leave(ledger) for _ in range(runs)]
            gc.unfreeze()
            tasks = len(asyncio.all_tasks()) - tasks
        await asyncio.sleep(LATENCY)
        return times, tasks, open_sockets() - sockets


async def leave(ledger: LedgerClient) -> float:
    """Break off while every request waits; the milliseconds until the stream is closed."""
    async with ledger.nfts.stream_accounts(ACCOUNTS, page_size=1) as stream:
        async for _ in stream:
            await asyncio.sleep(LATENCY / 2)
            if (waiting := ledger._runtime.gate._permits.given) != CONCURRENCY:  # noqa: SLF001
                raise RuntimeError(f"{waiting} requests are in flight, not {CONCURRENCY}")
            began = perf_counter()
            break
    return 1000 * (perf_counter() - began)


def open_sockets() -> int:
    """How many sockets this process has."""
    found = 0
    for descriptor in map(int, os.listdir("/dev/fd")):  # noqa: PTH208 - the names are numbers
        with suppress(OSError):  # that of the listing itself is closed by now
            found += stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    return found


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=RUNS, help="streams to leave on each loop")
    return 0 if asyncio.run(show(results(parser.parse_args().runs))) else 1


if __name__ == "__main__":
    sys.exit(main())
