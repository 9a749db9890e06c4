"""How a fleet's speed grows with its workers, beside one process.

`python benchmarks/fleets.py [--accounts N] [--repeats N]` mirrors the NFTs of 10,000 accounts of 30
each into PostgreSQL, from a server in a process of its own that answers after 20 ms: by one process
that calls `mirror`, and by fleets of 1, 2 and 4 workers. It prints, of the best run of each, rows
per second, how long the fleet took to be there, and who used the processors meanwhile: the mirror
(all workers, and what sends them chunks), PostgreSQL, and all of the machine. What is busy to 100 %
is what more workers cannot help.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec
import psutil
from load_server import Load
from mirror import Places
from processes import line, python, server

from ledger_async import LedgerClient
from ledger_async.fleet import Fleet
from ledger_async.mirror import MirrorOutcome, mirror, store_at

ACCOUNTS, NFTS = 10_000, 30
LATENCY = 0.02
FLEETS = (1, 2, 4)

HEADER = (
    "| processes | rows / s | wall s | opening s | CPU s | PostgreSQL CPU s | machine busy |\n"
    f"|{' --- |' * 7}"
)


class Filled(msgspec.Struct, frozen=True):
    """What a run took, in seconds: until all was there, and until it could begin; and CPU time."""

    rows: int
    wall: float
    opening: float
    cpu: float


class Run(msgspec.Struct, frozen=True):
    """A run, the CPU seconds of the database meanwhile, and the share of all cores in use."""

    filled: Filled
    database: float
    busy: float


# In a process of its own


async def fill(workers: int, accounts: int, place: str) -> Filled:
    """Mirror everything, by a fleet or (0 workers) alone."""
    ids = range(1_000, 1_000 + accounts)
    began = time.perf_counter()
    if not workers:
        async with LedgerClient() as ledger, store_at(place) as store:
            return await _timed(mirror(ledger.nfts, ids, store=store), began)
    async with Fleet(workers=workers) as fleet:
        return await _timed(fleet.mirror("nfts", ids, store=place), began)


async def _timed(mirroring: Awaitable[MirrorOutcome], began: float) -> Filled:
    ready, cpu = time.perf_counter(), _cpu(os.getpid())
    outcome = await mirroring
    wall = time.perf_counter() - ready
    return Filled(outcome.rows, wall, ready - began, _cpu(os.getpid()) - cpu)


# Around it


async def measure(accounts: int, repeats: int) -> Mapping[int, Run]:
    """The best of some runs of each, which take turns."""
    best: dict[int, Run] = {}
    with ExitStack() as stack:
        places = Places(stack)
        sizes = dict.fromkeys(range(1_000, 1_000 + accounts), NFTS)
        async with server(Load(sizes, page_size=100, latency=LATENCY)) as url:
            os.environ.update(LEDGER_BASE_URL=url, LEDGER_API_KEY="key", LEDGER_API_USER="user")
            for _ in range(repeats):
                for workers in (0, *FLEETS):
                    run = await _run(workers, accounts, places)
                    known = best.get(workers)
                    if known is None or run.filled.wall < known.filled.wall:
                        best[workers] = run
    return best


async def _run(workers: int, accounts: int, places: Places) -> Run:
    before, machine = _cpu(places.postgres_pid), psutil.cpu_times()
    began = time.perf_counter()
    process = await python(__file__, "--fill", str(workers), str(accounts), places.new("postgres"))
    found = await line(process)
    if await process.wait():
        raise SystemExit(f"{workers} workers failed")
    took, after = time.perf_counter() - began, psutil.cpu_times()
    idle = after.idle - machine.idle + after.iowait - machine.iowait
    busy = 1 - idle / (took * (os.cpu_count() or 1))
    filled = msgspec.json.decode(found, type=Filled)
    return Run(filled, _cpu(places.postgres_pid) - before, busy)


def _cpu(pid: int) -> float:
    """CPU seconds of a process and of its children, those that have ended included."""
    process = psutil.Process(pid)
    children = process.children(recursive=True)
    return float(sum(process.cpu_times()[:4]) + sum(sum(each.cpu_times()[:2]) for each in children))


def row(workers: int, run: Run) -> str:
    """A line of the table."""
    filled = run.filled
    cells = (
        f"a fleet of {workers}" if workers else "alone",
        f"{filled.rows / filled.wall:,.0f}",
        f"{filled.wall:.1f}",
        f"{filled.opening:.1f}" if workers else "",
        f"{filled.cpu:.1f}",
        f"{run.database:.1f}",
        f"{100 * run.busy:.0f} %",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--fill", nargs=3, metavar=("WORKERS", "ACCOUNTS", "PLACE"))
    options = parser.parse_args()
    if options.fill:
        workers, accounts, place = options.fill
        filled = asyncio.run(fill(int(workers), int(accounts), place))
        sys.stdout.write(msgspec.json.encode(filled).decode() + "\n")
        return
    runs = asyncio.run(measure(options.accounts, options.repeats))
    print(f"{Path(__file__).name}: {options.accounts:,} accounts, {os.cpu_count()} cores")
    print(HEADER, *(row(workers, run) for workers, run in runs.items()), sep="\n")


if __name__ == "__main__":
    main()
