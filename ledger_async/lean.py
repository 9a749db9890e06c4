"""A request as aiohttp's session sends it, without what ours never have: cookies, proxies, streams.

Most of what a small page costs is spent on the request, and much of that on looking for these.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, cast

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import StreamWriter
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL


class LeanRequest(aiohttp.ClientRequest):
    """For a session whose headers are complete, `Host` included, and bodies that are bytes."""

    proxy = proxy_auth = proxy_headers = server_hostname = None
    _ssl = True

    def __init__(  # by every name that aiohttp uses: to gather them costs as much as all the rest
        self,
        method: str,
        url: URL,
        *,
        loop: asyncio.AbstractEventLoop,
        headers: CIMultiDict[str],
        data: bytes | None = None,
        params: Any = None,
        skip_auto_headers: Any = None,
        cookies: Any = None,
        auth: Any = None,
        version: Any = None,
        compress: Any = None,
        chunked: Any = None,
        expect100: Any = None,
        response_class: Any = None,
        proxy: Any = None,
        proxy_auth: Any = None,
        timer: Any = None,
        session: Any = None,
        ssl: Any = True,
        server_hostname: Any = None,
        proxy_headers: Any = None,
        traces: Any = None,
        trust_env: Any = None,
    ) -> None:
        self.loop = loop
        self.method = method
        self.url = self.original_url = url
        self.headers = headers
        self._data = data

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write everything in one piece, and do not wait until it is sent: the answer may come."""
        writer = StreamWriter(cast("ResponseHandler", conn.protocol), self.loop)
        if self.method != hdrs.METH_GET:
            self.headers[hdrs.CONTENT_LENGTH] = str(len(self._data or b""))
        await writer.write_headers(f"{self.method} {self.url.raw_path_qs} HTTP/1.1", self.headers)
        if self._data:
            await writer.write(self._data, drain=False)
        writer.set_eof()
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
        """Give the connection back, now that the body was read."""
        self._connection.release()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
