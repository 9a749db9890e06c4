"""The instructions that a page takes in user space, which are the same on a busy machine.

valgrind counts those of a whole process, all of its threads included, for less work and for more;
the difference between the two is that of the pages, without the start of the process. All work of a
program begins as a fork of one process, since beneath valgrind its start takes the longest. Of
valgrind's tools, cachegrind without its caches is the quickest that counts.

`python benchmarks/instructions.py [PROGRAM ...]` prints those of some programs, or of all.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import Collection, Iterator, Mapping
from contextlib import AsyncExitStack

import scenarios as of
from load_server import Load
from processes import HERE, command, server, tell
from work import Work

Case = tuple[str, str, str]
"""The name of a kind of pages, an event loop and a program."""

Counts = dict[Case, int]
"""Instructions of one page each."""

_VALGRIND = (
    "valgrind",
    "--tool=cachegrind",
    "--cache-sim=no",
    f"--cachegrind-out-file={os.devnull}",
)
_COUNTED = re.compile(rb"I\s+refs:\s+([\d,]+)")

# Of each kind, the accounts of less work and of more. The number of pages goes by their size.
_KINDS: Mapping[str, tuple[int, tuple[dict[int, int], dict[int, int]]]] = {
    of.PAGES_OF_10.name: (10, (of.accounts(4, 100), of.accounts(4, 600))),
    of.PAGES_OF_100.name: (100, (of.accounts(4, 500), of.accounts(4, 2500))),
    of.ONE_PAGE_EACH.name: (100, (of.accounts(50, 10), of.accounts(350, 10))),
}


def is_countable() -> bool:
    """True if there is valgrind."""
    return shutil.which(_VALGRIND[0]) is not None


async def counted(only: Collection[str] = ()) -> Counts:
    """The instructions of a page in every case; as many programs run at once as there are cores."""
    free = asyncio.Semaphore(os.cpu_count() or 1)
    of_peers: dict[str, list[Case]] = {}
    for case in cases():
        of_peers.setdefault(case[2], []).append(case)
    found = await asyncio.gather(
        *(per_page(peer, of_peers[peer], free) for peer in of_peers if peer in (only or of_peers))
    )
    return {case: count for counts in found for case, count in counts.items()}


def cases() -> Iterator[Case]:
    """All programs whose instructions are counted."""
    for scenario in (of.PAGES_OF_10, of.PAGES_OF_100, of.ONE_PAGE_EACH):
        paired = dict.fromkeys(peer for pair in scenario.pairs for peer in pair)
        layers = of.LAYERS if scenario is not of.ONE_PAGE_EACH else ()
        for loop in scenario.loops:
            peers = dict.fromkeys([*paired, *(layers if loop == "asyncio" else ())])
            yield from ((scenario.name, loop, peer) for peer in peers if of.is_there(peer))


async def per_page(peer: str, cases: list[Case], free: asyncio.Semaphore) -> Counts:
    """The instructions of one page in each case of a program."""
    async with free, AsyncExitStack() as stack:
        works = []
        for kind, loop, _ in cases:
            page_size, amounts = _KINDS[kind]
            for sizes in amounts:
                url = await stack.enter_async_context(server(Load(sizes)))
                works.append((loop, Work(url, sizes, page_size, slots=of.SLOTS)))
        counts = await _count(peer, works)
    pages = [len(work.pages()) for _, work in works]
    slopes = [
        (counts[each + 1] - counts[each]) // (pages[each + 1] - pages[each])
        for each in range(0, len(works), 2)
    ]
    for (kind, loop, _), found in zip(cases, slopes, strict=True):
        print(f"{kind}, {loop}, {peer}: {found:,} instructions", flush=True)
    return dict(zip(cases, slopes, strict=True))


async def _count(peer: str, works: list[tuple[str, Work]]) -> list[int]:
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    program = (sys.executable, HERE / "counting.py", peer)
    process = await command(*_VALGRIND, *program, errors=PIPE, env=environment)
    tell(process, works)
    _, said = await process.communicate()
    counts = [int(each.replace(b",", b"")) for each in _COUNTED.findall(said)]
    if process.returncode or len(counts) != len(works) + 1:
        raise SystemExit(f"{peer} failed beneath valgrind: {said.decode()}")
    return counts[:-1]  # the last is of the process itself


if __name__ == "__main__":
    if not is_countable():
        raise SystemExit("there is no valgrind on this machine")
    asyncio.run(counted(sys.argv[1:]))
