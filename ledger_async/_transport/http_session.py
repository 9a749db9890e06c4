"""The aiohttp session to one origin: opened by the first request, closed for good."""

from __future__ import annotations

import aiohttp
from aiohttp import hdrs
from yarl import URL

from ledger_async._version import __version__

from .failures import final
from .network import DIRECT, Network
from .pool import NO_TIME_LIMIT, Connections

DEFAULT_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": aiohttp.ClientRequest.DEFAULT_HEADERS[hdrs.ACCEPT_ENCODING],
    "User-Agent": f"ledger-async/{__version__}",
}

_READ_AT_ONCE = 256 * 2**10


class HttpSession:
    """One origin, and the aiohttp session through which transports reach it.

    Transports that share a session share its connections, all of which are made with the `ssl` of
    one network. `has_answered` is true once an answer has begun to arrive.
    """

    def __init__(self, base_url: str, network: Network = DIRECT) -> None:
        self.network = network
        self.base = URL(base_url, encoded=True)
        self.is_closed = self.has_answered = False
        self._pool: Connections
        self._session: aiohttp.ClientSession | None = None

    def opened(self) -> aiohttp.ClientSession:
        """The session; raises `TransportError` once it is closed."""
        if self.is_closed:
            error = final("the session is closed")
            error.sent = False
            raise error
        # Opened by the first request, because aiohttp wants a running event loop.
        return self._session or self._open()

    def pool(self) -> Connections:
        """The connections of the session, to be used past it."""
        self.opened()
        return self._pool

    async def close(self) -> None:
        """Close every connection."""
        self.is_closed = True
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        _keep_large_blocks()
        self._pool = Connections(self.base, self.network.ssl)
        self._session = aiohttp.ClientSession(
            connector=self._pool,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=DEFAULT_HEADERS,
            timeout=NO_TIME_LIMIT,
            trace_configs=[*self.network.trace_configs],
        )
        # aiohttp would resend every idempotent request once by itself, on new connections too,
        # and nobody would count.
        self._session._retry_connection = False  # noqa: SLF001
        return self._session


def _keep_large_blocks() -> None:
    """Have glibc keep the memory that answers are read into, instead of giving it back each time.

    asyncio reads into 256 KiB and cuts off what is not needed. Blocks of 128 KiB and more are
    mapped by the kernel, until one that large was freed whole: from then on they are kept. Without
    that, each page maps, shrinks and unmaps a block, which is a sixth of what a small one costs.
    """
    bytes(2 * _READ_AT_ONCE)
