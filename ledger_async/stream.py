"""Streams of nodes: a supervisor task fetches pages, and a generator only receives them.

Pages, not nodes, cross between the tasks. The generator never yields inside a task group or a
cancel scope, so that no cancellation of the fetching can reach the task that reads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from types import TracebackType
from typing import Generic, Self, TypeVar

from .errors import StreamClosedError
from .feed import Feed
from .progress import AccountReport, Progress

N = TypeVar("N")


class NodeStream(AsyncIterator[N], Generic[N]):
    """The nodes of one listing or of many, fetched while they are read.

    Iterate with `async for`; leaving the loop early is safe, and ends the stream, as cancelling
    an `anext` of it does. Per account, nodes come in listing order, newest first, each once;
    those that a repair finds come after. Pages are fetched only as far as a window ahead of the
    reader. An error of this package ends the stream after the nodes that arrived before it.

    Use it as an async context manager, or call `aclose`, to be sure that nothing of it is left
    at a certain line; a stream that was dropped is closed by the event loop soon after.
    """

    def __init__(self, feed: Feed[N]) -> None:
        self._feed = feed
        self._nodes = _receive(feed)

    @property
    def progress(self) -> Progress:
        """What has been done so far."""
        return self._feed.progress

    @property
    def reports(self) -> Mapping[int | None, AccountReport]:
        """What is known about each account that was begun, by account id.

        A listing that belongs to no account has the single key `None`.
        """
        return self._feed.reports

    def __aiter__(self) -> AsyncIterator[N]:  # noqa: PYI034 - see below
        # The generator itself, not `self`: then a node costs no call of ours.
        return self._nodes

    async def __anext__(self) -> N:
        return await anext(self._nodes)

    async def aclose(self) -> None:
        """Stop fetching and wait until no task and no request of this stream is left.

        A reader in another task gets `StreamClosedError` when it asks for the next page.
        """
        self._feed.end(StreamClosedError("the stream was closed by another task"))
        try:
            await self._feed.reap()
        finally:
            # Not sooner: now it closes at once, and no other task meets it while it does. One
            # that is read elsewhere has to tell its reader.
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


async def _receive(feed: Feed[N]) -> AsyncGenerator[N, None]:
    feed.start()
    try:
        while (page := await feed.next_page()) is not None:
            for node in page:
                yield node
            feed.page_read()
    finally:
        await feed.reap()
