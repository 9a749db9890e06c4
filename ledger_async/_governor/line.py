"""Who waits at the gate, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

BULK_SHARE = 4
"""One permit of so many is for bulk requests, where interactive ones wait as well."""


class Waiter(NamedTuple):
    """A request that waits: for whom, until when, and for how long of a pause at most."""

    permit: asyncio.Future[int]
    interactive: bool
    deadline: float
    max_wait: float


class Line:
    """Two queues: interactive requests pass those of streams, which keep their share all the same.

    In both, whoever came first goes first.
    """

    def __init__(self) -> None:
        self._interactive: deque[Waiter] = deque()
        self._bulk: deque[Waiter] = deque()
        # How many in a row have passed those of the bulk that wait.
        self._passing = 0

    def __len__(self) -> int:
        return len(self._interactive) + len(self._bulk)

    def __iter__(self) -> Iterator[Waiter]:
        return chain(self._interactive, self._bulk)

    def join(self, waiter: Waiter) -> None:
        """Stand at the end of the queue of one's kind."""
        self._queue_of(waiter).append(waiter)

    def leave(self, waiter: Waiter) -> None:
        """Wait no more; who has left already may leave again."""
        queue = self._queue_of(waiter)
        if waiter in queue:
            queue.remove(waiter)

    def keep(self, waiters: Iterable[Waiter]) -> None:
        """Let these alone stay, in their order."""
        self._interactive.clear()
        self._bulk.clear()
        for waiter in waiters:
            self.join(waiter)

    def pop(self) -> Waiter:
        """Take out whoever is next, of those that there must be."""
        bulk_is_due = not self._interactive or self._passing >= BULK_SHARE - 1
        if self._bulk and bulk_is_due:
            self._passing = 0
            return self._bulk.popleft()
        self._passing = self._passing + 1 if self._bulk else 0
        return self._interactive.popleft()

    def _queue_of(self, waiter: Waiter) -> deque[Waiter]:
        return self._interactive if waiter.interactive else self._bulk
