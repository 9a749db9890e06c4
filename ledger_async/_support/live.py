"""The calls and streams of a client that are under way, and an end to new ones."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from ledger_async.errors import StreamClosedError

S = TypeVar("S")


class Live(Generic[S]):
    """Counts calls and keeps streams while they last; once it is draining, none begins."""

    def __init__(self) -> None:
        self.streams: set[S] = set()
        self._calls = 0
        self._is_draining = False
        self._over = asyncio.Event()

    def begin_call(self) -> None:
        """A call begins; `end_call` says when it is over."""
        self._refuse()
        self._calls += 1

    def end_call(self) -> None:
        self._calls -= 1
        self._look()

    def begin(self, stream: S) -> None:
        """A stream begins; `end` says when nothing of it is fetched any more."""
        self._refuse()
        self.streams.add(stream)

    def end(self, stream: S) -> None:
        self.streams.discard(stream)
        self._look()

    async def drain(self) -> None:
        """Refuse what is new from now on, and return once all that began before is over."""
        self._is_draining = True
        self._look()
        await self._over.wait()

    def _refuse(self) -> None:
        if self._is_draining:
            raise StreamClosedError("the client is draining: it begins no call and no stream")

    def _look(self) -> None:
        if self._is_draining and not (self._calls or self.streams):
            self._over.set()
