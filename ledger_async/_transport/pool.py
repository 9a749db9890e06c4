"""The pool: a connection on which anything happened while it was idle is not used again."""

from __future__ import annotations

import select
import ssl
from contextvars import ContextVar
from functools import partial
from time import monotonic
from typing import Any, cast

import aiohttp
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

from .tls_refusals import alert_in
from .wire import Look, Wire

# How a request learns that its connection was closed before an answer began.
CLOSED = (
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientOSError,
    aiohttp.ClientConnectionResetError,
)

NO_TIME_LIMIT = aiohttp.ClientTimeout(total=None)

# Seconds for which an idle connection is kept.
_KEPT_FOR = 15.0


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
"""The note of the request that the current task sends by way of aiohttp's session."""


class Connections(aiohttp.TCPConnector):
    """A connector whose idle connections are looked at before they are lent again.

    aiohttp itself lends a connection on which an unasked-for answer arrived, and gives that answer
    to the next request. An answer that arrives after the look, while the next request is on its
    way, cannot be told from the right one.
    """

    def __init__(self, base: URL, context: ssl.SSLContext | None = None) -> None:
        # The gate bounds what is in flight. A bound here would be a second queue, whose waiting
        # would count as the request's own time.
        super().__init__(limit=0, ssl=context or True, keepalive_timeout=_KEPT_FOR)
        self._factory: partial[Any] = partial(Wire, loop=self._loop)
        self._destination = _Destination(base)
        self._place = self._destination.connection_key

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
            wire = cast("Wire", connection.protocol)  # None once it is given back
            look = getattr(wire, "look", None)  # which other versions' protocols lack at first
            if look is None:
                wire.look = _look_at(wire)
                return connection
            if not request.is_again and _is_quiet(wire):
                request.is_kept = True
                return connection
            connection.close()

    def idle(self) -> Wire | None:
        """Lend a connection that was idle, and on which nothing happened meanwhile."""
        kept = self._conns.get(self._place)
        while kept:
            protocol, since = kept.popleft()
            wire = cast("Wire", protocol)
            if monotonic() - since <= _KEPT_FOR and _is_quiet(wire):
                self._acquired.add(wire)
                return wire
            wire.close()
        return None

    async def new(self) -> Wire:
        """Lend a connection that was just made."""
        wire = cast("Wire", await self._create_connection(self._destination, [], NO_TIME_LIMIT))
        if self.closed:
            wire.close()
            raise aiohttp.ClientConnectionError("the pool was closed meanwhile")
        wire.look = _look_at(wire)
        self._acquired.add(wire)
        return wire

    def take_back(self, wire: Wire) -> None:
        """Keep a connection whose answer was read, as long as it can be used again.

        If the answer came before all of the request was sent, it cannot: the rest would be taken
        for a part of the next request.
        """
        transport = wire.transport
        if transport is None or transport.get_write_buffer_size() or wire.should_close:
            self.close_lent(wire)
        elif self._cleanup_handle is None:
            self._release(self._place, wire)
        else:
            # The same, for less: nobody waits for a connection, and old ones are looked after.
            self._acquired.discard(wire)
            self._conns[self._place].append((wire, monotonic()))

    def close_lent(self, wire: Wire) -> None:
        """Close a connection that was lent."""
        self._release(self._place, wire, should_close=True)

    def close_idle(self) -> None:
        """Close all connections that are idle, as one of them was found to be closed."""
        for protocol, _ in self._conns.pop(self._place, ()):
            protocol.close()


class _Destination(aiohttp.ClientRequest):
    """As much of a request as a connector asks for: where it goes."""

    proxy = proxy_auth = proxy_headers = server_hostname = None
    _ssl = True

    def __init__(self, base: URL) -> None:
        self.url = self.original_url = base


def _is_quiet(wire: Wire) -> bool:
    """True if nothing came: no answer, and not its end, neither of which the loop may have read."""
    transport, look = wire.transport, wire.look
    if transport is None or transport.is_closing() or wire.should_close:
        return False
    return not (look and look(0))


def _look_at(wire: Wire) -> Look:
    """A function that waits so many milliseconds for something to read from a connection."""
    transport = wire.transport
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
