"""What is behind a stream: pages are fetched as the schedule has it, and handed to the reader."""

from __future__ import annotations

import asyncio
import logging
import math
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from types import coroutine
from typing import Any, Generic, Protocol, TypeVar

from ledger_async._exactness.pages import PageRead, PageRequest, past_end
from ledger_async._exactness.walk import Walk
from ledger_async._governor.gate import Gate
from ledger_async._pages.invalid_nodes import InvalidNode
from ledger_async._pages.options import StreamOptions
from ledger_async._protocol.messages import RawPage
from ledger_async._support.own_loop import OwnLoop
from ledger_async.errors import (
    AuthenticationError,
    ConfigurationError,
    DecodeError,
    LedgerError,
    ListingIncompleteError,
    RateLimitError,
    ResponseTooLargeError,
    without_frames,
)
from ledger_async.events import AccountReport

from .account_ids import NOTHING, Source
from .progress import Progress
from .schedule import Delivery, Job, OpenAccount, Schedule
from .workers import Workers

N = TypeVar("N")

logger = logging.getLogger("ledger_async")

# How servers refuse a page past the end. Whether the account is there is what its first page says.
_PAST_END = {400, 404, 416}

# Seconds for a page that make a reader slow: what waits for it to decode it would hold up requests.
_SLOW = 0.0005

# Ids known already that are skipped before the event loop has its turn.
_REPEATS_AT_ONCE = 1000


class Pages(Protocol[N]):
    """Where the pages of a feed come from."""

    def fetch(self, account_id: int | None, ask: PageRequest) -> Awaitable[RawPage]:
        """One page, which `read` decodes."""

    def read(self, answer: RawPage) -> PageRead[N]:
        """What a page holds; `DecodeError` where that cannot be read, `truncated` if cut off."""

    async def fetch_again(self, answer: RawPage) -> PageRead[N]:
        """What a page that was cut off should have held, from another request."""


