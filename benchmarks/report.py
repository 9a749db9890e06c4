"""What was measured: tables, the figures that were to be reached, and a chart."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

import matplotlib.pyplot as plt
import scenarios as of
from figure import Figure, row, table
from instructions import Counts
from measure import Measured
from scenarios import LATENCY, SLOTS, Pair, Scenario

NAMES = {
    of.TUTORIAL: "requests, page after page",
    of.PYDANTIC: "httpx + pydantic, gathered",
    of.JSON: "aiohttp + json, gathered",
    of.AIOSONIC: "aiosonic + msgspec",
    of.RNET: "rnet + msgspec",
    of.PRIMP: "primp + msgspec",
    of.PYREQWEST: "pyreqwest + msgspec",
    of.BARE: "aiohttp + msgspec, bare loop",
    of.PAIRS: "ledger_async, node by node",
    of.SDK: "ledger_async, batches",
    of.FEW_FIELDS: "ledger_async, three fields",
    of.RAW: "raw protocol + msgspec",
}

_ALSO = {
    of.COLUMNS: "ledger_async, columns of batches",
    of.COLUMNS_OF_PAIRS: "ledger_async, columns node by node",
    of.SOCKET: "blocking socket + msgspec",
    of.STREAMS: "asyncio streams + msgspec",
    of.DECODING: "msgspec, plain structs: decoding alone",
    of.SDK_DECODING: "msgspec, structs of ledger_async: decoding alone",
    of.SDK_CALLS: "ledger_async, a call for each page",
}

_OURS = (of.SDK, of.PAIRS, of.FEW_FIELDS)

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
HEADER = f"{row(_COLUMNS)}\n|{' --- |' * len(_COLUMNS)}"

_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
_IS_SHOWN = re.compile(r"^CPU per node, .*, asyncio$")

_HOW = """\
Each run is a process of its own. A ratio is the median of at least nine pairs, unless it says
nothing of a spread: ours and the other program run right after each other, in every other pair the
other way round. CPU time is that of the reading process alone, once it has read a page. The server
is another process, whose answers have the headers of a rate limit, and some 2 KB for each node. A
latency is what it says, give or take a tenth. All programs read with 16 requests at once, but the
tutorial's.

The bare loop is the best that one writes by hand: it has structs of its own without garbage
collection, floats for prices, and lets go of a page before it waits for the next one. It is given
the list of all pages, while ledger_async finds them, keeps to limits, and proves that nothing moved
meanwhile. The loops with another library beneath differ from it in nothing else.

