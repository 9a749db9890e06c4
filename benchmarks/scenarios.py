"""The work that programs are compared at, and who is compared with whom."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

import msgspec

SDK, PAIRS, FEW_FIELDS = "sdk", "sdk_pairs", "sdk_few_fields"
COLUMNS, COLUMNS_OF_PAIRS = "sdk_columns", "sdk_columns_of_pairs"
BARE, RAW = "bare_loop", "raw_protocol"
PYREQWEST, PRIMP, RNET, AIOSONIC = "pyreqwest_loop", "primp_loop", "rnet_loop", "aiosonic_loop"
JSON, PYDANTIC, TUTORIAL = "json_gather", "pydantic_gather", "tutorial"

NEEDS = {
    PYREQWEST: "pyreqwest",
    PRIMP: "primp",
    RNET: "rnet",
    AIOSONIC: "aiosonic",
    PYDANTIC: "httpx",
    TUTORIAL: "requests",
}
"""The package that a program stands on, where not every machine has it."""

DECODING, SDK_DECODING, SDK_CALLS = "decoding", "sdk_decoding", "sdk_calls"
SOCKET, STREAMS = "blocking_socket", "streams"
LAYERS = (DECODING, SOCKET, RAW, STREAMS, BARE, SDK_DECODING, SDK_CALLS, SDK, PAIRS, FEW_FIELDS)
"""Programs each of which does something more than another, so that their differences tell."""

BOTH_LOOPS = ("asyncio", "uvloop")
LATENCY = 0.05
SLOTS = 16

Pair = tuple[str, str]
"""A program of ours and another one, which run right after each other."""

_PAIRED = ((SDK, BARE), (PAIRS, BARE), (FEW_FIELDS, BARE), (SDK, PYREQWEST))
_OTHERS = (RAW, PRIMP, RNET, AIOSONIC, JSON, PYDANTIC, TUTORIAL)


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """So many accounts with so many NFTs, how they are served, and who reads them how often.

    `pairs` run on each loop, and `peers`, who are not compared so closely, on the first one.
    """

    name: str
    sizes: Mapping[int, int]
    pairs: tuple[Pair, ...] = ()
    peers: tuple[str, ...] = ()
    loops: tuple[str, ...] = ("asyncio",)
    page_size: int = 100
    latency: float = 0.0
    rate: int = 1_000_000
    pause: float = 0.0
    runs: int = 1
    paired_runs: int = 9

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return sum(-(-size // self.page_size) for size in self.sizes.values())


def is_there(peer: str) -> bool:
    """True if the package that a program needs is installed."""
    return peer not in NEEDS or find_spec(NEEDS[peer]) is not None


def accounts(count: int, nfts: int) -> dict[int, int]:
    """So many accounts of so many NFTs each."""
    return dict.fromkeys(range(1000, 1000 + count), nfts)


_SMALL = accounts(500, 20)

PAGES_OF_10 = Scenario(
    name="pages of 10",
    sizes=accounts(20, 500),
    pairs=_PAIRED,
    peers=_OTHERS,
    loops=BOTH_LOOPS,
    page_size=10,
    runs=3,
)
PAGES_OF_100 = Scenario(
    name="pages of 100",
    sizes=accounts(20, 2000),
    pairs=_PAIRED,
    peers=_OTHERS,
    loops=BOTH_LOOPS,
    runs=3,
)
ONE_PAGE_EACH = Scenario(
    name="5,000 accounts of one page of 10",
    sizes=accounts(5_000, 10),
    pairs=((SDK, BARE),),
    loops=BOTH_LOOPS,
)
MANY_OF_ONE_PAGE = Scenario(
    name="100,000 accounts of one page of 10",
    sizes=accounts(100_000, 10),
    pairs=((SDK, BARE),),
    paired_runs=1,  # each of which takes half a minute
)
COLUMNS_OF_100 = Scenario(
    name="columns of pages of 100",
    sizes=accounts(20, 2000),
    pairs=((SDK, PAIRS), (COLUMNS, COLUMNS_OF_PAIRS)),
)
MANY_ACCOUNTS = Scenario(
    name="50 accounts of 20 pages, 50 ms",
    sizes=accounts(50, 200),
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
RATE_LIMITED = Scenario(
    name="600 accounts at 100 requests/s", sizes=accounts(600, 20), peers=(SDK,), rate=100
)
BESIDE_A_HUGE_ONE = Scenario(
    name="500 small accounts beside one of 100,000",
    sizes={1: 100_000, **_SMALL},
    peers=(SDK,),
    latency=0.01,
)
ALONE = Scenario(name="500 small accounts alone", sizes=_SMALL, peers=(SDK,), latency=0.01)
TEN_THOUSAND = Scenario(name="10,000 nodes", sizes={1: 10_000}, peers=(SDK,))
A_MILLION = Scenario(name="1,000,000 nodes", sizes={1: 1_000_000}, peers=(SDK,))
SLOW_CONSUMER = Scenario(
    name="a consumer of 20 ms a page",
    sizes=accounts(20, 1000),
    peers=(SDK, BARE, JSON, PYDANTIC),
    pause=0.02,
)

SCENARIOS = (
    PAGES_OF_10,
    PAGES_OF_100,
    ONE_PAGE_EACH,
    MANY_OF_ONE_PAGE,
    COLUMNS_OF_100,
    MANY_ACCOUNTS,
    ONE_ACCOUNT,
    RATE_LIMITED,
    BESIDE_A_HUGE_ONE,
    ALONE,
    SLOW_CONSUMER,
    TEN_THOUSAND,
    A_MILLION,
)

ALL_LAYERS = Scenario(
    name="layers", sizes=accounts(20, 500), peers=(SOCKET, STREAMS, SDK_CALLS), page_size=10
)
"""Of these only instructions are counted, in other work; here they are checked."""
