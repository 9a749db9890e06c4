"""What every peer is given to do, and what it has to show for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec


class Work(msgspec.Struct, frozen=True):
    """All NFTs of these accounts, in pages of so many, with so many requests at once.

    `pause` is the seconds that the consumer takes for a page.
    """

    url: str
    sizes: dict[int, int]
    page_size: int = 100
    slots: int = 16
    pause: float = 0.0

    def pages(self) -> list[tuple[int, int]]:
        """Every page there is: account and number."""
        return [
            (account_id, number)
            for account_id, size in self.sizes.items()
            for number in range(1, -(-size // self.page_size) + 1)
        ]

    def path(self, account_id: int) -> str:
        """Where an account's NFTs are listed."""
        return f"{self.url}/accounts/{account_id}/nfts"

    @property
    def origin(self) -> tuple[str, int]:
        """Host and port of the server."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def request(self, account_id: int, number: int) -> bytes:
        """The bytes that ask for a page, for those who speak HTTP themselves."""
        target = f"/accounts/{account_id}/nfts?page={number}&page_size={self.page_size}"
        return f"GET {target} HTTP/1.1\r\nHost: ledger\r\n\r\n".encode()


def token_id(node: Any) -> str:
    """What tells two nodes of an account apart."""
    return str(node["token_id"] if isinstance(node, dict) else node.token_id)


class Tally:
    """A consumer: it looks at every node, and at the clock now and then.

    With `check` it remembers all of them, by what tells two nodes of an account apart.
    """

    def __init__(self, pause: float = 0.0, *, check: bool = False) -> None:
        self.nodes = 0
        self.first = 0.0
        self.last: dict[int | None, float] = {}
        self.seen: list[tuple[int | None, str]] = []
        self.pause = pause
        self.check = check
        self._free = asyncio.Lock()

    async def take(self, account_id: int | None, nodes: Sequence[Any]) -> None:
        """A page of an account."""
        self.note(account_id)
        for _ in nodes:
            self.nodes += 1
        if self.check:
            self.seen += [(account_id, token_id(node)) for node in nodes]
        if self.pause:
            async with self._free:  # there is one consumer, whatever the number of tasks
                await asyncio.sleep(self.pause)

    def note(self, account_id: int | None) -> None:
        """Nodes of an account are there now."""
        now = time.perf_counter()
        self.first = self.first or now
        self.last[account_id] = now
