"""What a large workspace costs: plain functions from assumptions to the tables of docs/scale.md.

`python tests/simulations/scale_model.py` prints them; `--rate 20 --page 1000 --share 0.01` are
those of another plan, of longer pages, and of a workspace a hundredth as large.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import NamedTuple

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

ALONE = 1_000_000
"""An account of so many NFTs or more is read alone, and changes while it is."""

# Simulated, as `closing` is: `test_scale.py` says when one of these does not hold any more.

USED = 0.985
"""The part of the plan's rate that a fleet uses."""

MOVING = 0.18
"""Requests more for each page of an account that changes while it is read."""

# Measured by `benchmarks/scale.py` on 100,000 NFTs of the sandbox, in bytes.

JSON, GZIP = 955, 128
"""An NFT on the wire, in pages of 100."""

ROW, INDEX, CHANGE, LINE = 1308, 181, 1628, 173
"""In PostgreSQL: an NFT, its part of the index, a change, and the line of an account of a run."""

SQLITE, PARQUET, HOLDING = 2848, 127, 131
"""An NFT with its change in SQLite; one in Parquet, and an account in `_complete.json`."""

REPORT, KEY, REMEMBERED = 164, 8, 77
"""In memory: the report of an account, a key of a listing, and one that can be looked up."""

# Measured with `benchmarks/mirror.py`, in accounts of 1,000, on two cores with the database.

CPU = 20e-6
"""Seconds of a worker for each NFT that it mirrors."""

FIRST, AGAIN = 10_800, 22_000
"""NFTs that PostgreSQL takes in a second from a run: new ones, and such that are as they were."""


class Kind(NamedTuple):
    """So many accounts that hold so many NFTs each."""

    accounts: float
    nfts: int


class Case(NamedTuple):
    """A workspace, what becomes of it in a day, the plan, and the fleet.

    `differences` are a part of all NFTs, the others parts of the accounts, or a number to each.
    """

    shape: tuple[Kind, ...] = (
        Kind(8_000_000, 25),
        Kind(1_800_000, 500),
        Kind(199_000, 20_000),
        Kind(1_000, 4_920_000),
    )
    differences: float = 0.001
    touched: float = 0.01
    transactions: float = 0.1
    unsettled: float = 0.01
    rate: float = 100.0
    page: int = 100
    latency: float = 0.1
    at_once: int = 16

    @property
    def accounts(self) -> float:
        return sum(each.accounts for each in self.shape)

    @property
    def nfts(self) -> float:
        return sum(each.accounts * each.nfts for each in self.shape)

    def part(self, share: float) -> Case:
        """The workspace with this part of the accounts of each kind."""
        return self._replace(shape=tuple(Kind(n * share, nfts) for n, nfts in self.shape))


def pages(nfts: int, page: int) -> int:
    """Pages of an account; one without NFTs has one as well."""
    return max(1, ceil(nfts / page))


