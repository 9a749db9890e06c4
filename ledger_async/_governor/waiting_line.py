"""Those who wait at the gate, and whose turn it is."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from .barrier import MakeError

Permit = int
"""How often the gate had closed when the permit was given: a result is news only while it is so."""

BULK_SHARE = 4
"""One permit in so many is for bulk requests, where interactive ones wait as well."""


class Waiter(NamedTuple):
    """A request that waits: its permit to be, and how long it may be held."""

    permit: asyncio.Future[Permit]
    interactive: bool
    deadline: float
    max_wait: float

    def refuse(self, error: MakeError) -> None:
        """End the wait with this error, unless it has ended."""
        if not self.permit.done():
            self.permit.set_exception(error())


class WaitingLine:
    """Two queues: interactive requests pass those in bulk, which keep a share all the same.

    In each queue, whoever came first goes first.
    """

    def __init__(self) -> None:
        self._interactive: deque[Waiter] = deque()
        self._bulk: deque[Waiter] = deque()
        # Those in a row that have passed somebody in the other queue.
        self._passing = 0
        # Of all who wait; or sooner and less, since some have left.
        self._earliest_deadline = self._least_max_wait = math.inf

    def __len__(self) -> int:
        return len(self._interactive) + len(self._bulk)

    def __bool__(self) -> bool:
        return bool(self._interactive or self._bulk)

    def join(self, waiter: Waiter) -> None:
        """Stand at the end of the queue of one's kind."""
        self._queue_of(waiter).append(waiter)
        self._earliest_deadline = min(self._earliest_deadline, waiter.deadline)
        self._least_max_wait = min(self._least_max_wait, waiter.max_wait)

    def leave(self, waiter: Waiter) -> None:
        """Stand in the line no more; who has left already may leave again."""
        with suppress(ValueError):
            self._queue_of(waiter).remove(waiter)

    def next(self) -> Waiter:
        """Take out whose turn it is."""
        bulk_is_due = not self._interactive or self._passing >= BULK_SHARE - 1
        if self._bulk and bulk_is_due:
            self._passing = 0
            return self._bulk.popleft()
        self._passing = self._passing + 1 if self._bulk else 0
        return self._interactive.popleft()

    def all_may_wait(self, *, until: float, held: float) -> bool:
        """True if nobody minds to wait until then, and to be held for so many seconds."""
        return until <= self._earliest_deadline and held <= self._least_max_wait

    def turn_away(self, refusal_of: Callable[[Waiter], MakeError | None]) -> None:
        """Refuse those for whom `refusal_of` has an error; the others stay, in their order."""
        waiting = [*self._interactive, *self._bulk]
        self._interactive.clear()
        self._bulk.clear()
        self._earliest_deadline = self._least_max_wait = math.inf
        for waiter in waiting:
            if (error := refusal_of(waiter)) is None:
                self.join(waiter)
            else:
                waiter.refuse(error)

    def _queue_of(self, waiter: Waiter) -> deque[Waiter]:
        return self._interactive if waiter.interactive else self._bulk
