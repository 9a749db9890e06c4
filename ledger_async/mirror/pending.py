"""Parts on their way from the stream to the store, as many as memory is to hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import groupby

from .store import Part

LIMIT = 4000
"""Rows that may wait: more, and the fetching waits instead."""


class Pending:
    """Lets the store take at once whatever has come while it was busy with what came before."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._rows = 0
        self._closed = False
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()

    async def put(self, part: Part) -> None:
        """Add a part, once there is room."""
        while self._rows >= LIMIT:
            self._taken.clear()
            await self._taken.wait()
        self._parts.append(part)
        self._rows += len(part)
        self._arrived.set()

    def close(self) -> None:
        """No more parts will come."""
        self._closed = True
        self._arrived.set()

    async def take(self) -> list[Part]:
        """All parts that wait, of which there is one at least; none once it is closed."""
        while not (self._parts or self._closed):
            self._arrived.clear()
            await self._arrived.wait()
        parts, self._parts, self._rows = self._parts, [], 0
        self._taken.set()
        return merged(parts)


def merged(parts: Iterable[Part]) -> list[Part]:
    """The same, but of each account that ends here, one part with all of its rows."""
    by_account = sorted(parts, key=_account)
    together = (list(group) for _, group in groupby(by_account, _account))
    return [part for group in together for part in (_joined(group) if group[-1].end else group)]


def _account(part: Part) -> int:
    return -1 if part.account_id is None else part.account_id


def _joined(group: list[Part]) -> list[Part]:
    first, *others = group
    for part in others:
        for cells, more in zip(first.cells, part.cells, strict=True):
            cells.extend(more)
    return [Part(first.account_id, first.cells, end=group[-1].end)]
