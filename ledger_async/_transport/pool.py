"""The pool: a connection on which anything happened while it was idle is not used again."""

from __future__ import annotations

import select
import ssl
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, cast
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

from .tls_refusals import alert_in

# How a request learns that its connection was closed before an answer began.
CLOSED = (
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientOSError,
    aiohttp.ClientConnectionResetError,
)

Look = Callable[[int], list[Any]]


class Sending:
    """A note between a request and its connector, which aiohttp does not pass on.

    `is_kept`: the request went out on a connection that had been idle. `is_again`: the request is
    sent once more, and no idle connection will do.
    """

    __slots__ = ("is_again", "is_kept")

    def __init__(self) -> None:
        self.is_kept = self.is_again = False

    def was_in_vain(self, exc: Exception) -> bool:
        """True if an idle connection was closed under the request before an answer began.

        A server may close idle connections at any moment, which says nothing of the request.
        """
        return self.is_kept and not _has_begun(exc)


sending: ContextVar[Sending] = ContextVar("sending")
"""The note of the current task's request."""


class Connections(aiohttp.TCPConnector):
    """A connector whose idle connections are looked at before they are lent again.

    aiohttp itself lends a connection on which an unasked-for answer arrived, and gives that answer
    to the next request. An answer that arrives after the look, while the next request is on its
    way, cannot be told from the right one.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        # The gate bounds what is in flight. A bound here would be a second queue, whose waiting
        # would count as the request's own time.
        super().__init__(limit=0, ssl=context or True)
        # Connections that were lent, each with a function that looks for something to read.
        self._lent: WeakKeyDictionary[ResponseHandler, Look] = WeakKeyDictionary()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        """An idle connection or a new one; always a new one for a request that is sent again.

        When one was closed, the others that are idle then are likely to be closed as well.
        """
        request = sending.get()  # before any await: tasks may share a context
        while True:
            try:
                connection = await super().connect(req, traces, timeout)
            except CLOSED as exc:
                # Before there is a connection, only a proxy that is asked for one can close it.
                if req.proxy is None or isinstance(exc, aiohttp.ClientConnectorError):
                    raise
                raise _gone(req, req.proxy) from exc
            protocol = cast("ResponseHandler", connection.protocol)  # None once it is given back
            look = self._lent.get(protocol)
            if look is None:
                self._lent[protocol] = _look_at(protocol)
                return connection
            # Nothing came: no answer, and not its end, neither of which the loop may have read.
            if not (request.is_again or protocol.should_close or look(0)):
                request.is_kept = True
                return connection
            connection.close()


def _look_at(protocol: ResponseHandler) -> Look:
    """A function that waits so many milliseconds for something to read from a connection."""
    transport = protocol.transport
    if transport is None or transport.is_closing():
        return lambda _: [None]
    descriptor = transport.get_extra_info("socket").fileno()
    if not hasattr(select, "poll"):
        return lambda _: select.select([descriptor], [], [], 0)[0]
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return poll.poll


def _gone(req: aiohttp.ClientRequest, proxy: URL) -> aiohttp.ClientProxyConnectionError:
    place = req.connection_key._replace(host=proxy.raw_host or "", port=proxy.port)
    return aiohttp.ClientProxyConnectionError(place, OSError("it closed the connection"))


def is_silent_end(exc: BaseException) -> bool:
    """True if a connection, once it was made, was closed before an answer began."""
    if isinstance(exc, aiohttp.ClientConnectorError) or not isinstance(exc, CLOSED):
        return False
    return not (_has_begun(exc) or alert_in(exc))


def _has_begun(exc: Exception) -> bool:
    """True if the headers of an answer had begun to arrive."""
    return isinstance(exc, aiohttp.ServerDisconnectedError) and not isinstance(exc.message, str)
