"""Behind a stream: workers fetch pages as the open accounts ask for them, for one consumer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from ledger_async._exactness.checkpoints import Carried
from ledger_async._exactness.pages import PageRead, PageRequest
from ledger_async._exactness.walk import Walk
from ledger_async._governor.gate import Gate
from ledger_async._pages.options import StreamOptions
from ledger_async._protocol.messages import RawPage
from ledger_async._support.live import Live
from ledger_async._support.observer import Watch
from ledger_async._support.own_loop import OwnLoop
from ledger_async._transport.attempts import Traffic
from ledger_async.errors import DecodeError, LedgerError

from .account_ids import Source
from .batches import Batch, batch_of
from .open_accounts import OpenAccounts
from .outbox import Delivery, Outbox, turn_of_the_loop
from .progress import Progress
from .schedule import Job
from .workers import Workers

N = TypeVar("N")
T = TypeVar("T")

Then = Callable[[Job[N], T], None]


class Pages(Protocol[N]):
    """Where the pages of a feed come from."""

    def fetch(self, account_id: int | None, ask: PageRequest) -> Awaitable[RawPage]:
        """One page, which `read` decodes."""

    def read(self, answer: RawPage) -> PageRead[N]:
        """The nodes and keys of a page, or `DecodeError`, `truncated` if it was cut off."""

    async def fetch_again(self, answer: RawPage) -> PageRead[N]:
        """The nodes and keys of a page that was cut off, from another request."""


class Feed(Generic[N]):
    """Has workers fetch what the open accounts ask for, and decodes it for the outbox.

    Every page holds a place of the window from before its request until the consumer is through
    with it, so that memory and requests are bounded by the window, and a consumer that stalls
    stops the fetching.
    """

    def __init__(
        self,
        pages: Pages[N],
        ids: Source,
        walk: Callable[[Carried | None], Walk[N]],
        options: StreamOptions,
        *,
        gate: Gate,
        live: Live[Feed[N]],
        loop: OwnLoop,
        slots: int,
        traffic: Traffic | None = None,
        watch: Watch | None = None,
        accounts_known: int = 0,
    ) -> None:
        self.progress = Progress(gate, accounts_known, traffic)
        self.loop = loop
        self.is_read_to_its_end = False
        self._pages = pages
        self._ids = ids
        self._live = live
        self._workers = Workers(self._work, self._pump, size=slots, over=self._over)
        self._outbox = Outbox[N](self.progress, watch)
        self._accounts = OpenAccounts[N](
            ids,
            walk,
            options,
            outbox=self._outbox,
            progress=self.progress,
            workers=self._workers,
            slots=slots,
            known=accounts_known,
            watch=watch,
        )
        self.reports = self._accounts.reports
        # Pages that were fetched: to be decoded, or to be fetched again as they were cut off.
        self._inbox: deque[tuple[Job[N], RawPage]] = deque()
        self._cut_off: deque[tuple[Job[N], RawPage]] = deque()
        # For so many pages that the consumer is through with, no worker was called yet.
        self._calls_due = 0

    # The consumer's side.

    def start(self) -> None:
        """Begin fetching, in tasks of its own."""
        self.loop.enter()
        self._live.begin(self)
        self._workers.start()

    async def next(self, take: Callable[[], T | None]) -> T | None:
        """The next page or batch, as `take` has it; `None` at the end; raises what ended it early.

        The event loop has its turn before the next page, whatever has arrived: a consumer that
        computes would else keep it from everything for as many pages as there are.
        """
        loop, outbox = self.loop.enter(), self._outbox
        outbox.enter(loop.time())
        if outbox.consumer_is_slow:
            self._call_workers()
        try:
            if self._inbox or outbox.deliveries:
                await turn_of_the_loop()
            while (taken := take()) is None and not self._workers.is_over:
                self._call_workers()
                await outbox.wait()
        finally:
            outbox.leave(loop.time())
        if taken is None:
            self._end()
        elif self._inbox or self._calls_due:
            loop.call_soon(self._catch_up)
        return taken

    def take_page(self) -> Delivery[N] | None:
        """The next page that has nodes, `None` while none is here."""
        while (delivery := self._take_delivery()) is not None:
            if delivery.nodes:
                return delivery
            if delivery.places:
                self._accounts.give_back(delivery.places)
                self._workers.call()
        return None

    def take_batch(self) -> Batch[N] | None:
        """The next batch, `None` while none is here."""
        delivery = self._take_delivery()
        return None if delivery is None else batch_of(delivery, self._outbox)

    def _take_delivery(self) -> Delivery[N] | None:
        while self._inbox and not self._outbox.deliveries:
            self._decode_next()
        return self._outbox.take()

    def _call_workers(self) -> None:
        for _ in range(self._calls_due):
            self._workers.call()
        self._calls_due = 0

    def _catch_up(self) -> None:
        """Let nothing wait for a consumer that has turned elsewhere."""
        if not self._outbox.consumer_is_here:
            self._call_workers()
            while self._inbox:
                self._decode_next()

    def _end(self) -> None:
        if self._workers.error is not None:
            raise self._workers.error
        self.is_read_to_its_end = True

    def page_read(self) -> None:
        """The consumer is through with a page: its place in the window is free."""
        self._accounts.give_back()
        # A consumer that is fast has the next page first. Requests are sent when there is none,
        # many at once: one by one, in as many turns of the loop, they would cost more.
        self._calls_due += 1

    def stop(self) -> None:
        """Ask for nothing more: the stream ends once what is in flight was handed over."""
        if not (self._accounts.is_stopped or self._workers.is_stopping):
            self._workers.recall()
            self._accounts.stop([job for job, _ in self._cut_off])
            self._cut_off.clear()

    @property
    def is_ended(self) -> bool:
        """True if nothing is or will be fetched any more."""
        return self._workers.is_stopping

    def is_read_elsewhere(self) -> bool:
        """True if another task was the last to read: it, or who began it, may read on."""
        return self._outbox.is_read_elsewhere()

    def end(self, error: LedgerError) -> None:
        """End the stream for its consumer with `error`; `reap` waits until nothing is left."""
        self._inbox.clear()
        self._outbox.clear()
        self._workers.error = error
        self._workers.cancel()

    async def reap(self) -> None:
        """End the fetching and return when it is over, however often we are cancelled."""
        await self._workers.reap()

    # The workers' side.

    def _over(self) -> None:
        self.progress.stop()
        self._live.end(self)
        self._accounts.close()
        self._outbox.wake()

    async def _pump(self) -> None:
        await self._ids.pump(self._workers.call)

    async def _work(self) -> None:
        workers = self._workers
        while not workers.is_stopping:
            if self._cut_off:
                await self._fetch_again(*self._cut_off.popleft())
            elif self._inbox:
                # Decoding it says what there is to ask for.
                await workers.park()
            elif (job := self._accounts.take()) is not None:
                # Where there was one page there may be more: each worker calls the next.
                workers.call()
                fetched = self._pages.fetch(job.account.account_id, job.ask)
                await self._awaited(job, fetched, self._arrived)
            elif self._accounts.are_done:
                if self._ids.exhausted:
                    self.progress.accounts_known = len(self.reports)
                workers.dismiss()
                return
            else:
                await workers.park()

    async def _fetch_again(self, job: Job[N], answer: RawPage) -> None:
        await self._awaited(job, self._pages.fetch_again(answer), self._accounts.answered)

    async def _awaited(self, job: Job[N], answer: Awaitable[T], then: Then[N, T]) -> None:
        """Take the answer to a job, unless there is none, or what came before was thrown away."""
        try:
            found = await answer
        except LedgerError as error:
            self._accounts.missed(job, error)
            return
        except asyncio.CancelledError:
            self._accounts.withdraw(job)
            raise
        if not self._workers.is_stopping:
            then(job, found)

    def _arrived(self, job: Job[N], answer: RawPage) -> None:
        if self._consumer_decodes():
            self._inbox.append((job, answer))
        else:
            self._decode(job, answer)

    def _consumer_decodes(self) -> bool:
        """True if the consumer is about to take a page, and will decode the next one after it.

        Of sixteen pages that arrive at once, one at a time is decoded then, and none falls out of
        the processor's cache before it is read.
        """
        outbox = self._outbox
        is_about_to = outbox.consumer_is_here and bool(self._inbox or outbox.deliveries)
        return is_about_to and not outbox.consumer_is_slow

    def _decode_next(self) -> None:
        try:
            self._decode(*self._inbox.popleft())
        except (Exception, asyncio.CancelledError) as exc:  # noqa: BLE001 - of `on_error`, `on_invalid`
            self._inbox.clear()
            self._workers.stop(exc)
        if not self._inbox:  # else a worker would wait again
            self._workers.call()

    def _decode(self, job: Job[N], answer: RawPage) -> None:
        if job.account.closed:
            self._accounts.give_back()
            return
        try:
            self._accounts.answered(job, self._pages.read(answer))
        except DecodeError as error:
            if error.truncated and self._accounts.is_stopped:
                self._accounts.withdraw(job)
            elif error.truncated:
                self._cut_off.append((job, answer))
                self._workers.call()
            else:
                self._accounts.missed(job, error)
