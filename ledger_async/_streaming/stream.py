"""Streams of nodes: a supervisor task fetches pages, and a generator only receives them.

Pages, not nodes, cross between the tasks. The generator never yields inside a task group or a
cancel scope, so that no cancellation of the fetching can reach the task that reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Generic, NoReturn, Self, TypeVar
from weakref import ref

from ledger_async.errors import LedgerError, StreamClosedError
from ledger_async.events import AccountReport

from .feed import Feed
from .progress import Progress

N = TypeVar("N")


class NodeStream(AsyncIterator[N], Generic[N]):
    """The nodes of one listing or of many, fetched while they are read.

    Iterate with `async for`; leaving the loop early is safe. A clean end means that every account
    was read to its end: after a read was cancelled, by a timeout for example, or the stream was
    closed, later reads raise `StreamClosedError`. Per account, nodes come in listing order, newest
    first, each once; those that a repair finds come after. Pages are fetched only as far as a
    window ahead of the consumer, and the event loop has its turn between two of them. An error of
    this package ends the stream after the nodes that arrived before it.

    Use it as an async context manager, or call `aclose`, to be sure that nothing of it is left
    at a certain line; a stream that was dropped is closed by the event loop soon after. It
    belongs to the event loop of its client: on another one, `ConfigurationError` is raised.
    """

    def __init__(self, feed: Feed[N]) -> None:
        self._feed = feed
        self._nodes = _Nodes(feed)

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
        self._feed.loop.enter()
        return self._nodes

    async def __anext__(self) -> N:
        self._feed.loop.enter()
        return await anext(self._nodes)

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
            if not self._feed.is_read_elsewhere():
                await self._nodes.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class _Nodes(AsyncIterator[N], Generic[N]):
    """The nodes of a feed, and refusals once an end came too early.

    A generator that was cancelled is over, and a later read of it would look like a clean end. So
    the generator's `__anext__` stands in a slot, where a refusal can take its place. Going through
    the slot costs a fraction of a call of ours.
    """

    __slots__ = ("__anext__", "__weakref__", "_feed", "_generator")

    __anext__: Callable[[], Awaitable[N]]

    def __init__(self, feed: Feed[N]) -> None:
        self._feed = feed
        # Weakly: else nothing but the garbage collector would end a stream that was dropped.
        self._generator = _receive(feed, ref(self))
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


async def _receive(feed: Feed[N], nodes: ref[_Nodes[N]]) -> AsyncGenerator[N, None]:
    try:
        feed.start()
        while (page := await feed.next_page()) is not None:
            for node in page:
                yield node
            feed.page_read()
    except BaseException as error:
        _tell(nodes(), error)
        raise
    finally:
        await feed.reap()


def _tell(nodes: _Nodes[N] | None, error: BaseException) -> None:
    if nodes is not None:
        nodes.refuse(_why(error))


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