All programs have the C library's memory in the same state: glibc maps and unmaps a block of
128 KiB or more each time, until a program happens to free a larger one, and each of them is made to
free the largest that counts. A variable of the environment (`GLIBC_TUNABLES`) would do the same for
glibc alone.
"""

_COUNTED = """\
Instructions are those in user space, as valgrind counts them, of all threads: the difference
between more work and less, so that the start of a process is none of it. They are the same however
busy the machine is, but say nothing of what the kernel does, and of waiting for memory.
"""

_NOT_COUNTED = """\
Instructions were not counted: there is no valgrind on this machine.
"""

_SMALL_ONES = of.ALONE.sizes.keys()


@dataclass(frozen=True)
class Played:
    """The runs of a scenario: all of each program on each loop, and those in pairs."""

    runs: dict[tuple[str, str], list[Measured]] = field(default_factory=dict)
    pairs: dict[tuple[str, Pair], list[float]] = field(default_factory=dict)
    """Ratios of CPU time per node, the first ÷ the second of each pair, both ways round."""

    def add(self, loop: str, peers: Sequence[str], runs: Sequence[Measured]) -> None:
        """Take in one run, or two that belong together."""
        for peer, one in zip(peers, runs, strict=True):
            self.runs.setdefault((loop, peer), []).append(one)
        if len(runs) > 1:
            (a, b), (cost, other) = peers, map(_cost, runs)
            self.pairs.setdefault((loop, (a, b)), []).append(cost / other)
            self.pairs.setdefault((loop, (b, a)), []).append(other / cost)


Results = Mapping[str, Played]
"""The runs of every scenario, by its name."""


class Imports(NamedTuple):
    """CPU seconds to import the package, and to import what it stands on."""

    ours: float
    theirs: float

    @property
    def figure(self) -> Figure:
        """What was to be reached."""
        what = f"CPU s of the import ({self.theirs:.2f} of aiohttp, anyio and msgspec)"
        return Figure(what, 0.30, self.ours)


def _cost(run: Measured) -> float:
    return run.cpu / run.nodes


def rows(scenario: Scenario, played: Played) -> Iterator[str]:
    """A line of the table for each program: medians, and the spread of the CPU time."""
    for (loop, peer), each in played.runs.items():
        cpu = sorted(1e6 * _cost(one) for one in each)
        wall = median(one.wall for one in each)
        yield row(
            (
                scenario.name,
                loop,
                (NAMES | _ALSO)[peer],
                f"{median(cpu):.1f} ({cpu[0]:.1f} to {cpu[-1]:.1f})",
                f"{wall:.2f}",
                f"{each[0].nodes / wall:,.0f}",
                f"{median(one.memory for one in each):.1f}",
                f"{1000 * median(one.first for one in each):.0f}",
            )
        )


def figures(results: Results, counts: Counts) -> Iterator[Figure]:
    """What the scenarios were for."""
    yield from _paired(results, counts)
    yield from _alone(results)


# Of pages of 10 and of 100: batches, node by node and three fields, each beside the bare loop,
# and batches beside pyreqwest.
_BARS = (
    (of.PAGES_OF_10, (0.95, 1.05, 0.65, 1.25)),
    (of.PAGES_OF_100, (1.00, 1.10, 0.65, 1.15)),
    (of.ONE_PAGE_EACH, (1.05,)),
    (of.MANY_OF_ONE_PAGE, (1.05,)),
)
_SHORT_NAMES = {
    of.SDK: "batches",
    of.PAIRS: "node by node",
    of.FEW_FIELDS: "three fields",
    of.BARE: "bare loop",
    of.PYREQWEST: "pyreqwest + msgspec",
}


def _paired(results: Results, counts: Counts) -> Iterator[Figure]:
    for scenario, bars in _BARS:
        for loop in scenario.loops:
            for (ours, other), bar in zip(scenario.pairs, bars, strict=True):
                ratios = results[scenario.name].pairs.get((loop, (ours, other)), [])
                a, b = (counts.get((scenario.name, loop, peer)) for peer in (ours, other))
                who = f"{_SHORT_NAMES[ours]} ÷ {_SHORT_NAMES[other]}"
                what = f"CPU per node, {who}, {scenario.name}, {loop}"
                if ratios:
                    yield Figure.of(what, bar, ratios, a / b if a and b else None)


def _alone(results: Results) -> Iterator[Figure]:
    def runs(scenario: Scenario, peer: str = of.SDK) -> list[Measured]:
        return results[scenario.name].runs["asyncio", peer]

    def middle(scenario: Scenario, value: Callable[[Measured], float]) -> float:
        return median(map(value, runs(scenario)))

    for scenario, share in (of.PAGES_OF_10, 10), (of.PAGES_OF_100, 6):
        cost = median(map(_cost, runs(scenario))) / median(map(_cost, runs(scenario, of.PYDANTIC)))
        yield Figure(f"CPU per node ÷ httpx + pydantic, {scenario.name}", 1 / share, cost)
    for pair, consumer in zip(of.COLUMNS_OF_100.pairs, ("counted", "in columns"), strict=True):
        what = f"CPU per node in batches ÷ node by node, pages of 100, {consumer}"
        ratios = results[of.COLUMNS_OF_100.name].pairs["asyncio", pair]
        yield Figure.of(what, 0.92, ratios, None)
    many, one = (middle(each, lambda run: run.wall) for each in (of.MANY_ACCOUNTS, of.ONE_ACCOUNT))
    ideal = of.MANY_ACCOUNTS.pages * LATENCY / SLOTS
    what = f"time ÷ (latency of all pages ÷ slots), {of.MANY_ACCOUNTS.name}"
    yield Figure(what, 1.05, many / ideal)
    # The first page says how many there are, and the closing one comes after all others.
    rounds = 1 + math.ceil((of.ONE_ACCOUNT.pages - 1) / SLOTS) + 1
    what = f"time ÷ {rounds} round trips, {of.ONE_ACCOUNT.name}"
    yield Figure(what, 1.15, one / (rounds * LATENCY))
    first = middle(of.MANY_ACCOUNTS, lambda each: each.first)
    yield Figure("time to the first node ÷ round trip", 1.2, first / LATENCY)
    beside, alone = (middle(each, _last_of_the_small) for each in (of.BESIDE_A_HUGE_ONE, of.ALONE))
    yield Figure("last of the small accounts, beside a huge one ÷ alone", 1.3, beside / alone)
    grown = middle(of.A_MILLION, lambda each: each.memory)
    grown -= middle(of.TEN_THOUSAND, lambda each: each.memory)
    yield Figure("MB at the peak, 1,000,000 nodes less 10,000", 20, grown)


def _last_of_the_small(run: Measured) -> float:
    return max(when for id_, when in run.last.items() if id_ in _SMALL_ONES)


def layers(counts: Counts) -> Iterator[str]:
    """A table of the instructions of a page, by how much a program does."""
    pages = (of.PAGES_OF_10.name, of.PAGES_OF_100.name)
    columns = ("thousand instructions of a page", *pages)
    yield from (row(columns), f"|{' --- |' * len(columns)}")
    for peer in (*of.LAYERS, of.PYREQWEST):
        found = [counts.get((kind, "asyncio", peer)) for kind in pages]
        if all(found):
            yield row(((NAMES | _ALSO)[peer], *(f"{(each or 0) / 1000:,.0f}" for each in found)))


def refreshed(readme: str, found: Iterable[Figure]) -> str:
    """The README with those figures that compare programs on asyncio's own event loop."""
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    shown = (each for each in found if _IS_SHOWN.search(each.what))
    return "\n".join([before + _BEGIN, *table(shown), _END + after])


