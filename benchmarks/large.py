"""What the largest accounts and lists cost: the longest stall of the loop, requests and memory.

`python benchmarks/large.py` runs each piece of work in a process of its own, which ticks all the
while, and prints a table. A stall is the CPU time that the loop's thread used from one tick to the
next, a millisecond later: time in which other programs had the processor is none of it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping

import msgspec
from figure import Figure, table
from load_server import WARM_UP, Load
from measure import level_memory, memory
from processes import HERE, answer, server
from work import Work

from ledger_async import LedgerClient

_TICK = 0.001
_IDS = 1_000_000
_PAGES = 10_000
_MIB = 1024


class Large(msgspec.Struct, frozen=True):
    """What a run took; `stall` is in milliseconds, and `memory` in megabytes at the peak."""

    stall: float
    requests: int
    memory: float


class Found(msgspec.Struct, frozen=True):
    """The runs of all pieces of work; those of accounts that get an NFT halfway, by their pages."""

    ids: Large
    quiet: Large
    moved: Mapping[int, Large]


# In a process of its own


async def read(work: Work) -> Large:
    """Read all pages of these accounts, or only the first where there are too many to read."""
    async with LedgerClient(work.url, api_key="key", max_concurrency=work.slots) as ledger:
        async for _ in ledger.nfts.stream_accounts([*WARM_UP]):
            pass
        ids = [*work.sizes] or [*range(1_000, 1_000 + work.page_size)]
        before = memory("VmRSS")
        stalls = [0.0]
        ticking = asyncio.create_task(_tick(stalls))
        await asyncio.sleep(_TICK)
        async with ledger.nfts.stream_accounts(ids) as stream:
            async for _ in stream.batches():
                if not work.sizes:
                    break
        await asyncio.sleep(2 * _TICK)
        ticking.cancel()
        return Large(
            1000 * max(stalls),
            stream.progress.attempts,
            (memory("VmHWM") - before) / _MIB,
        )


async def _tick(stalls: list[float]) -> None:
    while True:
        then = time.thread_time()
        await asyncio.sleep(_TICK)
        stalls.append(time.thread_time() - then)


# Around it


async def measure(pages: int = _PAGES, ids: int = _IDS) -> Found:
    """All pieces of work."""
    moved = {each: await _account(each, insert_after=each // 2) for each in (pages // 10, pages)}
    async with server(Load({}, others=1)) as url:
        listed = await _run(Work(url, {}, page_size=ids))
    return Found(listed, await _account(pages), moved)


async def _account(pages: int, insert_after: int | None = None) -> Large:
    sizes = {1: 100 * pages}
    async with server(Load(sizes, insert_after=insert_after)) as url:
        return await _run(Work(url, sizes))


async def _run(work: Work) -> Large:
    return msgspec.json.decode(await answer(work, HERE / "large.py", "--one"), type=Large)


def figures(found: Found) -> Iterator[Figure]:
    """What was to be reached."""
    most = max(found.moved)
    nodes = f"one account of {100 * most:,} nodes"
    yield Figure(f"longest stall of the loop in ms, {nodes}", 20, found.quiet.stall)
    yield Figure("the same, one insert halfway", 20, found.moved[most].stall)
    yield Figure("the same, a million ids as a list", 20, found.ids.stall)
    for pages, each in found.moved.items():
        what = f"requests ÷ pages, one insert halfway through an account of {pages:,} pages"
        yield Figure(what, 1.15, each.requests / pages)
    yield Figure("MB at the peak, that account", 60, found.moved[most].memory)


def main() -> None:
    """Do what the command line says."""
    if "--one" in sys.argv:
        level_memory()
        work = msgspec.json.decode(sys.stdin.readline(), type=Work)
        print(msgspec.json.encode(asyncio.run(read(work))).decode())
    else:
        print(*table(figures(asyncio.run(measure()))), sep="\n")


if __name__ == "__main__":
    main()
