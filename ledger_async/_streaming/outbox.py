"""Pages that wait for the consumer of a stream, and the consumer that waits for a page."""

from __future__ import annotations

import asyncio
import math
import weakref
from collections import deque
from collections.abc import Generator, Iterable
from types import coroutine
from typing import Generic, TypeVar

import msgspec

from ledger_async._exactness.checkpoints import Checkpoint
from ledger_async._support.observer import Watch
from ledger_async.events import AccountDone, AccountReport, Status

from .progress import Progress

N = TypeVar("N")

# Seconds for a page that make a consumer slow: pages that waited for it would hold up requests.
_SLOW = 0.0005


class Delivery(msgspec.Struct, Generic[N], frozen=True):
    """A page of new nodes of one account; the account's last delivery has no nodes.

    The last one says what the walk has proven, unless the account failed; `checkpoint` is what is
    proven with a page. `places` are those of
    the window that the delivery holds until the consumer is through with it: one, or none of a
    last delivery that follows right behind the nodes it was put here with.
    """

    account_id: int | None
    report: AccountReport
    nodes: list[N]
    status: Status | None = None
    places: int = 1
    checkpoint: Checkpoint | None = None


class Outbox(Generic[N]):
    """Keeps deliveries until the consumer takes them, and knows where the consumer is.

    The consumer is here while it asks for a page, until it is given one. It is slow if it took
    long for the page before.
    """

    def __init__(self, progress: Progress, watch: Watch | None = None) -> None:
        self.consumer_is_here = False
        self.consumer_is_slow = False
        self._progress = progress
        self._watch = watch or Watch()
        self.deliveries: deque[Delivery[N]] = deque()
        """Those that the consumer has not taken."""
        self._consumer: weakref.ref[asyncio.Task[object]] | None = None
        self._call: asyncio.Future[None] | None = None
        self._left_at = math.inf

    def __len__(self) -> int:
        return len(self.deliveries)

    # The side of those who fetch.

    def put(self, delivery: Delivery[N]) -> None:
        """Add a delivery, and wake the consumer."""
        self.deliveries.append(delivery)
        self.wake()

    def put_all(self, deliveries: Iterable[Delivery[N]]) -> None:
        """Add deliveries in this order, and wake the consumer."""
        self.deliveries.extend(deliveries)
        self.wake()

    def clear(self) -> None:
        """Throw away what the consumer has not taken."""
        self.deliveries.clear()

    def wake(self) -> None:
        """Have a consumer that waits look again."""
        if self._call is not None and not self._call.done():
            self._call.set_result(None)

    # The consumer's side.

    def enter(self, now: float) -> None:
        """The consumer asks for a page."""
        # Weakly, and in no frame that the consumer may have to wait for: a cancelled consumer
        # holds its frames, they hold the stream, and this would close the circle, so that nothing
        # would end a stream that was dropped.
        task = asyncio.current_task()
        self._consumer = weakref.ref(task) if task else None
        self.consumer_is_slow = now - self._left_at > _SLOW
        self.consumer_is_here = True

    def leave(self, now: float) -> None:
        """The consumer turns to the page that it was given, if any."""
        self.consumer_is_here = False
        self._left_at = now

    def take(self) -> Delivery[N] | None:
        """The next delivery, counted in its report and in the progress; `None` if none is here."""
        if not self.deliveries:
            return None
        delivery = self.deliveries.popleft()
        # Reports speak of what the consumer was given, not of what has been fetched for it.
        delivery.report.nodes += len(delivery.nodes)
        delivery.report.status = delivery.status or delivery.report.status
        self._progress.nodes += len(delivery.nodes)
        if self._watch.is_observed and not delivery.nodes:
            self._watch.tell(AccountDone(delivery.account_id, delivery.report))
        return delivery

    def take_end(self) -> Delivery[N] | None:
        """The account's last delivery, if it was put here together with the one taken last."""
        return self.take() if self.deliveries and not self.deliveries[0].places else None

    async def wait(self) -> None:
        """Wait, as the consumer, until something was put here, or to be woken."""
        self._call = asyncio.get_running_loop().create_future()
        try:
            await self._call
        finally:
            self._call = None

    def is_read_elsewhere(self) -> bool:
        """True if another task was the last to read: it, or who began it, may read on."""
        return self._consumer is not None and self._consumer() is not asyncio.current_task()


@coroutine
def turn_of_the_loop() -> Generator[None]:
    """Let the event loop go round, as `asyncio.sleep(0)` does for more."""
    yield
