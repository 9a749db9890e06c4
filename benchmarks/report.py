"""What was measured: a table, the figures that were to be reached, and a chart."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

import matplotlib.pyplot as plt
import scenarios as of
from measure import Measured
from scenarios import LATENCY, SLOTS, Scenario

Runs = dict[tuple[str, str], list[Measured]]
"""The runs of a scenario, by event loop and peer, the first of each at the same time."""

Results = Mapping[str, Runs]
"""The runs of every scenario, by its name."""

NAMES = {
    of.TUTORIAL: "requests, page after page",
    of.PYDANTIC: "httpx + pydantic, gathered",
    of.JSON: "aiohttp + json, gathered",
    of.BARE: "aiohttp + msgspec, bare loop",
    of.SDK: "ledger_async",
    of.FLOOR: "raw streams + msgspec",
}

_OUR_WAYS = {
    of.PAIRS: "ledger_async, node by node",
    of.COLUMNS: "ledger_async, columns of batches",
    of.COLUMNS_OF_PAIRS: "ledger_async, columns node by node",
}

_COLUMNS = (
    "scenario",
    "loop",
    "program",
    "CPU ms / 1,000 nodes",
    "wall s",
    "nodes / s",
    "peak MB",
    "first ms",
)
HEADER = f"| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}"

_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"

_HOW = """\
Each run is a process of its own, and programs take turns. CPU time is that of the reading
process alone, once it has read a page; ratios are medians of runs in pairs. The server is
another process, and its answers are prepared. A latency is what it says, give or take a tenth.
All programs read with 16 requests at once, but the tutorial's. The bare loop is given the list of
all pages; ledger_async finds them, keeps to limits, and proves that nothing moved meanwhile.

