"""One program, one piece of work, one process: `python load.py PROGRAM WORK PLACE`.

Prints a line of JSON: rows, seconds, megabytes at the peak, and the longest stall of the loop.
"""

from __future__ import annotations

import asyncio
import sys
import time
from importlib import import_module

import msgspec
from load_server import WARM_UP
from measure import memory
from work import Work

from ledger_async import LedgerClient

_TICK = 0.001


class Loaded(msgspec.Struct, frozen=True):
    """What a run took; `stall` is the longest time for which the event loop did nothing else."""

    rows: int
    wall: float
    cpu: float
    memory: float
    stall: float


async def run(program: str, work: Work, place: str) -> Loaded:
    """Load everything, once a page was read and all that is needed for that is there."""
    module = import_module(f"loaders.{program}")
    async with LedgerClient(work.url, api_key="key") as ledger:
        async for _ in ledger.nfts.stream_accounts([*WARM_UP]):
            pass
    store = module.opened(place) if hasattr(module, "opened") else place
    before, cpu = memory("VmRSS"), time.process_time()
    stalls = [0.0]
    ticking = asyncio.create_task(_tick(stalls))
    began = time.perf_counter()
    rows = await module.load(work, store)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    ticking.cancel()
    return Loaded(rows, wall, cpu, (memory("VmHWM") - before) / 1024, max(stalls))


async def _tick(stalls: list[float]) -> None:
    while True:
        then = time.perf_counter()
        await asyncio.sleep(_TICK)
        stalls.append(time.perf_counter() - then - _TICK)


if __name__ == "__main__":
    _, name, text, where = sys.argv
    found = asyncio.run(run(name, msgspec.json.decode(text, type=Work), where))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
