"""Streams of nodes: a supervisor task fetches pages, and a generator only receives them.

Pages, not nodes, cross between the tasks. The generator never yields inside a task group or a
cancel scope, so that no cancellation of the fetching can reach the task that reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Generic, NoReturn, Self, TypeVar, overload
from weakref import ref

from ledger_async._pages.account_node import AccountNode, with_account
from ledger_async.errors import ConfigurationError, LedgerError, StreamClosedError
from ledger_async.events import AccountReport

from .batches import Batch
from .feed import Feed
from .outbox import Delivery
from .progress import Progress

N = TypeVar("N")
M = TypeVar("M")
T = TypeVar("T")

Items = Callable[[Any], Iterable[N]]


class NodeStream(AsyncIterator[N], Generic[N]):
    """The nodes of one listing or of many, fetched while they are read.

    Iterate with `async for`, node by node or over its `batches`; leaving the loop early is safe. A
    clean end means that every account was read to its end, unless you called `stop`: after a read
    was cancelled, by a timeout for example, or the stream was closed, later reads raise
    `StreamClosedError`. Per account, nodes come in listing order, newest first, each once; those
    that a repair finds come after. Pages are fetched only as far as a window ahead of the consumer,
    and the event loop has its turn between two of them. An error of this package ends the stream
    after the nodes that arrived before it.

    Use it as an async context manager, or call `aclose`, to be sure that nothing of it is left
    at a certain line; a stream that was dropped is closed by the event loop soon after. It
    belongs to the event loop of its client: on another one, `ConfigurationError` is raised.
    """

    def __init__(self, feed: Feed[Any], *, pairs: bool = False) -> None:
        self._feed = feed
        self._items: Items[Any] = _pairs if pairs else _nodes
        self._reading: _Reading[Any] | None = None

    @property
    def progress(self) -> Progress:
        """Running totals of accounts, pages and nodes."""
        return self._feed.progress

    @property
    def reports(self) -> Mapping[int | None, AccountReport]:
        """The report of each account that was begun, by account id.

        A listing that belongs to no account has the single key `None`.
        """
        return self._feed.reports

    def __aiter__(self) -> AsyncIterator[N]:  # noqa: PYI034 - see below
        # Not `self`: iterating over the generator's own step costs no call of ours per node.
        return self._read_by(self._items, self._feed.take_page)

    async def __anext__(self) -> N:
        return await anext(self._read_by(self._items, self._feed.take_page))

    @overload
    def batches(self: NodeStream[AccountNode[M]]) -> AsyncIterator[Batch[M]]: ...

    @overload
    def batches(self) -> AsyncIterator[Batch[N]]: ...

    def batches(self) -> AsyncIterator[Batch[Any]]:
        """The same nodes in batches of one account each, and with the last the account's report.

        No pair is made for each node, and the loop goes round once for a page. Every account that
        was begun ends with a batch that has its report: without nodes, if they all came before.

        A stream is read in one way: `ConfigurationError` is raised if it is read node by node.
        """
        return self._read_by(_whole, self._feed.take_batch)

    def stop(self) -> None:
        """Ask for nothing more, and let the iteration end once what is in flight was handed over.

        What waits for the rate limit, or to be tried again, has not been sent, and is given up.
        Accounts that are cut short end with a report that says `"unverified"`. An account that
        fails meanwhile does what `on_error` says, as ever. To be called on the loop of the client,
        from any task; once the stream has ended, nothing happens.
        """
        self._feed.loop.enter()
        self._feed.stop()

    def _read_by(self, items: Items[T], take: Callable[[], Any]) -> _Reading[T]:
        """The one reading of this stream, begun in the way in which it is first asked for."""
        self._feed.loop.enter()
        if self._reading is None:
            self._reading = _Reading(self._feed, items, take)
            if self._feed.is_ended:
                self._reading.refuse("it was closed")
        elif self._reading.items is not items:
            raise ConfigurationError(
                "a stream is read node by node or in batches, not in both ways"
            )
        return self._reading

    async def aclose(self) -> None:
        """Stop fetching and wait until no task and no request of this stream is left.

        A consumer in another task gets `StreamClosedError` when it asks for the next page.
        """
        self._feed.loop.leave()
        self._feed.end(StreamClosedError("the stream was closed by another task"))
        try:
            await self._feed.reap()
        finally:
            # Not sooner: with nothing left, the generator closes at once, and no other task meets
            # it while it does. If another task reads it, it has to tell that task first.
            if self._reading is not None and not self._feed.is_read_elsewhere():
                await self._reading.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def _nodes(page: Delivery[N]) -> Iterable[N]:
    return page.nodes


def _pairs(page: Delivery[N]) -> Iterable[AccountNode[N]]:
    return with_account(page.account_id, page.nodes)


def _whole(batch: Batch[N]) -> Iterable[Batch[N]]:
    return (batch,)


class _Reading(AsyncIterator[T], Generic[T]):
    """The nodes or batches of a feed, and refusals once an end came too early.

    `items` are what is read of each thing that `take` takes from the feed.

    A generator that was cancelled is over, and a later read of it would look like a clean end. So
    the generator's `__anext__` stands in a slot, where a refusal can take its place. Going through
    the slot costs a fraction of a call of ours.
    """

    __slots__ = ("__anext__", "__weakref__", "_feed", "_generator", "items")

    __anext__: Callable[[], Awaitable[T]]

    def __init__(self, feed: Feed[Any], items: Items[T], take: Callable[[], Any]) -> None:
        self.items = items
        self._feed = feed
        # Weakly: else nothing but the garbage collector would end a stream that was dropped.
        self._generator = _receive(feed, items, take, ref(self))
        self.__anext__ = self._generator.__anext__

    async def aclose(self) -> None:
        self.refuse("it was closed")
        await self._generator.aclose()

    def refuse(self, why: str) -> None:
        """Let later reads raise, unless there is nothing more to read."""
        if not self._feed.is_read_to_its_end:
            self.__anext__ = partial(_refuse, why)


async def _refuse(why: str) -> NoReturn:
    raise StreamClosedError(f"the stream ended early: {why}")


async def _receive(
    feed: Feed[Any], items: Items[T], take: Callable[[], Any], reading: ref[_Reading[T]]
) -> AsyncGenerator[T, None]:
    try:
        feed.start()
        while (taken := await feed.next(take)) is not None:
            for item in items(taken):
                yield item
            del item, taken  # the next page is decoded into their place, near the processor
            feed.page_read()
    except BaseException as error:
        _tell(reading(), error)
        raise
    finally:
        await feed.reap()


def _tell(reading: _Reading[T] | None, error: BaseException) -> None:
    if reading is not None:
        reading.refuse(_why(error))


def _why(error: BaseException) -> str:
    match error:
        case asyncio.CancelledError():
            return "a read of it was cancelled"
        case GeneratorExit():
            return "it was closed"
        case LedgerError():
            return str(error)
        case _:
            return type(error).__name__