On asyncio's own loop, a part of what the bare loop and the raw streams cost is memory that the C
library maps and unmaps for each answer. ledger_async has it kept, once per process, and uvloop
reads into memory of its own.
"""

_SMALL_ONES = of.ALONE.sizes.keys()


class Imports(NamedTuple):
    """CPU seconds to import the package, and to import what it stands on."""

    ours: float
    theirs: float


class Figure(NamedTuple):
    """What was to be reached, at most, and what was."""

    what: str
    bar: float
    measured: float

    @property
    def is_reached(self) -> bool:
        """Whether it is no more than the bar."""
        return self.measured <= self.bar

    def __str__(self) -> str:
        note = "" if self.is_reached else ", not reached"
        return f"| {self.what} | ≤ {self.bar:.3g} | {self.measured:.3g}{note} |"


def rows(scenario: Scenario, runs: Runs) -> Iterator[str]:
    """A line of the table for each peer: medians, and the spread of the CPU time."""
    for (loop, peer), each in runs.items():
        cpu = sorted(1e6 * one.cpu / one.nodes for one in each)
        wall = median(one.wall for one in each)
        cells = (
            scenario.name,
            loop,
            (NAMES | _OUR_WAYS)[peer],
            f"{median(cpu):.1f} ({cpu[0]:.1f} to {cpu[-1]:.1f})",
            f"{wall:.2f}",
            f"{each[0].nodes / wall:,.0f}",
            f"{median(one.memory for one in each):.1f}",
            f"{1000 * median(one.first for one in each):.0f}",
        )
        yield f"| {' | '.join(cells)} |"


def table(found: Iterable[Figure]) -> Iterator[str]:
    """The lines of a table of these."""
    yield from ("| figure | bar | measured |", "| --- | --- | --- |")
    yield from map(str, found)


def figures(results: Results, loaded: Imports) -> Iterator[Figure]:
    """What the scenarios were for."""

    def runs(scenario: Scenario, peer: str = of.SDK, loop: str = "asyncio") -> list[Measured]:
        return results[scenario.name][loop, peer]

    def ratio(scenario: Scenario, peer: str, loop: str = "asyncio") -> float:
        return costs(runs(scenario, loop=loop), runs(scenario, peer, loop))

    def costs(ones: list[Measured], others: list[Measured]) -> float:
        pairs = zip(ones, others, strict=False)
        return median((a.cpu / a.nodes) / (b.cpu / b.nodes) for a, b in pairs)

    def middle(scenario: Scenario, value: Callable[[Measured], float]) -> float:
        return median(map(value, runs(scenario)))

    for scenario, share in (of.PAGES_OF_10, 10), (of.PAGES_OF_100, 6):
        for loop in scenario.loops:
            what = f"CPU per node ÷ bare loop, {scenario.name}, {loop}"
            yield Figure(what, 1.05, ratio(scenario, of.BARE, loop))
        what = f"CPU per node ÷ httpx + pydantic, {scenario.name}"
        yield Figure(what, 1 / share, ratio(scenario, of.PYDANTIC))
    for way, other, consumer in (
        (of.SDK, of.PAIRS, "counted"),
        (of.COLUMNS, of.COLUMNS_OF_PAIRS, "in columns"),
    ):
        cost = costs(runs(of.WAYS_TO_READ, way), runs(of.WAYS_TO_READ, other))
        yield Figure(
            f"CPU per node in batches ÷ node by node, pages of 100, {consumer}", 0.92, cost
        )
    many, one = (middle(each, lambda run: run.wall) for each in (of.MANY_ACCOUNTS, of.ONE_ACCOUNT))
    ideal = of.MANY_ACCOUNTS.pages * LATENCY / SLOTS
    yield Figure(
        f"time ÷ (latency of all pages ÷ slots), {of.MANY_ACCOUNTS.name}", 1.05, many / ideal
    )
    # The first page says how many there are, and the closing one comes after all others.
    rounds = 1 + math.ceil((of.ONE_ACCOUNT.pages - 1) / SLOTS) + 1
    what = f"time ÷ {rounds} round trips, {of.ONE_ACCOUNT.name}"
    yield Figure(what, 1.15, one / (rounds * LATENCY))
    first = middle(of.MANY_ACCOUNTS, lambda each: each.first)
    yield Figure("time to the first node ÷ round trip", 1.2, first / LATENCY)
    beside, alone = (
        middle(
            each, lambda each: max(when for id_, when in each.last.items() if id_ in _SMALL_ONES)
        )
        for each in (of.BESIDE_A_HUGE_ONE, of.ALONE)
    )
    yield Figure("last of the small accounts, beside a huge one ÷ alone", 1.3, beside / alone)
    grown = middle(of.A_MILLION, lambda each: each.memory)
    grown -= middle(of.TEN_THOUSAND, lambda each: each.memory)
    yield Figure("MB at the peak, 1,000,000 nodes less 10,000", 20, grown)
    what = f"CPU s of the import ({loaded.theirs:.2f} of aiohttp, anyio and msgspec)"
    yield Figure(what, 0.30, loaded.ours)


def refreshed(readme: str, found: Iterable[Figure]) -> str:
    """The README with these figures."""
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return "\n".join([before + _BEGIN, *table(found), _END + after])


def document(results: Results, found: Iterable[Figure]) -> str:
    """The page of results: figures, chart, all runs, and the machine that they are from."""
    libraries = ", ".join(f"{each} {version(each)}" for each in ("aiohttp", "msgspec", "uvloop"))
    machine = (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}"
    )
    lines = (
        "# What reading NFTs costs",
        "",
        f"Written by `make bench` on {machine}.",
        "",
        *table(found),
        "",
        _HOW,
        "![CPU time per 1,000 nodes](chart.svg)",
        "",
        HEADER,
        *(row for each in of.SCENARIOS for row in rows(each, results[each.name])),
        "",
    )
    return "\n".join(lines)


def chart(results: Results, path: Path) -> None:
    """Draw what each program costs at pages of 10 and of 100, as SVG."""
    plt.rcParams["svg.hashsalt"] = "ledger_async"
    shown = (of.PAGES_OF_10, of.PAGES_OF_100)
    figure, axes = plt.subplots(1, len(shown), figsize=(10, 3.2), sharey=True)
    for axis, scenario in zip(axes, shown, strict=True):
        runs = results[scenario.name]
        costs = {
            NAMES[peer]: median(1e6 * each.cpu / each.nodes for each in runs["asyncio", peer])
            for peer in NAMES
        }
        bars = axis.barh(
            list(costs),
            list(costs.values()),
            color=["#ff6b2c" if name == NAMES[of.SDK] else "#b8bcc6" for name in costs],
        )
        axis.bar_label(bars, fmt="%.3g", padding=3)
        axis.set_title(f"CPU ms per 1,000 nodes, {scenario.name}", fontsize=10)
        axis.margins(x=0.12)
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
