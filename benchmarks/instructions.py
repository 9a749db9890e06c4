"""The instructions that a page takes in user space, which are the same on a busy machine.

valgrind counts those of a whole process, all of its threads included, for less work and for more;
the difference between the two is that of the pages, without the start of the process. Of valgrind's
tools, cachegrind without its caches is the quickest that counts.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Mapping

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
    of.ONE_PAGE_EACH.name: (100, (of.accounts(50, 3), of.accounts(350, 3))),
}


def is_countable() -> bool:
    """True if there is valgrind."""
    return shutil.which(_VALGRIND[0]) is not None


async def counted() -> Counts:
    """The instructions of a page in every case; as many programs run at once as there are cores."""
    free = asyncio.Semaphore(os.cpu_count() or 1)
    every = [*cases()]
    found = await asyncio.gather(*(per_page(*case, free=free) for case in every))
    return dict(zip(every, found, strict=True))


def cases() -> Iterator[Case]:
    """All programs whose instructions are counted."""
    for scenario in (of.PAGES_OF_10, of.PAGES_OF_100, of.ONE_PAGE_EACH):
        paired = dict.fromkeys(peer for pair in scenario.pairs for peer in pair)
        layers = of.LAYERS if scenario is not of.ONE_PAGE_EACH else ()
        for loop in scenario.loops:
            peers = dict.fromkeys([*paired, *(layers if loop == "asyncio" else ())])
            yield from ((scenario.name, loop, peer) for peer in peers if of.is_there(peer))


async def per_page(kind: str, loop: str, peer: str, *, free: asyncio.Semaphore) -> int:
    """The instructions of one page."""
    page_size, (less, more) = _KINDS[kind]
    counts, pages = [], []
    for sizes in (less, more):
        async with free, server(Load(sizes)) as url:
            work = Work(url, sizes, page_size, slots=of.SLOTS)
            counts.append(await _count(peer, loop, work))
            pages.append(len(work.pages()))
    found = (counts[1] - counts[0]) // (pages[1] - pages[0])
    print(f"{kind}, {loop}, {peer}: {found:,} instructions", flush=True)
    return found


async def _count(peer: str, loop: str, work: Work) -> int:
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    program = (sys.executable, HERE / "measure.py", peer, loop)
    process = await command(*_VALGRIND, *program, errors=PIPE, env=environment)
    tell(process, work)
    _, said = await process.communicate()
    if process.returncode or not (counted := _COUNTED.search(said)):
        raise SystemExit(f"{peer} failed beneath valgrind: {said.decode()}")
    return int(counted[1].replace(b",", b""))
