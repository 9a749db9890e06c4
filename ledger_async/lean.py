"""A request as aiohttp's session sends it, without what ours never have: cookies, proxies, streams.

Most of what a small page costs is spent on the request, and much of that on looking for these.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from multidict import CIMultiDictProxy
from yarl import URL

from .connections import sending


class LeanRequest(aiohttp.ClientRequest):
    """A request of which everything but its first line has been written before."""

    proxy = proxy_auth = proxy_headers = server_hostname = None
    _ssl = True

    def __init__(self, method: str, url: URL, **_options: Any) -> None:
        self.method = method
        self.url = self.original_url = url
        # Now: tasks may share a context, and after an await it may be another's.
        self._sending = sending.get()

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write all of it at once, and do not wait until it is sent: the answer may come sooner."""
        transport = cast("ResponseHandler", conn.protocol).transport
        if transport is None or transport.is_closing():
            raise aiohttp.ClientConnectionResetError("the connection is closed")
        first_line = f"{self.method} {self.url.raw_path_qs} HTTP/1.1\r\n"
        transport.write(first_line.encode() + self._sending.rest)
        return cast("aiohttp.ClientResponse", LeanResponse())


class LeanResponse:
    """An answer as far as aiohttp's session and ours ask for it."""

    status: int
    headers: CIMultiDictProxy[str]
    content: aiohttp.StreamReader
    _connection: Connection
    # Written or looked for by aiohttp's session.
    _raw_cookie_headers = None
    _history = ()

    async def start(self, connection: Connection) -> None:
        """Wait for the answer's head."""
        self._connection = connection
        protocol = cast("ResponseHandler", connection.protocol)
        message, self.content = await protocol.read()
        while message.code // 100 == 1 and message.code != HTTPStatus.SWITCHING_PROTOCOLS:
            message, self.content = await protocol.read()
        self.status, self.headers = message.code, message.headers

    def release(self) -> None:
        """Give the connection back, now that the body was read.

        Unless the answer came before all of the request was sent, whose rest would go before the
        next one.
        """
        transport = self._connection.transport
        if transport is not None and transport.get_write_buffer_size():
            self.close()
        else:
            self._connection.release()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
