"""How well the governor keeps to a rate limit, an outage and a server that fails at random.

`python benchmarks/governor.py [--only PART] [--quick]` runs a sandbox in another process, in
real time, reads streams of many accounts from it and prints a table: what was to be reached, and
what the sandbox counted. Exit code 1 says that something was not reached.

Permitted rate: the sandbox's windows last a second, each opens with the first request after the
one before, and 100 requests pass in each. So 100 for each whole second, from the end of the
first window (or of the later client's first second) until a client has finished, is the most
that could pass, and counts as 100 %. Where answers take 300 ms, clients have 64 slots, and the
first two seconds do not count.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from random import Random
from typing import Any, NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler
from table import Result, show

from ledger_async import LedgerClient, RetryPolicy
from ledger_async.sandbox import Fault, RateLimit, Sandbox

RATE = 100
IN_FRACTIONS = RateLimit(RATE, fractional=True)
IN_UNIX_SECONDS = RateLimit(RATE, reset="unix")
UNTOLD = RateLimit(RATE, headers=False)
NFTS = 150  # two pages
SPAWN = get_context("spawn")
UNAVAILABLE = "503"
CLOSED = "closed connections"


class Seen(NamedTuple):
    """One request as the sandbox saw it."""

    time: float
    status: int | None
    account_id: int | None


@dataclass(frozen=True)
class Scale:
    """How much is done."""

    accounts: int
    outage: float
    far: int


FULL = Scale(accounts=600, outage=60.0, far=20)
QUICK = Scale(accounts=160, outage=3.0, far=4)


# The sandbox's process


def sandbox_process(pipe: Connection, accounts: list[int], options: dict[str, Any]) -> None:
    """Serve, and do what is asked for through the pipe, until `None` is."""
    asyncio.run(_serve(pipe, accounts, options))


async def _serve(pipe: Connection, accounts: list[int], options: dict[str, Any]) -> None:
    async with Sandbox(dict.fromkeys(accounts, NFTS), **options) as sandbox:
        pipe.send((sandbox.url, sandbox.api_key, sandbox.api_user))
        while (command := await asyncio.to_thread(pipe.recv)) is not None:
            pipe.send(_COMMANDS[command](sandbox))


def _seen(sandbox: Sandbox) -> list[Seen]:
    return [Seen(each.time, each.status, each.account_id) for each in sandbox.requests]


def _random_500s() -> Fault:
    random, always = Random(0), Fault.status(500)  # noqa: S311 - keeps no secret

    async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
        fails = random.random() < 0.1  # noqa: PLR2004 - the benchmark's own number
        return await (always.play(request, handler) if fails else handler(request))

    return Fault("random 500s", play)


def _now(_: Sandbox) -> float:
    return asyncio.get_running_loop().time()


def _fail(fault: Fault, sandbox: Sandbox) -> float:
    sandbox.fail(fault, times=math.inf)
    return _now(sandbox)


def _heal(sandbox: Sandbox) -> float:
    sandbox.heal()
    return _now(sandbox)


_COMMANDS: dict[str, Callable[[Sandbox], object]] = {
    "seen": _seen,
    "heal": _heal,
    "500s": partial(_fail, _random_500s()),
    UNAVAILABLE: partial(_fail, Fault.status(503)),
    CLOSED: partial(_fail, Fault.drop()),
}


class Remote:
    """A sandbox in another process; times are those of its clock."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.access: tuple[str, str, str] = pipe.recv()

    async def do(self, command: str) -> Any:
        """Have one of the commands carried out, and return what it returns."""
        self._pipe.send(command)
        return await asyncio.to_thread(self._pipe.recv)


