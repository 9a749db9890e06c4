"""One peer, one piece of work, one process: what it took.

`python benchmarks/measure.py PEER LOOP [--check]` reads a line of JSON, the work, from its standard
input and prints another.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import msgspec
from load_server import WARM_UP, token_id
from work import Tally, Work


class Measured(msgspec.Struct, frozen=True):
    """What a run took: seconds, and megabytes at its peak beyond what the process had before."""

    nodes: int
    cpu: float
    wall: float
    first: float
    memory: float
    last: dict[int, float]


def measure(
    peer: str, loop: Callable[[], asyncio.AbstractEventLoop], work: Work, *, check: bool = False
) -> Measured:
    """Run a peer on a loop of its own, once it has read a page and all it needs is loaded."""
    level_memory()
    module = import_module(f"peers.{peer}")
    tally = Tally(work.pause, check=check)
    with asyncio.Runner(loop_factory=loop) as runner:
        page = msgspec.structs.replace(work, sizes=WARM_UP)
        runner.run(module.read(page, Tally()))
        before = memory("VmRSS")
        began, cpu = time.perf_counter(), time.process_time()
        runner.run(module.read(work, tally))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - began
    if check:
        _check(work, tally)
    return Measured(
        nodes=tally.nodes,
        cpu=cpu,
        wall=wall,
        first=tally.first - began,
        memory=(memory("VmHWM") - before) / 1024,
        last={id_: when - began for id_, when in tally.last.items() if id_ is not None},
    )


def level_memory() -> None:
    """Put the C library's memory into the state that no program can move any further.

    glibc has the kernel map and unmap each block of 128 KiB and more, until a larger one was freed
    whole: from then on it keeps those up to that size, at most 32 MiB. One program happens to free
    such a block and another does not, so every program starts with the largest. It is never
    written to, and so takes no memory. Other C libraries take no hint, and are the same for all.
    """
    bytes((32 << 20) - 4096)


def memory(what: str) -> int:
    """Kilobytes that this process has, or had at its peak, as Linux counts them."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    return int(status.read_text().partition(f"{what}:")[2].split()[0])


def _check(work: Work, tally: Tally) -> None:
    expected = sorted(
        (account_id, token_id(account_id, index))
        for account_id, size in work.sizes.items()
        for index in range(size)
    )
    if sorted(tally.seen) != expected:
        raise SystemExit(f"{len(tally.seen)} nodes came, not the {len(expected)} that there are")


LOOPS = {"asyncio": "asyncio:new_event_loop", "uvloop": "uvloop:new_event_loop"}


def loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes event loops of this kind."""
    module, _, attribute = LOOPS[name].partition(":")
    factory: Callable[[], asyncio.AbstractEventLoop] = getattr(import_module(module), attribute)
    return factory


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer")
    parser.add_argument("loop", choices=LOOPS)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    work = msgspec.json.decode(sys.stdin.readline(), type=Work)
    measured = measure(options.peer, loop_factory(options.loop), work, check=options.check)
    print(msgspec.json.encode(measured).decode())


if __name__ == "__main__":
    main()
