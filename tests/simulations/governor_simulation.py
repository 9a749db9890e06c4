"""A server without sockets and clients in front of it, on a clock that jumps: hours in no time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from virtual_time import VirtualTimeLoop

from ledger_async._auth.schemes import LamAuth
from ledger_async._caller import Caller
from ledger_async._config import CallOptions
from ledger_async._governor.gate import Gate
from ledger_async._governor.retry import RetryPolicy
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async.errors import LedgerError, TransportError
from ledger_async.sandbox import RateLimit
from ledger_async.sandbox._http.clock import Clock, http_date
from ledger_async.sandbox._http.limit import Window

T = TypeVar("T")

NEW_YEAR = 1767225600.0  # of 2026, in Unix time

OK = Response(200, {}, b"{}")
UNAVAILABLE = Response(503, {}, b"")

# What a server does instead of answering well; `None` lets it answer well.
Trouble = Callable[[Request, float], Response | LedgerError | None]


def simulate(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` on a loop whose waits take no time."""
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(patient=False)) as runner:
        random.seed(0)  # the jitter is the same in each run
        return runner.run(main)


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Server:
    """Answers after about `latency` seconds, keeps a rate limit, and counts what it is asked.

    What it lets pass it then works on for `work` seconds, and stamps its answer after that.
    `headers` has the last word on what its answers say. `asked` are the times of all requests,
    `refused` of those over the limit, `served` the paths of those answered well.
    """

    limit: RateLimit | None = None
    latency: float = 0.01
    work: float = 0.0
    trouble: Trouble = lambda _request, _now: None
    headers: Callable[[dict[str, str]], Mapping[str, str]] = dict
    seed: int = 0
    asked: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    served: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._clock = Clock()
        self._clock._epoch = NEW_YEAR + self._random.random()
        self._window = Window(self.limit, self._clock) if self.limit else None

    def client(self, permits: int = 16, **policy: Any) -> Caller:
        """A client of its own, as another process would have it."""
        settled = RetryPolicy(**policy)
        gate = Gate(permits, max_wait=settled.max_wait, probe_first=True)
        options = CallOptions(retry=settled, timeout=30)
        return Caller(_Wire(self), LamAuth("user", "key"), gate, options)

    async def answer(self, request: Request) -> Response:
        await asyncio.sleep(self.latency * self._random.uniform(0.2, 0.8))
        answer = self._answer(request)
        if answer is OK:
            await asyncio.sleep(self.work)
        answer = self._stamped(answer)
        await asyncio.sleep(self.latency * self._random.uniform(0.2, 0.8))
        if isinstance(answer, LedgerError):
            raise answer
        return answer

    def _answer(self, request: Request) -> Response | LedgerError:
        self.asked.append(now())
        if self._window and not self._window.admit():
            self.refused.append(now())
            return Response(420, self._window.retry_after(), b"")
        trouble = self.trouble(request, now())
        if trouble is None:
            self.served.append(request.path)
        return trouble or OK

    def _stamped(self, answer: Response | LedgerError) -> Response | LedgerError:
        if isinstance(answer, LedgerError):
            return answer
        stamps = {"Date": http_date(self._clock.unix(now()))}
        if self._window:
            stamps |= self._window.headers()
        headers = self.headers({**stamps, **answer.headers})
        return Response(answer.status, headers, answer.body)

    def use(self, start: float, end: float) -> tuple[float, float]:
        """How much of what was permitted was used, and of all was refused, in per cent."""
        assert self.limit is not None
        asked = sum(start <= time < end for time in self.asked)
        refused = sum(start <= time < end for time in self.refused)
        permitted = self.limit.requests / self.limit.seconds * (end - start)
        return 100 * (asked - refused) / permitted, 100 * refused / max(1, asked)


class _Wire:
    """A transport that ends at a simulated server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, request: Request, headers: Headers) -> Response:
        return await self._server.answer(request)

    async def close(self) -> None:
        """Nothing is open."""


async def crawl(api: Caller, paths: list[str], *, workers: int = 16) -> dict[str, LedgerError]:
    """Ask for all of these, by as many workers as a stream has; the errors by path."""
    errors: dict[str, LedgerError] = {}
    left = iter(paths)

    async def work() -> None:
        for path in left:
            try:
                await api.call(Request(path=path), bytes)
            except LedgerError as error:
                errors[path] = error

    await asyncio.gather(*(work() for _ in range(workers)))
    return errors


async def spend(server: Server, *, clients: int, slots: int, end: float) -> None:
    """Let so many clients ask as fast as they may."""
    crawls = []
    for _ in range(clients):
        work = crawl(server.client(slots), pages(100_000), workers=slots)
        crawls.append(asyncio.create_task(work))
        await asyncio.sleep(0.13)
    await asyncio.sleep(end - now())
    for each in crawls:
        each.cancel()
    await asyncio.gather(*crawls, return_exceptions=True)


def pages(n: int, prefix: str = "/pages") -> list[str]:
    return [f"{prefix}/{number}" for number in range(n)]


def during(start: float, end: float, what: Callable[[], Response | LedgerError]) -> Trouble:
    """Trouble from `start` to `end`."""
    return lambda _request, at: what() if start <= at < end else None


def refused_connection() -> TransportError:
    error = TransportError("the connection failed: refused")
    error.sent = False
    return error
