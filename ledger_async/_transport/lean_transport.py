"""Requests written straight to a connection, past aiohttp's session.

Most of what a small page costs there goes into looking for what our requests never have: cookies,
proxies, redirects, streams to send.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from multidict import CIMultiDictProxy
from yarl import URL

from ledger_async._protocol.messages import Headers, Request
from ledger_async._support.secrets import Hidden

from .http_session import DEFAULT_HEADERS, NO_TIME_LIMIT, HttpSession
from .http_transport import MAX_BODY, HttpTransport
from .request_head import lines_of


class LeanTransport(HttpTransport):
    """Sends over the connections of aiohttp's session, and by nothing else of it."""

    def __init__(self, http: HttpSession, *, timeout: float, max_body: int = MAX_BODY) -> None:
        super().__init__(http, timeout=timeout, max_body=max_body)
        base = http.base
        self._destination = _Destination(base)
        self._path = base.raw_path.rstrip("/")
        self._defaults = {"Host": str(base.host_port_subcomponent), **DEFAULT_HEADERS}
        # The headers that were sent last, and the same as bytes.
        self._headers: Headers | None = None
        self._lines = Hidden(b"")

    async def begin(self, request: Request, headers: Headers) -> LeanAnswer:
        """Write all of the request at once, and wait for the head of its answer.

        Nothing waits until the request is sent: the answer may come sooner.
        """
        connection = await self.http.pool().connect(self._destination, [], NO_TIME_LIMIT)
        try:
            protocol = cast("ResponseHandler", connection.protocol)
            protocol.set_response_params(read_until_eof=True)
            _open(protocol.transport).write(self.written(request, headers))
            return await _arrival(connection, protocol)
        except BaseException:
            connection.close()
            raise

    def written(self, request: Request, headers: Headers) -> bytes:
        """The request as it goes over the wire."""
        if self._headers is not headers:
            self._headers, self._lines = headers, Hidden(self._written(headers.reveal()))
        query = f"?{request.query}" if request.query else ""
        first_line = f"{request.method} {self._path}{request.path}{query} HTTP/1.1\r\n"
        return first_line.encode() + self._lines.reveal() + _rest(request)

    def _written(self, headers: Mapping[str, str]) -> bytes:
        given = {name.lower() for name in headers}
        defaults = {k: v for k, v in self._defaults.items() if k.lower() not in given}
        return lines_of({**defaults, **headers})


def _rest(request: Request) -> bytes:
    """The headers of the body, and the body itself."""
    body = request.content
    if body is None and request.method == "GET":
        return b"\r\n"
    kind = b"" if body is None else b"Content-Type: application/json\r\n"
    return b"%sContent-Length: %d\r\n\r\n%s" % (kind, len(body or b""), body or b"")


def _open(transport: asyncio.Transport | None) -> asyncio.Transport:
    if transport is None or transport.is_closing():
        raise aiohttp.ClientConnectionResetError("the connection is closed")
    return transport


class _Destination(aiohttp.ClientRequest):
    """As much of a request as a connector asks for: where it goes."""

    proxy = proxy_auth = proxy_headers = server_hostname = None
    _ssl = True

    def __init__(self, base: URL) -> None:
        self.url = self.original_url = base

    @cached_property
    def connection_key(self) -> ConnectionKey:
        """The key under which the connector keeps connections to this place."""
        return super().connection_key


class LeanAnswer:
    """An answer whose head has arrived."""

    __slots__ = ("_connection", "content", "headers", "status")

    def __init__(
        self,
        connection: Connection,
        status: int,
        headers: CIMultiDictProxy[str],
        content: aiohttp.StreamReader,
    ) -> None:
        self._connection = connection
        self.status = status
        self.headers = headers
        self.content = content

    def release(self) -> None:
        """Give the connection back, now that the body was read.

        If the answer came before all of the request was sent, close the connection instead: the
        rest would be taken for a part of the next request.
        """
        transport = self._connection.transport
        if transport is not None and transport.get_write_buffer_size():
            self.close()
        else:
            self._connection.release()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


async def _arrival(connection: Connection, protocol: ResponseHandler) -> LeanAnswer:
    message, content = await protocol.read()
    while message.code // 100 == 1 and message.code != HTTPStatus.SWITCHING_PROTOCOLS:
        message, content = await protocol.read()
    return LeanAnswer(connection, message.code, message.headers, content)