def closing(number: int) -> int:
    """Requests that prove an account of so many pages, if it is quiet and read ahead."""
    if number == 1:
        return 0  # one answer is one moment of the server
    return 1 + ((number - 32) // 50 if number > 100 else 0)


def reading(nfts: int, page: int) -> float:
    """Requests that read an account and prove it."""
    number = pages(nfts, page)
    return number * (1 + MOVING) if nfts >= ALONE else number + closing(number)


def requests(case: Case) -> float:
    """Requests that read all accounts and prove it."""
    return sum(each.accounts * reading(each.nfts, case.page) for each in case.shape)


def unproven(case: Case) -> float:
    """Requests that read all accounts and prove nothing."""
    return sum(each.accounts * pages(each.nfts, case.page) for each in case.shape)


def seconds(number: float, rate: float) -> float:
    """The time that so many requests take at a plan's rate."""
    return number / (rate * USED)


class Run(NamedTuple):
    """What one run asks for, what comes, what differs, and how many NFTs a second are written."""

    name: str
    accounts: float
    requests: float
    nfts: float
    differences: float
    speed: float

    @property
    def grows(self) -> float:
        """Bytes by which PostgreSQL grows."""
        return self.differences * (ROW + CHANGE) + self.accounts * LINE


def run(name: str, case: Case, differences: float, speed: float) -> Run:
    """The run that reads all of this."""
    return Run(name, case.accounts, requests(case), case.nfts, differences, speed)


def runs(case: Case) -> tuple[Run, Run, Run]:
    """The first fill, all of it again a day later, and what has moved in that day alone."""
    differences = case.nfts * case.differences
    touched = run("daily, what moved", case.part(case.touched), differences, AGAIN)
    return (
        run("first fill", case, case.nfts, FIRST),
        run("daily, all", case, differences, AGAIN),
        touched._replace(requests=touched.requests + increment(case)),
    )


def increment(case: Case) -> float:
    """Requests for the transactions of a day and an hour, and for those that were not final."""
    new = ceil(case.accounts * case.transactions * (1 + HOUR / DAY) / case.page)
    return new + closing(new) + case.accounts * case.unsettled


class Limit(NamedTuple):
    """A part, what it takes, and how many requests a second that is."""

    name: str
    takes: str
    requests: float


def limits(case: Case) -> list[Limit]:
    """What each part lets pass; a run goes by the least of it."""
    each = case.nfts / requests(case)  # NFTs of a request
    in_flight = f"{case.at_once} requests of {case.latency:g} s at once"
    wire = 100e6 / 8 / GZIP
    return [
        Limit("rate of the plan", f"{case.rate:g} requests/s", case.rate * USED),
        Limit("PostgreSQL, first fill", f"{FIRST:,} NFTs/s of a run", FIRST / each),
        Limit("one client", in_flight, case.at_once / case.latency),
        Limit("PostgreSQL, later runs", f"{AGAIN:,} NFTs/s of a run", AGAIN / each),
        Limit("CPU of one worker", f"{1 / CPU:,.0f} NFTs/s", 1 / CPU / each),
        Limit("the wire, at 100 Mbit/s", f"{wire:,.0f} NFTs/s", wire / each),
    ]


class Turned(NamedTuple):
    """A full run after something was turned."""

    name: str
    case: Case
    requests: float

    @property
    def nfts(self) -> float:
        """NFTs that come in a second."""
        return self.case.nfts / seconds(self.requests, self.case.rate)

    @property
    def workers(self) -> int:
        """Workers whose CPU and whose requests at once use the rate."""
        at_once = self.case.rate * USED * self.case.latency / self.case.at_once
        return ceil(max(at_once, self.nfts * CPU))

    @property
    def runs(self) -> int:
        """Runs of the first fill, each into a schema of its own, that keep up."""
        return ceil(self.nfts / FIRST)


def turns(case: Case) -> list[Turned]:
    """What can be turned."""
    longer, faster = case._replace(page=10 * case.page), case._replace(rate=10 * case.rate)
    longest, both = case._replace(page=100 * case.page), longer._replace(rate=faster.rate)
    cases = {
        "as it is": case,
        f"pages of {longer.page:,}": longer,
        f"pages of {longest.page:,}": longest,
        f"{faster.rate:g} requests/s": faster,
        f"{both.rate:g} requests/s, pages of {both.page:,}": both,
    }
    unchecked = Turned('`consistency="fast"`, no proof', case, unproven(case))
    return [*(Turned(name, each, requests(each)) for name, each in cases.items()), unchecked]


# The tables


def count(number: float) -> str:
    """A number that can be compared at a glance."""
    for size, word in (1e9, "billion"), (1e6, "million"):
        if number >= size * 0.9995:
            return f"{_short(number / size)} {word}"
    return f"{number:,.0f}"


def amount(number: float) -> str:
    """Bytes, by powers of a thousand."""
    for size, unit in (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"):
        if number >= size * 0.9995:
            return f"{_short(number / size)} {unit}"
    return f"{number:.0f} bytes"


def duration(number: float) -> str:
    """Days, hours or minutes."""
    for size, unit in (DAY, "days"), (HOUR, "hours"):
        if number >= size * 1.5:
            return f"{_short(number / size)} {unit}"
    return f"{_short(number / MINUTE)} minutes"


def _short(number: float) -> str:
    """Three digits, or all before the point."""
    return f"{number:,.0f}" if number >= 99.95 else f"{number:.3g}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The rows as Markdown has them."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)


def assumptions(case: Case) -> str:
    """The accounts by what they hold."""
    rows = [
        (each.accounts, f"{each.nfts:,}", each.accounts * each.nfts, pages(each.nfts, case.page))
        for each in case.shape
    ]
    cells = [
        (count(accounts), each, count(nfts), count(accounts * number))
        for accounts, each, nfts, number in rows
    ]
    total = (f"**{count(case.accounts)}**", "", f"**{count(case.nfts)}**", count(unproven(case)))
    return table(("accounts", "NFTs of each", "NFTs", "pages"), [*cells, total])


def costs(case: Case) -> str:
    """What each of the runs costs."""
    figures: dict[str, Callable[[Run], str]] = {
        "accounts": lambda each: count(each.accounts),
        "requests": lambda each: count(each.requests),
        "**time, at the rate of the plan**": lambda each: (
            f"**{duration(seconds(each.requests, case.rate))}**"
        ),
        "rate of a plan for one day": lambda each: f"{_short(each.requests / DAY / USED)}/s",
        "NFTs that come": lambda each: count(each.nfts),
        "JSON": lambda each: amount(each.nfts * JSON),
        "on the wire, as gzip": lambda each: amount(each.nfts * GZIP),
        "CPU of all workers": lambda each: duration(each.nfts * CPU),
        "PostgreSQL is busy for": lambda each: duration(each.nfts / each.speed),
        "lines of `nfts_changes`": lambda each: count(each.differences),
        "lines of `mirror_accounts`": lambda each: count(each.accounts),
        "PostgreSQL grows by": lambda each: amount(each.grows),
    }
    found = runs(case)
    rows = [(name, *map(figure, found)) for name, figure in figures.items()]
    return table(("", *(each.name for each in found)), rows)


def stores(case: Case) -> str:
    """What the stores hold after the first fill."""
    return _weighed(
        "on disk",
        ("PostgreSQL: `nfts`", ROW, case.nfts),
        ("of that, its index", INDEX, case.nfts),
        ("`nfts_changes`", CHANGE, case.nfts),
        ("`mirror_accounts`, of each run", LINE, case.accounts),
        ("SQLite: all of these", SQLITE, case.nfts),
        ("Parquet: a snapshot", PARQUET, case.nfts),
        ("its `_complete.json`", HOLDING, case.accounts),
    )


def memory(case: Case) -> str:
    """What grows in the memory of a process."""
    longest = max(each.nfts for each in case.shape)
    return _weighed(
        "in memory",
        ("keys of the longest account", KEY, longest),
        ("the same, once it has moved", KEY + REMEMBERED, longest),
        ("`stream.reports` of a chunk", REPORT, 1_000),
        ("`stream.reports` of one stream over all", REPORT, case.accounts),
    )


def _weighed(head: str, *rows: tuple[str, int, float]) -> str:
    cells = [
        (name, f"{each:,}", count(number), amount(each * number)) for name, each, number in rows
    ]
    return table((head, "bytes of each", "number", "in all"), cells)


def first_to_give_way(case: Case) -> str:
    """What each part lets pass, in pages of two sizes."""
    longer = case._replace(page=10 * case.page)
    rows = [
        (each.name, each.takes, f"{_short(each.requests)}/s", f"{_short(other.requests)}/s")
        for each, other in zip(limits(case), limits(longer), strict=True)
    ]
    heads = (f"requests, pages of {each.page:,}" for each in (case, longer))
    return table(("part", "takes", *heads), rows)


def turned(case: Case) -> str:
    """What a full run costs after each turn."""
    rows = [
        (
            each.name,
            count(each.requests),
            duration(seconds(each.requests, each.case.rate)),
            count(each.nfts),
            str(each.workers),
            str(each.runs),
        )
        for each in turns(case)
    ]
    head = ("", "requests", "time of a full run", "NFTs/s", "workers", "runs of the first fill")
    return table(head, rows)


TABLES = (assumptions, costs, first_to_give_way, turned, stores, memory)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=float, default=Case().rate, help="requests a second")
    parser.add_argument("--page", type=int, default=Case().page, help="NFTs of a page")
    parser.add_argument("--share", type=float, default=1.0, help="of the accounts of each kind")
    options = parser.parse_args()
    case = Case(rate=options.rate, page=options.page).part(options.share)
    sys.stdout.writelines(f"{each(case)}\n\n" for each in TABLES)


if __name__ == "__main__":
    main()
