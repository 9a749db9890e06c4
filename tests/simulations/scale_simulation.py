"""A fleet in small on a clock that jumps: its requests for each page, and how it uses a rate.

The API answers in memory, and every process is a client of its own with the real `RedisLimiter`,
whose store is a number in memory, too.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from math import ceil
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from governor_simulation import OK, now

from ledger_async import LedgerClient
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async.fleet import RedisLimiter
from ledger_async.fleet._limit.admission import ADMITTED, BURST, Turn
from ledger_async.sandbox import RateLimit
from ledger_async.sandbox._http.clock import Clock
from ledger_async.sandbox._http.limit import Window

PAGE = 10
"""Elements that a page can hold: as short as it may be for the head to be asked for in one."""

CHUNK = 25
"""Accounts that a worker is given together."""

CHUNKS_AT_ONCE = 2
"""Chunks that a worker reads at once."""

_LATENCY = 0.1
_STORE_TAKES = 0.001
_NODE = '{"cursor":0,"node":{"contract_address":"0x5a","token_id":"%d","token_type":"","value":1}}'


@lru_cache(maxsize=100_000)
def body(count: int, number: int) -> bytes:
    """A page of an account that holds so many NFTs."""
    nodes = ",".join(_NODE % each for each in range((number - 1) * PAGE, min(number * PAGE, count)))
    more = "true" if number * PAGE < count else "false"
    info = f'{{"count":{count},"has_next_page":{more}}}'
    return f'{{"edges":[{nodes}],"page_info":{info}}}'.encode()


class Api:
    """Accounts of so many NFTs, behind the limit of a plan; counts what it is asked."""

    def __init__(self, sizes: Mapping[int, int], limit: RateLimit) -> None:
        self._sizes = sizes
        self._window = Window(limit, Clock())
        self._random = Random(0)
        self.asked: Counter[int] = Counter()
        self.times: list[float] = []
        self.refused = 0

    async def send(self, request: Request, headers: Headers) -> Response:
        way = self._random.uniform(0.4, 0.6) * _LATENCY
        await asyncio.sleep(way)
        if self._window.admit():
            answer = self._page(request)
        else:
            self.refused += 1
            answer = Response(420, self._window.retry_after(), b"")
        await asyncio.sleep(way)
        return answer

    def _page(self, request: Request) -> Response:
        assert request.account_id is not None
        self.times.append(now())
        self.asked[request.account_id] += 1
        asked_for = dict(parse_qsl(request.query))
        number, size = int(asked_for["page"]), int(asked_for["page_size"])
        assert size == PAGE  # nothing moves, so that no page has to overlap
        return Response(OK.status, {}, body(self._sizes[request.account_id], number))

    async def close(self) -> None:
        """Nothing is open."""


class Paid:
    """The store of a limit as Redis keeps it: until when all that was admitted is paid for."""

    place = "memory"

    def __init__(self) -> None:
        self._until = 0.0

    async def reserve(self, per_second: float) -> Turn:
        await asyncio.sleep(_STORE_TAKES)
        each = 1 / (per_second * ADMITTED)
        self._until = max(self._until, now()) + each
        return Turn(max(0.0, self._until - BURST * each - now()), is_granted=True)

    async def aclose(self) -> None:
        """Nothing is open."""


def shared_limiter(store: Paid, rate: float) -> RedisLimiter:
    """A limiter of one of the processes."""
    limiter: Any = RedisLimiter("redis://nowhere.example", key="simulated", rate=rate)
    limiter._store = store
    return limiter  # type: ignore[no-any-return] # whose store is not for others to replace


def chunks(sizes: Mapping[int, int], huge: int, together: int = CHUNK) -> Iterator[list[int]]:
    """Each account of so many NFTs alone, then the others so many together, in any order."""
    yield from ([each] for each, size in sizes.items() if size >= huge)
    others = [each for each, size in sizes.items() if size < huge]
    Random(0).shuffle(others)
    left = iter(others)
    while some := [*islice(left, together)]:
        yield some


async def fleet(
    sizes: Mapping[int, int],
    parts: Iterable[list[int]],
    *,
    rate: int,
    workers: int,
    at_once: int = 16,
) -> Api:
    """Let so many processes read all of these parts; the API that they asked."""
    api, left, store = Api(sizes, RateLimit(rate)), deque(parts), Paid()

    async def work() -> None:
        limiter = shared_limiter(store, rate)
        async with LedgerClient(
            "https://simulated.example",
            api_key="key",
            max_concurrency=at_once,
            transport=api,
            limiter=limiter,
        ) as ledger:
            await asyncio.gather(*(_read_parts(ledger, left) for _ in range(CHUNKS_AT_ONCE)))

    await asyncio.gather(*(work() for _ in range(workers)))
    return api


async def _read_parts(ledger: LedgerClient, left: deque[list[int]]) -> None:
    while left:
        async with ledger.nfts.stream_accounts(left.popleft(), page_size=PAGE) as stream:
            async for _ in stream.batches():
                pass
        assert {each.status for each in stream.reports.values()} == {"exact"}


def price(api: Api, sizes: Mapping[int, int], size: int) -> float:
    """Requests for each page of the accounts that hold so many NFTs."""
    asked = [api.asked[account] for account, each in sizes.items() if each == size]
    return sum(asked) / len(asked) / ceil(size / PAGE)


def used(api: Api, rate: float) -> float:
    """The part of the rate that was used, but for the first tenth of the requests and the last."""
    tenth = len(api.times) // 10
    times = api.times[tenth:-tenth]
    return len(times) / rate / (times[-1] - times[0])
