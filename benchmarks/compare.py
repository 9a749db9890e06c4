"""What reading NFTs costs: ledger_async beside the programs that are written without it.

`python benchmarks/compare.py` runs every peer at every scenario, in turns and each in a process
of its own, against a server in another one. It prints a table, writes `RESULTS.md` and
`chart.svg` beside this file, and puts the figures into the README. Exit code 1 says that something
was not reached. With `--short` every peer reads a little, it is checked that all deliver the same
nodes, and nothing is written.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import cast

import msgspec
from load_server import Load
from measure import Measured
from report import HEADER, Imports, Results, Runs, chart, document, figures, refreshed, rows, table
from scenarios import RUNS_AT_MOST, SCENARIOS, SLOTS, Scenario
from work import Work

HERE = Path(__file__).parent
README = HERE.parent / "README.md"

_SHORT = 250  # nodes of each account

_IMPORT = "import time; began = time.process_time(); import {}; print(time.process_time() - began)"
_IMPORTS = 5


async def compare(scenarios: tuple[Scenario, ...], *, short: bool) -> Results:
    """The runs of every scenario; prints a table of them as they come."""
    results: dict[str, Runs] = {}
    print(HEADER, flush=True)
    for scenario in scenarios:
        runs = await play(_shortened(scenario) if short else scenario, check=short)
        results[scenario.name] = runs
        print(*rows(scenario, runs), sep="\n", flush=True)
    return results


async def play(scenario: Scenario, *, check: bool) -> Runs:
    """All runs of a scenario: peers take turns, so that what the machine does meets all alike."""
    runs: Runs = {(loop, peer): [] for loop in scenario.loops for peer in scenario.peers}
    load = Load(
        dict(scenario.sizes),
        page_size=scenario.page_size if scenario.latency else 0,
        latency=scenario.latency,
        rate=scenario.rate,
    )
    async with server(load) as url:
        work = Work(url, load.sizes, scenario.page_size, slots=SLOTS, pause=scenario.pause)
        for number in range(scenario.runs):
            for (loop, peer), each in runs.items():
                if number < RUNS_AT_MOST.get(peer, scenario.runs):
                    each.append(await _run(peer, loop, work, check=check))
    return runs


async def imports() -> Imports:
    """CPU seconds to import the package, and to import what it stands on."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(_IMPORTS):
        for modules, found in ("ledger_async", ours), ("aiohttp, anyio, msgspec", theirs):
            process = await python("-c", _IMPORT.format(modules))
            found.append(float(await line(process)))
            await process.wait()
    return Imports(median(ours), median(theirs))


def _shortened(scenario: Scenario) -> Scenario:
    sizes = {id_: min(size, _SHORT) for id_, size in [*scenario.sizes.items()][:3]}
    return msgspec.structs.replace(scenario, sizes=sizes, runs=1)


@asynccontextmanager
async def server(load: Load) -> AsyncIterator[str]:
    """The URL of a server of this load, in a process of its own."""
    process = await python(HERE / "load_server.py", msgspec.json.encode(load).decode())
    try:
        yield f"http://127.0.0.1:{int(await line(process))}"
    finally:
        process.terminate()
        await process.wait()


async def _run(peer: str, loop: str, work: Work, *, check: bool) -> Measured:
    flags = ["--check"] if check else []
    text = msgspec.json.encode(work).decode()
    process = await python(HERE / "measure.py", peer, loop, text, *flags)
    found = await line(process)
    if await process.wait():
        raise SystemExit(f"{peer} failed")
    return msgspec.json.decode(found, type=Measured)


async def python(*arguments: str | Path) -> Process:
    """A process of this Python."""
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=PIPE, stdout=PIPE)


async def line(process: Process) -> bytes:
    """The next line that a process prints."""
    return await cast("asyncio.StreamReader", process.stdout).readline()


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    results = asyncio.run(compare(SCENARIOS, short=short))
    if short:
        return 0
    found = [*figures(results, asyncio.run(imports()))]
    (HERE / "RESULTS.md").write_text(document(results, found), encoding="utf-8")
    chart(results, HERE / "chart.svg")
    README.write_text(refreshed(README.read_text(encoding="utf-8"), found), encoding="utf-8")
    print("", *table(found), sep="\n")
    return int(not all(each.is_reached for each in found))


if __name__ == "__main__":
    sys.exit(main())
