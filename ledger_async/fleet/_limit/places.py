"""A few places for many who come: those in a hurry go first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Places:
    """Lets `most` be inside at once; the others stand in line."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0
        self._interactive: deque[asyncio.Future[None]] = deque()
        self._bulk: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def one(self, *, interactive: bool) -> AsyncIterator[None]:
        """Wait for a place, and keep it for the block."""
        await self._enter(self._interactive if interactive else self._bulk)
        try:
            yield
        finally:
            self._taken -= 1
            self._let_in()

    async def _enter(self, queue: deque[asyncio.Future[None]]) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with suppress(ValueError):  # passed over already
                    queue.remove(turn)
            else:  # it came in the moment of the cancellation: the next may have it
                self._taken -= 1
                self._let_in()
            raise

    def _let_in(self) -> None:
        while self._taken < self.most and (queue := self._interactive or self._bulk):
            turn = queue.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
