"""A server that is never the bottleneck: prepared answers over a bare protocol.

`python benchmarks/load_server.py` reads a line of JSON from its standard input, such as
`{"sizes": {"101": 2000}}`, serves the NFTs of these accounts in a process of its own, prints its
port, and ends with its standard input. Every answer has the headers of a rate limit, as those of
the API do, and a node takes some 2 KB, as one that has all fields of the contract does.
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
_IMAGE = "ipfs://QmYDvPAXtiJg7s8JdRBSLWdgSphQdac8j1YuQNNxcGE1hg"
_TRAITS = {
    "Background": "Midnight",
    "Body": "Silver",
    "Clothing": "Leather Jacket",
    "Eyes": "Wide",
    "Fur": "Golden Brown",
    "Hat": "Crown",
    "Mouth": "Bored Unshaven",
    "Season": "The First One",
}

# The token id is what tells nodes apart.
_NODE = msgspec.json.encode(
    {
        "contract_address": _ADDRESS,
        "token_id": "TOKEN",
        "token_type": "ERC1155",
        "value": 3,
        "metadata": {
            "tokenName": "Moon Foxes",
            "tokenId": "TOKEN",
            "nftName": "Moon Fox of the Northern Lights",
            "description": "Moon Foxes dance when nobody looks. " * 9,
            "media": f"{_IMAGE}/TOKEN.png",
            "medias": {
                size: {"uri": f"{_IMAGE}/{size}/TOKEN.png", "mediaType": "image/png"}
                for size in ("preview", "big", "original")
            },
            "properties": [{"key": key, "value": value} for key, value in _TRAITS.items()],
            "links": {
                "marketplace": f"https://market.example/assets/{_ADDRESS}/TOKEN",
                "explorer": f"https://explorer.example/token/{_ADDRESS}?a=TOKEN",
            },
            "staxImage": None,
        },
        "price": {"ticker": "ETH", "value": 5.404169257946350567},
        "tx_balance": {"available": 3, "on_chain": 3, "pending_approval": 0, "submitted": 0},
    }
)


WARM_UP = {0: 10}
"""An account that is always there, and how many NFTs it holds."""


class Load(msgspec.Struct, frozen=True):
    """What is served, and how fast; answers of so many nodes a page are prepared beforehand.

    `others` is the number of NFTs of each account that `sizes` does not name. `latency` is in
    seconds; requests beyond `rate` in a second get 420. Once `insert_after` pages were answered,
    every listing has one NFT more at its head.
    """

    sizes: dict[int, int]
    others: int = 0
    page_size: int = 0
    latency: float = 0.0
    rate: int = 1_000_000
    insert_after: int | None = None


def token_id(account_id: int, index: int) -> str:
    """The token id of an account's NFT, newest first; it does not fit 64 bits."""
    return str(10**70 + account_id * 10**10 + index)


@lru_cache(maxsize=20_000)
def body(count: int, account_id: int, page: int, size: int, inserted: int = 0) -> bytes:
    """A page of an account that held so many NFTs before others came, as the API answers it."""
    size = size if 0 < size <= _LARGEST else _LARGEST
    start = (page - 1) * size - inserted
    stop = min(start + size, count)
    edges = b",".join(
        b'{"cursor":%d,"node":%s}'
        % (index - start, _NODE.replace(b"TOKEN", token_id(account_id, index).encode()))
        for index in range(start, stop)
    )
    more = b"true" if stop < count else b"false"
    listed = (edges, count + inserted, more)
    return b'{"edges":[%s],"page_info":{"count":%d,"has_next_page":%s}}' % listed


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


class Listings:
    """The answers to requests, and the limit that all of them share."""

    def __init__(self, load: Load, now: Callable[[], float]) -> None:
        self._load = load
        self._sizes = load.sizes | WARM_UP
        self._window = Window(load.rate)
        self._now = now
        self._body = body if load.page_size else body.__wrapped__  # or all would be kept
        self._answered = 0

    def answer(self, request: bytes) -> bytes:
        """What is sent back."""
        asked = _REQUEST.match(request)
        if asked is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        passes, headers = self._window.admit(self._now())
        if not passes:
            return b"HTTP/1.1 420 Enhance Your Calm\r\n%sContent-Length: 0\r\n\r\n" % headers
        page = self._page(*map(int, asked.groups()))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
        return head % (headers, len(page)) + page

    def _page(self, account_id: int, number: int, size: int) -> bytes:
        self._answered += 1
        after = self._load.insert_after
        inserted = int(after is not None and self._answered > after)
        count = self._sizes.get(account_id, self._load.others)
        return self._body(count, account_id, number, size, inserted)


class Answering(asyncio.Protocol):
    """One connection: an answer for each request, in order."""

    def __init__(self, listings: Listings, latency: float, random: Random) -> None:
        self._listings = listings
        self._latency = latency
        self._random = random
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._unread += data
        while _END in self._unread:
            request, _, self._unread = self._unread.partition(_END)
            answer = self._listings.answer(request)
            if self._latency:
                wait = self._latency * self._random.uniform(0.9, 1.1) - _ROUNDING
                asyncio.get_running_loop().call_later(wait, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def serve(load: Load) -> None:
    """Serve until standard input ends."""
    for account_id, size in load.sizes.items() if load.page_size else ():
        for number in range(1, -(-size // load.page_size) + 1):
            body(size, account_id, number, load.page_size)
    loop = asyncio.get_running_loop()
    listings = Listings(load, loop.time)
    random = Random(0)  # noqa: S311 - keeps no secret
    server = await loop.create_server(
        lambda: Answering(listings, load.latency, random), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(msgspec.json.decode(sys.stdin.readline(), type=Load)))
