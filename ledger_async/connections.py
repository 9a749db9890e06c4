"""The pool: a connection on which anything happened while it was idle is not used again."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Awaitable, Callable
from typing import cast
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

# How a request learns that its connection was closed before an answer began.
_CLOSED = (
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientOSError,
    aiohttp.ClientConnectionResetError,
)


Send = Callable[[], Awaitable[aiohttp.ClientResponse]]


class Connections(aiohttp.TCPConnector):
    """A connector whose idle connections are looked at before they are lent again.

    aiohttp itself lends one on which an answer arrived that nobody had asked for, and gives
    that answer to the next request. What arrives after the look, while the next request is on
    its way, cannot be told from its answer.
    """

    def __init__(self) -> None:
        # The gate bounds what is in flight. A bound here would be a second queue, whose waiting
        # would count as the request's own time.
        super().__init__(limit=0)
        self._lent: WeakSet[ResponseHandler] = WeakSet()
        # Those whose request went out on a kept connection.
        self._reusing: set[asyncio.Task[object] | None] = set()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        """An idle connection or a new one; always a new one for a request that is sent again."""
        task = asyncio.current_task()
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = cast("ResponseHandler", connection.protocol)  # None once it is given back
            if protocol not in self._lent:
                self._lent.add(protocol)
                return connection
            if task not in self._reusing and _is_quiet(protocol):
                self._reusing.add(task)
                return connection
            connection.close()

    async def resend(self, send: Send, *, may_repeat: bool) -> aiohttp.ClientResponse:
        """What `send` gets; if it may repeat, also where an idle connection was closed under it.

        A server may close those at any moment, which says nothing about the request. The
        others that are idle then are likely to be closed as well: none of them is used.
        """
        task = asyncio.current_task()
        try:
            try:
                return await send()
            except _CLOSED as exc:
                if not may_repeat or task not in self._reusing or _has_begun(exc):
                    raise
            try:
                return await send()
            except aiohttp.ClientConnectorError as exc:
                # It says that nothing was sent, which holds for the second time only.
                raise aiohttp.ClientOSError(str(exc)) from exc
        finally:
            self._reusing.discard(task)


def _is_quiet(protocol: ResponseHandler) -> bool:
    """Whether nothing came while it was idle: no answer, and not its end."""
    transport = protocol.transport
    if transport is None or protocol.should_close:
        return False
    # What the loop has not read yet counts too.
    return not _is_readable(transport.get_extra_info("socket").fileno())


def _is_readable(descriptor: int) -> bool:
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _has_begun(exc: Exception) -> bool:
    """Whether the headers of an answer had begun to arrive."""
    return isinstance(exc, aiohttp.ServerDisconnectedError) and not isinstance(exc.message, str)
