"""A server that is never the bottleneck: prepared answers over a bare protocol.

`python benchmarks/load_server.py '{"sizes": {"101": 2000}}'` serves the NFTs of these accounts in
a process of its own, prints its port, and ends with its standard input. `latency` is in seconds;
`rate` is the number of requests that pass in a second, the others get 420.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import cast

import msgspec

_REQUEST = re.compile(rb"GET /accounts/(\d+)/nfts\?page=(\d+)&page_size=(-?\d+) ")
_LARGEST = 100  # nodes to a page
_END = b"\r\n\r\n"

# Selectors wait whole milliseconds, rounded up: that makes half of one on average.
_ROUNDING = 0.0005

_ADDRESS = "0x" + "5a" * 20
_IMAGE = f"https://nft.example/{_ADDRESS}/5c3426a3d1ad"

# As long as those of the sandbox; the token id is what tells them apart.
_NODE = msgspec.json.encode(
    {
        "contract_address": _ADDRESS,
        "token_id": "TOKEN",
        "token_type": "ERC1155",
        "value": 3,
        "metadata": {
            "tokenName": "Moon Foxes",
            "tokenId": "TOKEN",
            "nftName": None,
            "description": "Moon Foxes, one of the Moon Foxes.",
            "media": f"{_IMAGE}.png",
            "medias": {
                size: {"uri": f"{_IMAGE}-{size}.png", "mediaType": "image/png"}
                for size in ("preview", "big", "original")
            },
            "properties": [
                {"key": "Background", "value": "Midnight"},
                {"key": "Eyes", "value": "Wide"},
                {"key": "Hat", "value": "Crown"},
            ],
            "links": {"marketplace": "https://market.example/TOKEN", "explorer": None},
            "staxImage": None,
        },
        "price": {"ticker": "ETH", "value": 5.404169257946350567},
        "tx_balance": {"available": 3, "on_chain": 3, "pending_approval": 0, "submitted": 0},
    }
)


WARM_UP = {0: 10}
"""An account that is always there, and how many NFTs it holds."""


class Load(msgspec.Struct, frozen=True):
    """What is served, and how fast; answers of so many nodes a page are prepared beforehand."""

    sizes: dict[int, int]
    page_size: int = 0
    latency: float = 0.0
    rate: int | None = None


def token_id(account_id: int, index: int) -> str:
    """The token id of an account's NFT, newest first; it does not fit 64 bits."""
    return str(10**70 + account_id * 10**10 + index)


@lru_cache(maxsize=20_000)
def body(count: int, account_id: int, page: int, size: int) -> bytes:
    """A page of an account that holds so many NFTs, as the API answers it."""
    size = size if 0 < size <= _LARGEST else _LARGEST
    start, stop = (page - 1) * size, min(page * size, count)
    edges = b",".join(
        b'{"cursor":%d,"node":%s}'
        % (index - start, _NODE.replace(b"TOKEN", token_id(account_id, index).encode()))
        for index in range(start, stop)
    )
    more = b"true" if stop < count else b"false"
    return b'{"edges":[%s],"page_info":{"count":%d,"has_next_page":%s}}' % (edges, count, more)


class Window:
    """Counts the requests of each second, and says which are too many."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._opened = float("-inf")
        self._left = 0

    def admit(self, now: float) -> tuple[bool, bytes]:
        """Whether one more passes, and the headers that say how many may follow."""
        if now - self._opened >= 1:
            self._opened, self._left = now, self._rate
        passes = self._left > 0
        self._left -= passes
        reset = 1 - (now - self._opened)
        headers = (
            b"X-RateLimit-Limit: %d\r\nX-RateLimit-Remaining: %d\r\nX-RateLimit-Reset: %.3f\r\n"
        )
        return passes, headers % (self._rate, self._left, reset)


class Answering(asyncio.Protocol):
    """One connection: an answer for each request, in order."""

    def __init__(
        self, load: Load, window: Window | None, now: Callable[[], float], random: Random
    ) -> None:
        self._load, self._window, self._now = load, window, now
        self._sizes = load.sizes | WARM_UP
        self._unread = b""
        self._random = random

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._unread += data
        while _END in self._unread:
            request, _, self._unread = self._unread.partition(_END)
            answer = self._answer(request)
            if self._load.latency:
                wait = self._load.latency * self._random.uniform(0.9, 1.1) - _ROUNDING
                asyncio.get_running_loop().call_later(wait, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _answer(self, request: bytes) -> bytes:
        asked = _REQUEST.match(request)
        if asked is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        passes, headers = self._window.admit(self._now()) if self._window else (True, b"")
        if not passes:
            return b"HTTP/1.1 420 Enhance Your Calm\r\n%sContent-Length: 0\r\n\r\n" % headers
        account_id, number, size = map(int, asked.groups())
        page = body(self._sizes[account_id], account_id, number, size)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
        return head % (headers, len(page)) + page


async def serve(load: Load) -> None:
    """Serve until standard input ends."""
    for account_id, size in load.sizes.items() if load.page_size else ():
        for number in range(1, -(-size // load.page_size) + 1):
            body(size, account_id, number, load.page_size)
    loop = asyncio.get_running_loop()
    window = Window(load.rate) if load.rate else None
    random = Random(0)  # noqa: S311 - keeps no secret
    server = await loop.create_server(
        lambda: Answering(load, window, loop.time, random), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(msgspec.json.decode(sys.argv[1], type=Load)))
