"""Requests written straight to a connection, past aiohttp's session.

Most of what a small page costs there goes into looking for what ours never have: cookies, proxies,
redirects, streams to send.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import cast

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from multidict import CIMultiDictProxy
from yarl import URL

from ledger_async._protocol.messages import Headers, Request
from ledger_async._support.secrets import Hidden
from ledger_async._version import __version__

from .pool import Connections
from .request_head import lines_of

DEFAULT_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": aiohttp.ClientRequest.DEFAULT_HEADERS[hdrs.ACCEPT_ENCODING],
    "User-Agent": f"ledger-async/{__version__}",
}

_NO_TIME_LIMIT = aiohttp.ClientTimeout(total=None)


class Lean:
    """Sends requests to one origin over the connections of a pool."""

    def __init__(self, connections: Connections, base: URL) -> None:
        self._connections = connections
        self._destination = _Destination(base)
        self._path = base.raw_path.rstrip("/")
        self._defaults = {"Host": str(base.host_port_subcomponent), **DEFAULT_HEADERS}
        # Those that were sent last, and how they are written.
        self._headers: Headers | None = None
        self._lines = Hidden(b"")

    async def send(self, request: Request, headers: Headers) -> LeanResponse:
        """The beginning of the answer.

        All of the request is written at once, and it is not waited until it is sent: the answer
        may come sooner.
        """
        connection = await self._connections.connect(self._destination, [], _NO_TIME_LIMIT)
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
    """What follows the headers that all requests have: those of the body, and the body."""
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
        """What tells its connections from those to other places."""
        return super().connection_key


class LeanResponse:
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


async def _arrival(connection: Connection, protocol: ResponseHandler) -> LeanResponse:
    message, content = await protocol.read()
    while message.code // 100 == 1 and message.code != HTTPStatus.SWITCHING_PROTOCOLS:
        message, content = await protocol.read()
    return LeanResponse(connection, message.code, message.headers, content)
