"""What reading NFTs costs: ledger_async beside the programs that are written without it.

`python benchmarks/compare.py` runs the programs of every scenario, in turns and each in a process
of its own, against a server in another one, and counts their instructions where there is valgrind.
It prints a table, writes `RESULTS.md` and `chart.svg` beside this file, and puts the figures into
the README. Exit code 1 says that something was not reached. With `--short` every program reads a
little, it is checked that all deliver the same nodes, and nothing is written.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from statistics import median

import large
import msgspec
import scenarios as of
from figure import table
from instructions import Counts, counted, is_countable
from load_server import Load
from measure import Measured
from processes import HERE, answer, line, python, server
from report import (
    HEADER,
    Imports,
    Played,
    Results,
    chart,
    document,
    figures,
    refreshed,
    rows,
)
from scenarios import SCENARIOS, SLOTS, Scenario
from work import Work

README = HERE.parent / "README.md"

_SHORT = 250  # nodes of each account
_PREPARED = 2_500  # pages

_IMPORT = "import time; began = time.process_time(); {}; print(time.process_time() - began)"
_IMPORTS = 5


async def compare(scenarios: tuple[Scenario, ...], *, check: bool) -> Results:
    """The runs of every scenario; prints a table of them as they come."""
    results: dict[str, Played] = {}
    print(*absent(), HEADER, sep="\n", flush=True)
    for scenario in scenarios:
        results[scenario.name] = await play(scenario, check=check)
        print(*rows(scenario, results[scenario.name]), sep="\n", flush=True)
    return results


def absent() -> Iterator[str]:
    """A line for each program that is left out."""
    for peer, package in of.NEEDS.items():
        if not of.is_there(peer):
            yield f"{peer} is left out: {package} is not installed"


async def play(scenario: Scenario, *, check: bool) -> Played:
    """All runs of a scenario, in turns, so that what the machine does meets all alike."""
    played = Played()
    load = Load(
        dict(scenario.sizes),
        page_size=scenario.page_size if scenario.pages < _PREPARED else 0,
        latency=scenario.latency,
        rate=scenario.rate,
    )
    async with server(load) as url:
        work = Work(url, load.sizes, scenario.page_size, slots=SLOTS, pause=scenario.pause)
        for number in range(max(scenario.runs, scenario.paired_runs)):
            for loop, peers in turns(scenario, number):
                runs = [await _run(peer, loop, work, check=check) for peer in peers]
                played.add(loop, peers, runs)
    return played


def turns(scenario: Scenario, number: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who runs in one round, on which loop; in every other one, pairs run the other way round."""
    if number < scenario.paired_runs:
        for loop in scenario.loops:
            for pair in scenario.pairs:
                if all(map(of.is_there, pair)):
                    yield loop, pair[:: -1 if number % 2 else 1]
    if number < scenario.runs:
        yield from ((scenario.loops[0], (peer,)) for peer in scenario.peers if of.is_there(peer))


async def imports() -> Imports:
    """CPU seconds to import the package, and to import what it stands on."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(_IMPORTS):
        for statement, found in (
            ("from ledger_async import LedgerClient", ours),
            ("import aiohttp, anyio, msgspec", theirs),
        ):
            process = await python("-c", _IMPORT.format(statement))
            found.append(float(await line(process)))
            await process.wait()
    return Imports(median(ours), median(theirs))


def shortened(scenario: Scenario) -> Scenario:
    """A scenario in which each program reads a little, once."""
    sizes = {id_: min(size, _SHORT) for id_, size in [*scenario.sizes.items()][:3]}
    paired = [peer for pair in scenario.pairs for peer in pair]
    peers = tuple(dict.fromkeys([*paired, *scenario.peers]))
    return msgspec.structs.replace(scenario, sizes=sizes, pairs=(), peers=peers, runs=1)


async def _run(peer: str, loop: str, work: Work, *, check: bool) -> Measured:
    flags = ["--check"] if check else []
    found = await answer(work, HERE / "measure.py", peer, loop, *flags)
    return msgspec.json.decode(found, type=Measured)


async def check() -> None:
    """Have every program read a little, and raise where one of them delivers anything else."""
    await compare(tuple(map(shortened, (*SCENARIOS, of.ALL_LAYERS))), check=True)
    await large.measure(pages=20, ids=1_000)


async def measure() -> bool:
    """Measure, print and write; say if everything was reached."""
    began = time.monotonic()
    results = await compare(SCENARIOS, check=False)
    counts: Counts = {}
    loaded, found_large = await imports(), await large.measure()
    minutes = (time.monotonic() - began) / 60
    if is_countable():
        counts = await counted()
    found = [*figures(results, counts), *large.figures(found_large), loaded.figure]
    text = document(results, counts, found, [*absent()], minutes)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    chart(results, HERE / "chart.svg")
    README.write_text(refreshed(README.read_text(encoding="utf-8"), found), encoding="utf-8")
    print("", *table(found), sep="\n")
    return all(each.is_reached for each in found)


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    if not parser.parse_args().short:
        return int(not asyncio.run(measure()))
    asyncio.run(check())
    return 0


if __name__ == "__main__":
    sys.exit(main())
