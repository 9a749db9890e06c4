"""A client before a hostile server, and what such servers say."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import transports
from leaks import connections_to, nothing_left, settle
from raw_server import Answer, Peer, RawServer, reply

from ledger_async import LedgerClient, RetryPolicy

KEY = "key-that-nobody-may-see"
SLOTS = 16
ATTEMPTS = 3
TIMEOUT = 30.0
HOUR = 3600.0
LOOPBACK = "127.0.0.1"
MIB = 2**20


def page(
    *tokens: str, value: str = "1", extra: str = "", count: int = 1, more: bool = False
) -> bytes:
    """A page of a listing; `value` as it stands in the JSON, `extra` before its edges."""
    node = '{"contract_address": "0x", "token_id": "%s", "token_type": "ERC-721", "value": %s}'
    edges = [f'{{"cursor": 0, "node": {node % (token, value)}}}' for token in tokens or ("1",)]
    info = f'{{"count": {count}, "has_next_page": {json.dumps(more)}}}'
    extra = extra and f"{extra}, "
    return f'{{{extra}"edges": [{", ".join(edges)}], "page_info": {info}}}'.encode()


def head(*headers: str, status: str = "200 OK") -> bytes:
    """The beginning of an answer that says no length."""
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, "", "")).encode()


def throttle(retry_after: str | None = None) -> bytes:
    """A refusal of the rate limit."""
    asks = () if retry_after is None else (f"Retry-After: {retry_after}",)
    return head("Content-Length: 0", *asks, status="420 Enhance Your Calm")


GOOD = reply(page())
OTHERS = reply(page("of another account"))
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ZIPPED = "Content-Encoding: gzip"


def bomb(mebibytes: int) -> bytes:
    """A gzip stream that expands to so many MiB of zeros, made of one block, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, block = (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + block * (mebibytes - 1)


def crumbs(number: int) -> bytes:
    """A good page in so many chunks of one byte."""
    body = page().ljust(number)
    return CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"


def script(answers: Sequence[Answer | bytes]) -> Answer:
    """One answer for each request in turn, and the last one for all that follow."""
    left = list(answers)

    async def play(peer: Peer) -> None:
        answer = left.pop(0) if len(left) > 1 else left[0]
        await (peer.send(answer) if isinstance(answer, bytes) else answer(peer))

    return play


def dripping(head: bytes, drop: bytes, every: float) -> Answer:
    """This, then a drop of that each so many seconds, until nobody listens."""

    async def answer(peer: Peer) -> None:
        await peer.send(head)
        while True:
            await asyncio.sleep(every)
            await peer.send(drop)

    return answer


def volunteering(answer: bytes, more: bytes) -> Answer:
    """An answer, and half a second later another one, which nobody asked for."""

    async def play(peer: Peer) -> None:
        await peer.send(answer)
        await asyncio.sleep(0.5)
        await peer.send(more)

    return play


async def fill_pool(ledger: LedgerClient, server: RawServer, connections: int) -> None:
    """Give the client so many idle connections."""
    answer, everyone = server.answer, asyncio.Barrier(connections)

    async def when_all_are_here(peer: Peer) -> None:
        await everyone.wait()
        await peer.send(GOOD)

    server.answer = GOOD
    await ledger.nfts.page(101)  # a client's first request goes alone
    server.answer = when_all_are_here
    await asyncio.gather(*(ledger.nfts.page(101) for _ in range(connections)))
    server.answer = answer


@asynccontextmanager
async def attacked(
    caplog: pytest.LogCaptureFixture, server: RawServer, *, host: str = LOOPBACK
) -> AsyncIterator[tuple[LedgerClient, list[object]]]:
    """A client of this server, and the list of `nothing_left`, checked at the end.

    The client's connections must be gone before the server closes them.
    """
    async with nothing_left(caplog, KEY) as shown, server:
        async with (
            asyncio.timeout(24 * HOUR),
            transports.client(
                server.url.replace(LOOPBACK, host),
                api_key=KEY,
                timeout=TIMEOUT,
                retry=RetryPolicy(max_attempts=ATTEMPTS, max_outage=0),
                max_concurrency=SLOTS,
                allow_plain_http=True,
            ) as ledger,
        ):
            shown += [ledger, ledger.nfts]
            yield ledger, shown
        await settle()
        assert connections_to(server.port) == 0
