"""The work that peers are compared at, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

SDK, BARE, FLOOR = "sdk", "bare_loop", "floor"
PAIRS, COLUMNS, COLUMNS_OF_PAIRS = "sdk_pairs", "sdk_columns", "sdk_columns_of_pairs"
JSON, PYDANTIC, TUTORIAL = "json_gather", "pydantic_gather", "tutorial"
EVERYONE = (SDK, BARE, FLOOR, JSON, PYDANTIC, TUTORIAL)
OURS = (SDK, PAIRS, COLUMNS, COLUMNS_OF_PAIRS)

# These take long, and more runs would show nothing else.
RUNS_AT_MOST = {PYDANTIC: 3, TUTORIAL: 3}

LATENCY = 0.05
SLOTS = 16


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """So many accounts with so many NFTs, how they are served, and who reads them how often."""

    name: str
    sizes: Mapping[int, int]
    peers: tuple[str, ...] = (SDK,)
    loops: tuple[str, ...] = ("asyncio",)
    page_size: int = 100
    latency: float = 0.0
    rate: int | None = None
    pause: float = 0.0
    runs: int = 1

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return sum(-(-size // self.page_size) for size in self.sizes.values())


def _accounts(count: int, nfts: int) -> dict[int, int]:
    return dict.fromkeys(range(1000, 1000 + count), nfts)


_SMALL = _accounts(500, 20)

PAGES_OF_10 = Scenario(
    name="pages of 10",
    sizes=_accounts(40, 500),
    peers=EVERYONE,
    loops=("asyncio", "uvloop"),
    page_size=10,
    runs=7,
)
PAGES_OF_100 = Scenario(
    name="pages of 100",
    sizes=_accounts(40, 2000),
    peers=EVERYONE,
    loops=("asyncio", "uvloop"),
    runs=7,
)
# Each way to read with us, in turns of its own, so that what they differ by shows.
WAYS_TO_READ = Scenario(
    name="ways to read pages of 100", sizes=_accounts(40, 2000), peers=OURS, runs=11
)
MANY_ACCOUNTS = Scenario(
    name="50 accounts of 20 pages, 50 ms",
    sizes=_accounts(50, 200),
    peers=(SDK, BARE, JSON, PYDANTIC),
    page_size=10,
    latency=LATENCY,
    runs=3,
)
ONE_ACCOUNT = Scenario(
    name="one account of 100 pages, 50 ms",
    sizes={1: 10_000},
    peers=(SDK, BARE),
    latency=LATENCY,
    runs=3,
)
RATE_LIMITED = Scenario(name="600 accounts at 100 requests/s", sizes=_accounts(600, 20), rate=100)
BESIDE_A_HUGE_ONE = Scenario(
    name="500 small accounts beside one of 100,000", sizes={1: 100_000, **_SMALL}, latency=0.01
)
ALONE = Scenario(name="500 small accounts alone", sizes=_SMALL, latency=0.01)
TEN_THOUSAND = Scenario(name="10,000 nodes", sizes={1: 10_000})
A_MILLION = Scenario(name="1,000,000 nodes", sizes={1: 1_000_000})
SLOW_CONSUMER = Scenario(
    name="a consumer of 20 ms a page",
    sizes=_accounts(20, 1000),
    peers=(SDK, BARE, JSON, PYDANTIC),
    pause=0.02,
)

SCENARIOS = (
    PAGES_OF_10,
    PAGES_OF_100,
    WAYS_TO_READ,
    MANY_ACCOUNTS,
    ONE_ACCOUNT,
    RATE_LIMITED,
    BESIDE_A_HUGE_ONE,
    ALONE,
    SLOW_CONSUMER,
    TEN_THOUSAND,
    A_MILLION,
)
