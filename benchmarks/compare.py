"""What reading NFTs costs: ledger_async beside the programs that are written without it.

`python benchmarks/compare.py` runs every peer at every scenario, in turns and each in a process
of its own, against a server in another one. It prints a table and writes `RESULTS.md` and
`chart.svg` beside this file. Exit code 1 says that something was not reached. With `--short`
every peer reads a little, it is checked that all deliver the same nodes, and nothing is written.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import cast

import msgspec
from load_server import Load
from measure import Measured
from report import HEADER, Results, Runs, chart, figures, rows
from scenarios import SCENARIOS, SLOTS, Scenario
from work import Work

HERE = Path(__file__).parent

_SHORT = 250  # nodes of each account


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
    async with _server(load) as url:
        work = Work(url, load.sizes, scenario.page_size, slots=SLOTS, pause=scenario.pause)
        for _ in range(scenario.runs):
            for (loop, peer), each in runs.items():
                each.append(await _run(peer, loop, work, check=check))
    return runs


def _shortened(scenario: Scenario) -> Scenario:
    sizes = {id_: min(size, _SHORT) for id_, size in [*scenario.sizes.items()][:3]}
    return msgspec.structs.replace(scenario, sizes=sizes, runs=1)


@asynccontextmanager
async def _server(load: Load) -> AsyncIterator[str]:
    process = await _python("load_server.py", msgspec.json.encode(load).decode())
    try:
        yield f"http://127.0.0.1:{int(await _line(process))}"
    finally:
        process.terminate()
        await process.wait()


async def _run(peer: str, loop: str, work: Work, *, check: bool) -> Measured:
    flags = ["--check"] if check else []
    text = msgspec.json.encode(work).decode()
    process = await _python("measure.py", peer, loop, text, *flags)
    line = await _line(process)
    if await process.wait():
        raise SystemExit(f"{peer} failed")
    return msgspec.json.decode(line, type=Measured)


async def _python(script: str, *arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, HERE / script, *arguments, stdin=PIPE, stdout=PIPE
    )


async def _line(process: Process) -> bytes:
    return await cast("asyncio.StreamReader", process.stdout).readline()


def document(results: Results) -> str:
    """The page of results: figures, table, and the machine that they are from."""
    lines = [row for each in SCENARIOS for row in rows(each, results[each.name])]
    libraries = ", ".join(f"{each} {version(each)}" for each in ("aiohttp", "msgspec", "uvloop"))
    machine = (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}"
    )
    return "\n".join(
        [
            "# What reading NFTs costs",
            "",
            "Written by `make bench`. Ratios are medians of runs in pairs; CPU time is that of the",
            f"reading process alone. Measured on {machine}.",
            "",
            "| figure | bar | measured |",
            "| --- | --- | --- |",
            *map(str, figures(results)),
            "",
            "![CPU time per 1,000 nodes](chart.svg)",
            "",
            HEADER,
            *lines,
            "",
        ]
    )


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    results = asyncio.run(compare(SCENARIOS, short=short))
    if short:
        return 0
    (HERE / "RESULTS.md").write_text(document(results), encoding="utf-8")
    chart(results, HERE / "chart.svg")
    found = [*figures(results)]
    print("", "| figure | bar | measured |", "| --- | --- | --- |", *found, sep="\n")
    return int(not all(each.is_reached for each in found))


if __name__ == "__main__":
    sys.exit(main())