@asynccontextmanager
async def sandbox(accounts: Iterable[int], **options: Any) -> AsyncIterator[Remote]:
    """A sandbox with these accounts for the block."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=sandbox_process, args=(theirs, list(accounts), options))
    process.start()
    try:
        yield await asyncio.to_thread(Remote, ours)
    finally:
        ours.send(None)
        await asyncio.to_thread(process.join)


# The clients


async def read(
    access: tuple[str, str, str], accounts: Iterable[int], *, max_attempts: int = 5, slots: int = 16
) -> int:
    """Read all NFTs of these accounts; the number of those that came."""
    url, key, user = access
    retry = RetryPolicy(max_attempts=max_attempts)
    async with LedgerClient(
        url, api_key=key, api_user=user, retry=retry, max_concurrency=slots
    ) as ledger:
        nodes = 0  # which are not kept: collecting that garbage would stop the clock
        async for _ in ledger.nfts.stream_accounts(accounts):
            nodes += 1
        return nodes


def client_process(access: tuple[str, str, str], accounts: list[int]) -> None:
    """Read in a process of its own."""
    asyncio.run(read(access, accounts))


def far_client_process(access: tuple[str, str, str], accounts: list[int], seconds: float) -> None:
    """Read for so many seconds, with many slots, in a process of its own."""

    async def main() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await read(access, accounts, slots=64)

    asyncio.run(main())


# The parts


async def alone(scale: Scale) -> list[Result]:
    """One client at the rate limit."""
    ids = range(1000, 1000 + scale.accounts)
    async with sandbox(ids, rate_limit=RATE) as remote:
        await read(remote.access, ids)
        seen: list[Seen] = await remote.do("seen")
    return rate("alone", seen, seen[0].time + 1, seen[-1].time, least=97, most=1)


async def shared(scale: Scale) -> list[Result]:
    """Two clients in two processes with one key."""
    ids = [range(first, first + scale.accounts) for first in (1000, 2000)]
    async with sandbox([*ids[0], *ids[1]], rate_limit=RATE) as remote:
        clients = [
            SPAWN.Process(target=client_process, args=(remote.access, list(each))) for each in ids
        ]
        for client in clients:
            client.start()
        for client in clients:
            await asyncio.to_thread(client.join)
        seen: list[Seen] = await remote.do("seen")
    times = [[each.time for each in seen if each.account_id in own] for own in ids]
    start, end = max(own[0] for own in times), min(own[-1] for own in times)
    return rate("two processes", seen, start + 1, end, least=95, most=3)


async def far(
    scale: Scale,
    how: str,
    limit: RateLimit,
    *,
    least: float = 0,
    most: float = 100,
    clients: int = 1,
) -> list[Result]:
    """Clients to whom an answer takes 300 ms."""
    ids = range(10_000, 10_000 + clients * RATE * scale.far)  # more than can be read meanwhile
    async with sandbox(ids, rate_limit=limit, latency=0.3) as remote:
        readers = [
            SPAWN.Process(
                target=far_client_process,
                args=(remote.access, list(ids[number::clients]), scale.far + 3),
            )
            for number in range(clients)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            await asyncio.to_thread(reader.join)
        seen: list[Seen] = await remote.do("seen")
    start = seen[0].time + 2
    return rate(f"300 ms, {how}", seen, start, start + scale.far, least=least, most=most)


def rate(
    who: str, seen: list[Seen], start: float, end: float, *, least: float, most: float
) -> list[Result]:
    """What passed of what was permitted in the whole seconds between, and what was refused."""
    seconds = math.floor(end - start)
    between = [each for each in seen if start <= each.time < start + seconds]
    refused = sum(each.status == 420 for each in between)  # noqa: PLR2004 - HTTP's number here
    used = 100 * (len(between) - refused) / (RATE * seconds)
    refusals = 100 * refused / len(between)
    at_least = f">= {least} %" if least else ""
    at_most = f"<= {most} %" if least else ""
    return [
        Result(f"{who}: permitted rate", at_least, f"{used:.1f} %", used >= least),
        Result(f"{who}: refusals", at_most, f"{refusals:.2f} %", refusals <= most),
    ]


async def outage(scale: Scale, kind: str) -> list[Result]:
    """A server that is gone for a while."""
    ids = range(1000, 1000 + scale.accounts)
    async with sandbox(ids, latency=0.05) as remote:
        reading = asyncio.create_task(read(remote.access, ids))
        await asyncio.sleep(0.5)
        start: float = await remote.do(kind)
        await asyncio.sleep(scale.outage)
        end: float = await remote.do("heal")
        nodes = await reading
        seen: list[Seen] = await remote.do("seen")
    asked = sum(start <= each.time < end for each in seen)
    missing = NFTS * scale.accounts - nodes
    name = f"{scale.outage:.0f} s of {kind}"
    return [
        Result(f"{name}: requests meanwhile", "<= 100", f"{asked}", asked <= 100),  # noqa: PLR2004
        Result(f"{name}: NFTs missing", "0", f"{missing}", not missing),
        Result(f"{name}: over after", "", f"{seen[-1].time - end:.1f} s", reached=True),
    ]


async def errors(scale: Scale) -> list[Result]:
    """A server that fails at random."""
    ids = range(1000, 1000 + scale.accounts)
    async with sandbox(ids, latency=0.01) as remote:
        await remote.do("500s")
        # Of 1,200 pages one fails five times in a row in every eightieth run.
        await read(remote.access, ids, max_attempts=8)
        seen: list[Seen] = await remote.do("seen")
    ratio = len(seen) / sum(each.status == 200 for each in seen)  # noqa: PLR2004
    return [Result("10 % of 500s: requests a page", "<= 1.15", f"{ratio:.3f}", ratio <= 1.15)]  # noqa: PLR2004


PARTS: dict[str, list[Callable[[Scale], Awaitable[list[Result]]]]] = {
    "alone": [alone],
    "shared": [shared],
    "outage": [partial(outage, kind=UNAVAILABLE), partial(outage, kind=CLOSED)],
    "errors": [errors],
    "far": [
        partial(far, how="fractions of seconds", limit=IN_FRACTIONS, least=95, most=1),
        partial(far, how="whole Unix seconds", limit=IN_UNIX_SECONDS, least=92, most=1),
        partial(far, how="no headers", limit=UNTOLD, least=85, most=3),
        partial(far, how="no headers, four processes", limit=UNTOLD, clients=4),
    ],
}


async def measure(parts: Iterable[str], scale: Scale) -> AsyncIterator[Result]:
    """The results of these parts."""
    for part in parts:
        for run in PARTS[part]:
            for result in await run(scale):
                yield result


def main() -> int:
    """Read the command line and run what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=PARTS, help="run this part only")
    parser.add_argument("--quick", action="store_true", help="less of everything")
    options = parser.parse_args()
    parts = [options.only] if options.only else list(PARTS)
    return 0 if asyncio.run(show(measure(parts, QUICK if options.quick else FULL))) else 1


if __name__ == "__main__":
    sys.exit(main())