class Feed(Generic[N]):
    """Fetches the pages of many accounts into an outbox that one reader empties.

    Every page holds a place of the window from before its request until its reader is through
    with it, so that memory and requests are bounded by the window, and a reader that stalls
    stops the fetching.
    """

    def __init__(
        self,
        pages: Pages[N],
        ids: Source,
        walk: Callable[[], Walk[N]],
        options: StreamOptions,
        *,
        gate: Gate,
        live: set[Feed[N]],
        loop: OwnLoop,
        slots: int,
        accounts_known: int = 0,
    ) -> None:
        self.progress = Progress(gate, accounts_known)
        self.reports: dict[int | None, AccountReport] = {}
        self.loop = loop
        self.is_read_to_its_end = False
        self._pages = pages
        self._ids = ids
        self._live = live
        self._walk = walk
        self._ordered = options.ordered
        self._on_error = options.on_error
        self._on_invalid = options.on_invalid
        # Ordered accounts fill the window with pages whose turn has not come.
        window = slots * (4 if options.ordered else 2)
        self._schedule = Schedule[N](
            self._open_next, window=window, ordered=options.ordered, known=accounts_known
        )
        self._inbox: deque[tuple[Job[N], RawPage]] = deque()
        self._cut_off: deque[tuple[Job[N], RawPage]] = deque()
        self._outbox: deque[Delivery[N]] = deque()
        # Where the reader waits, and whether it is about to take a page.
        self._reader: asyncio.Future[None] | None = None
        self._reader_is_here = False
        self._reading: weakref.ref[asyncio.Task[object]] | None = None
        # When it was given a page, and whether it took long for the last one.
        self._handed_on = math.inf
        self._is_slow = False
        # For so many pages that it has read, no worker was called yet.
        self._calls_due = 0
        self._crew = Workers(self._work, self._pump, size=slots, over=self._over)

    # The reader's side.

    def start(self) -> None:
        """Begin fetching, in tasks of its own."""
        self.loop.enter()
        self._live.add(self)
        self._crew.start()

    async def next_page(self) -> list[N] | None:
        """The next page of nodes, `None` at the end; raises what ended the stream early.

        The event loop has its turn before the next page, whatever has arrived: a reader that
        computes would else keep it from everything for as many pages as there are.
        """
        loop = self.loop.enter()
        self._is_slow = loop.time() - self._handed_on > _SLOW
        self._note_reader()
        if self._is_slow:
            self._call_workers()
        self._reader_is_here = True
        try:
            if self._outbox or self._inbox:
                await _turn()
            while (nodes := self._take_page()) is None and not self._crew.is_over:
                await self._arrival(loop)
        finally:
            self._reader_is_here = False
        if nodes is None:
            self._end()
        elif self._inbox or self._calls_due:
            loop.call_soon(self._catch_up)
        self._handed_on = loop.time()
        return nodes

    def _take_page(self) -> list[N] | None:
        while self._outbox or self._inbox:
            if not self._outbox:
                self._decode_next()
                continue
            delivery = self._outbox.popleft()
            if nodes := self._accept(delivery):
                return nodes
            self._give_back(delivery.places)
        return None

    async def _arrival(self, loop: asyncio.AbstractEventLoop) -> None:
        self._call_workers()
        self._reader = loop.create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    def _call_workers(self) -> None:
        for _ in range(self._calls_due):
            self._crew.call()
        self._calls_due = 0

    def _catch_up(self) -> None:
        """Let nothing wait for a reader that has turned elsewhere."""
        if not self._reader_is_here:
            self._call_workers()
            while self._inbox:
                self._decode_next()

    def _end(self) -> None:
        if self._crew.error is not None:
            raise self._crew.error
        self.is_read_to_its_end = True

    def _note_reader(self) -> None:
        # Weakly, and in no frame of what the reader may have to wait for: a cancelled reader holds
        # its frames, they hold the stream, and this would close the circle, so that nothing would
        # end a stream that was dropped.
        reader = asyncio.current_task()
        self._reading = weakref.ref(reader) if reader else None

    def _accept(self, delivery: Delivery[N]) -> list[N]:
        # Reports speak of what the reader was given, not of what has been fetched for it.
        report = self.reports[delivery.account_id]
        report.nodes += len(delivery.nodes)
        report.status = delivery.status or report.status
        self.progress.nodes += len(delivery.nodes)
        return delivery.nodes

    def page_read(self) -> None:
        """The reader is through with a page: its place in the window is free."""
        self._schedule.give_back()
        # A reader that is fast has the next page first. Requests are sent when there is none, many
        # at once, as they came: one by one, in as many turns of the loop, they would cost more.
        self._calls_due += 1

    def end(self, error: LedgerError) -> None:
        """End the stream for its reader with `error`; `reap` waits until nothing is left."""
        self._inbox.clear()
        self._outbox.clear()
        self._crew.error = error
        self._crew.cancel()

    def is_read_elsewhere(self) -> bool:
        """Whether another task was the last to read: it, or who had begun it, may read on."""
        return self._reading is not None and self._reading() is not asyncio.current_task()

    async def reap(self) -> None:
        """End the fetching and return when it is over, however often we are cancelled."""
        await self._crew.reap()

    def _give_back(self, places: int) -> None:
        if places:
            self._schedule.give_back(places)
            self._crew.call()

    # The crew's side.

    def _over(self) -> None:
        self.progress.stop()
        self._live.discard(self)
        self._schedule.close()
        self._wake_reader()

    async def _pump(self) -> None:
        await self._ids.pump(self._crew.call)

    async def _work(self) -> None:
        crew = self._crew
        while not crew.is_stopping:
            if self._cut_off:
                await self._fetch_again(*self._cut_off.popleft())
            elif self._inbox:
                # What is decoded next says what there is to ask for.
                await crew.park()
            elif (job := self._schedule.take()) is not None:
                # Where there was one page there may be more: each worker calls the next.
                crew.call()
                await self._fetch(job)
            elif self._ids.exhausted and self._schedule.first is None:
                self.progress.accounts_known = len(self.reports)
                crew.dismiss()
                return
            else:
                await crew.park()

    def _wake_reader(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def _fetch(self, job: Job[N]) -> None:
        try:
            answer = await self._pages.fetch(job.account.account_id, job.ask)
        except LedgerError as error:
            self._miss(job, error)
            return
        if self._crew.is_stopping:
            return  # what came before may have been thrown away
        if self._is_slow or not (self._reader_is_here and (self._outbox or self._inbox)):
            self._decode(job, answer)
            return
        # The reader is about to take a page, and will decode this one when it is through with
        # that: of sixteen pages that arrive at once, one at a time is decoded, and none falls out
        # of the processor's cache.
        self._inbox.append((job, answer))

    def _decode_next(self) -> None:
        try:
            self._decode(*self._inbox.popleft())
        except (Exception, asyncio.CancelledError) as exc:  # noqa: BLE001 - of `on_error`, `on_invalid`
            self._inbox.clear()
            self._crew.stop(exc)
        self._crew.call()

    def _decode(self, job: Job[N], answer: RawPage) -> None:
        if job.account.closed:
            self._schedule.give_back()
            return
        try:
            self._take(job, self._pages.read(answer))
        except DecodeError as error:
            if error.truncated:
                self._cut_off.append((job, answer))
                self._crew.call()
            else:
                self._miss(job, error)

    async def _fetch_again(self, job: Job[N], answer: RawPage) -> None:
        try:
            page = await self._pages.fetch_again(answer)
        except LedgerError as error:
            self._miss(job, error)
            return
        if not self._crew.is_stopping:
            self._take(job, page)

    def _miss(self, job: Job[N], error: LedgerError) -> None:
        """Do without this answer where that is possible; else the account cannot go on."""
        account, ask = job
        if account.closed or _concerns_all(error):
            self._fail(account, error, places=1 + account.walk.held_back)
        elif account.walk.is_overtaken(ask):
            self._take(job, past_end(ask))
        elif isinstance(error, ResponseTooLargeError):
            self._go_smaller(job, error)
        elif ask.number > 1 and error.status in _PAST_END:
            account.refusal = without_frames(error)
            self._take(job, past_end(ask))
        else:
            self._fail(account, error, places=1 + account.walk.held_back)

    def _go_smaller(self, job: Job[N], error: ResponseTooLargeError) -> None:
        """Ask for the same in smaller pages; a single element that is too large is not valid."""
        account, ask = job
        places = 1 + account.walk.held_back
        if account.walk.shrink(ask):
            self._go_on(account, [], places)
            return
        error.message = f"one element alone (page_size=1) is too large: {error.message}"
        if self._on_invalid == "raise":
            self._fail(account, error, places=places)
            return
        node: Any = InvalidNode(account.account_id, ask.number, 0, b"", _undecodable(error))
        key = hash((error.message, ask.number))
        self._advance(job, lambda walk: walk.leave_out(ask, node, key))

    def _take(self, job: Job[N], answer: PageRead[N]) -> None:
        self._advance(job, lambda walk: walk.answer(job.ask, answer))

    def _advance(self, job: Job[N], step: Callable[[Walk[N]], list[list[N]]]) -> None:
        """Hand over what the account's walk releases in this step."""
        account, walk = job.account, job.account.walk
        if account.closed:
            self._schedule.give_back()
            return
        places = 1 + walk.held_back
        try:
            pages = step(walk)
        except ListingIncompleteError as error:
            error.__cause__ = account.refusal
            self._fail(account, error, places=places)
            return
        if self._on_invalid != "raise":
            pages = [self._valid(account, nodes) for nodes in pages]
        self._note(account)
        self._go_on(account, pages, places)

    def _go_on(self, account: OpenAccount[N], pages: list[list[N]], places: int) -> None:
        """Hand over these pages of an account that held so many places."""
        walk = account.walk
        places -= walk.held_back
        for nodes in filter(None, pages):
            account.backlog.append(Delivery(account.account_id, nodes))
            places -= 1
        if walk.done:
            # An account without nodes keeps a place too, or a stalled reader would not stop those.
            kept = int(not any(pages))
            account.backlog.append(Delivery(account.account_id, [], walk.status, places=kept))
            self._schedule.give_back(places - kept)
            self._retire(account)
        else:
            self._schedule.give_back(places)
            self._schedule.answered(account)
            self._hand_over(account)

    def _note(self, account: OpenAccount[N]) -> None:
        self.progress.pages += 1
        account.report.pages += 1
        account.report.duplicates_dropped = account.walk.duplicates_dropped

    def _valid(self, account: OpenAccount[N], nodes: list[N]) -> list[N]:
        """Those of the nodes that decoded; the others go to `on_invalid`."""
        valid = []
        for node in nodes:
            if not isinstance(node, InvalidNode):
                valid.append(node)
                continue
            account.report.invalid += 1
            if callable(self._on_invalid):
                self._on_invalid(node)
            else:
                logger.warning("node left out: %s", node.error)
        return valid

    def _hand_over(self, account: OpenAccount[N]) -> None:
        if account.backlog is not self._outbox:
            if account is not self._schedule.first:
                return
            self._outbox.extend(account.backlog)
            account.backlog.clear()
        self._wake_reader()

    def _fail(self, account: OpenAccount[N], error: LedgerError, *, places: int) -> None:
        """One account cannot go on: end the stream, or leave this account out, as asked."""
        if account.closed:
            self._schedule.give_back()
            return
        error.account_id = account.account_id
        account.report.error = error
        if self._on_error == "raise" or _concerns_all(error):
            self._crew.stop(error)
            return
        without_frames(error)  # it stays in the report
        # It keeps a place as one without nodes does, or a stalled reader would not stop these.
        account.backlog.append(Delivery(account.account_id, [], places=1))
        self._schedule.give_back(places - 1)
        self._retire(account)
        if callable(self._on_error) and account.account_id is not None:
            self._on_error(account.account_id, error)
        else:
            logger.warning("account %s left out: %s", account.account_id, error)

    def _retire(self, account: OpenAccount[N]) -> None:
        account.closed = True
        account.walk = self._walk()  # what it remembered may go
        self.progress.accounts_done += 1
        if not self._ordered:
            self._hand_over(account)
            self._schedule.drop(account)
            return
        # Whoever is first now may have pages waiting, or be closed already.
        while (first := self._schedule.first) is not None:
            self._hand_over(first)
            if not first.closed:
                break
            self._schedule.drop(first)

    def _open_next(self) -> OpenAccount[N] | None:
        for _ in range(_REPEATS_AT_ONCE):
            account_id = self._ids.draw()
            if account_id is NOTHING:
                return None
            if account_id not in self.reports:
                self.reports[account_id] = report = AccountReport()
                known = max(self.progress.accounts_known, len(self.reports))
                self.progress.accounts_known = known
                backlog = None if self._ordered else self._outbox
                return OpenAccount(account_id, self._walk(), report, backlog)
        asyncio.get_running_loop().call_soon(self._crew.call)
        return None


def _undecodable(error: ResponseTooLargeError) -> DecodeError:
    """What is wrong with a node that is too large to be read, in the words for any other."""
    undecodable = DecodeError(error.message)
    undecodable.__dict__.update(vars(error), json_path="$.edges[0].node")
    return undecodable


@coroutine
def _turn() -> Generator[None]:
    """Let the event loop go round, as `asyncio.sleep(0)` does for more."""
    yield


def _concerns_all(error: LedgerError) -> bool:
    """Whether this will meet every account: going on would only hammer the server."""
    everywhere = isinstance(error, AuthenticationError | ConfigurationError | RateLimitError)
    return everywhere or error.outage is not None
