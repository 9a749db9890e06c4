"""A GET as aiohttp's session sends it, without what ours never has: a body, cookies, a proxy.

Most of what a small page costs is spent on the request, and much of that on looking for these.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import StreamWriter
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL


class LeanRequest(aiohttp.ClientRequest):
    """For a session whose headers are complete, `Host` included; with a body it is as any other."""

    _is_lean = True
    proxy = proxy_auth = proxy_headers = server_hostname = None
    _ssl = True

    def __init__(
        self, method: str, url: URL, *, headers: Any = None, data: Any = None, **options: Any
    ) -> None:
        if method != "GET" or data is not None:
            self._is_lean = False
            super().__init__(method, url, headers=headers, data=data, **options)
            return
        self.url = self.original_url = url
        self.headers: CIMultiDict[str] = headers
        self.loop = options["loop"]

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write the head in one piece."""
        if not self._is_lean:
            return await super().send(conn)
        writer = StreamWriter(cast("ResponseHandler", conn.protocol), self.loop)
        await writer.write_headers(f"GET {self.url.raw_path_qs} HTTP/1.1", self.headers)
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