def document(
    results: Results,
    counts: Counts,
    found: Iterable[Figure],
    absent: Iterable[str],
    minutes: float,
) -> str:
    """The page of results: figures, chart, all runs, and the machine that they are from."""
    counting = ", and some more for valgrind" if counts else ""
    lines = (
        "# What reading NFTs costs",
        "",
        f"Written by `make bench` on {_machine()}, in {minutes:.0f} minutes{counting}.",
        "",
        *table(found),
        "",
        _HOW,
        *([_COUNTED, *layers(counts), ""] if counts else [_NOT_COUNTED]),
        *(f"{each}.\n" for each in absent),
        "![CPU time per 1,000 nodes](chart.svg)",
        "",
        HEADER,
        *(line for each in of.SCENARIOS for line in rows(each, results[each.name])),
        "",
    )
    return "\n".join(lines)


def _machine() -> str:
    packages = ("aiohttp", "msgspec", "uvloop", *filter(None, map(_package, NAMES)))
    libraries = ", ".join(f"{each} {version(each)}" for each in packages)
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}"
    )


def _package(peer: str) -> str | None:
    return of.NEEDS.get(peer) if of.is_there(peer) else None


def chart(results: Results, path: Path) -> None:
    """Draw what each program costs at pages of 10 and of 100, as SVG."""
    plt.rcParams["svg.hashsalt"] = "ledger_async"
    shown = (of.PAGES_OF_10, of.PAGES_OF_100)
    figure, axes = plt.subplots(1, len(shown), figsize=(10, 4.2), sharey=True)
    for axis, scenario in zip(axes, shown, strict=True):
        runs = results[scenario.name].runs
        costs = {
            peer: median(1e6 * _cost(each) for each in runs["asyncio", peer])
            for peer in NAMES
            if ("asyncio", peer) in runs
        }
        bars = axis.barh(
            [NAMES[peer] for peer in costs],
            [*costs.values()],
            color=["#ff6b2c" if peer in _OURS else "#b8bcc6" for peer in costs],
        )
        axis.bar_label(bars, fmt="%.3g", padding=3)
        axis.set_title(f"CPU ms per 1,000 nodes, {scenario.name}", fontsize=10)
        axis.margins(x=0.12)
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
