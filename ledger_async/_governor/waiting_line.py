"""Those who wait at the gate, and whose turn it is."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable

from .waiter import MakeError, Permit, Waiter

Queue = OrderedDict[asyncio.Future[Permit], Waiter]

BULK_SHARE = 4
"""One permit in so many is for bulk requests, where interactive ones wait as well."""


class WaitingLine:
    """Two queues: interactive requests pass those in bulk, which keep a share all the same.

    In each queue, whoever came first goes first.
    """

    def __init__(self) -> None:
        self._interactive: Queue = OrderedDict()
        self._bulk: Queue = OrderedDict()
        # Those in a row that have passed somebody in the other queue.
        self._passing = 0
        # Of all who wait; or sooner and less, since some have left.
        self._earliest_deadline = self._least_max_wait = math.inf
        self._all_sit_outages_out = True

    def __len__(self) -> int:
        return len(self._interactive) + len(self._bulk)

    def __bool__(self) -> bool:
        return bool(self._interactive or self._bulk)

    @property
    def has_interactive(self) -> bool:
        """True if an interactive request waits."""
        return bool(self._interactive)

    def join(self, waiter: Waiter) -> None:
        """Stand at the end of the queue of one's kind."""
        self._queue_of(waiter)[waiter.permit] = waiter
        self._earliest_deadline = min(self._earliest_deadline, waiter.deadline)
        self._least_max_wait = min(self._least_max_wait, waiter.max_wait)
        self._all_sit_outages_out &= waiter.sits_outages_out

    def leave(self, waiter: Waiter) -> None:
        """Stand in the line no more; who has left already may leave again."""
        self._queue_of(waiter).pop(waiter.permit, None)

    def next(self) -> Waiter:
        """Take out whose turn it is."""
        bulk_is_due = not self._interactive or self._passing >= BULK_SHARE - 1
        if self._bulk and bulk_is_due:
            self._passing = 0
            return self._bulk.popitem(last=False)[1]
        self._passing = self._passing + 1 if self._bulk else 0
        return self._interactive.popitem(last=False)[1]

    def all_may_wait(self, *, until: float, held: float, in_outage: bool = False) -> bool:
        """True if nobody minds to wait until then, and to be held for so many seconds."""
        if in_outage and not self._all_sit_outages_out:
            return False
        return until <= self._earliest_deadline and held <= self._least_max_wait

    def refuse_all(self, error: MakeError) -> None:
        """Turn away everyone with this error."""
        self.turn_away(lambda _: error)

    def turn_away(self, refusal_of: Callable[[Waiter], MakeError | None]) -> None:
        """Refuse those for whom `refusal_of` has an error; the others stay, in their order."""
        waiting = [*self._interactive.values(), *self._bulk.values()]
        self._interactive.clear()
        self._bulk.clear()
        self._earliest_deadline = self._least_max_wait = math.inf
        self._all_sit_outages_out = True
        for waiter in waiting:
            if (error := refusal_of(waiter)) is None:
                self.join(waiter)
            else:
                waiter.refuse(error)

    def _queue_of(self, waiter: Waiter) -> Queue:
        return self._interactive if waiter.interactive else self._bulk
