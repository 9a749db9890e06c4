"""Requests written straight to a connection, past aiohttp's session.

Most of what a small page costs there goes into looking for what our requests never have: cookies,
proxies, redirects, streams to send.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import aiohttp
from aiohttp.http import RawResponseMessage
from multidict import CIMultiDictProxy

from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._support.secrets import Hidden

from .http_session import DEFAULT_HEADERS, HttpSession
from .http_transport import MAX_BODY, HttpTransport
from .pool import Connections, Sending
from .request_head import lines_of
from .wire import Wire


class LeanTransport(HttpTransport):
    """Sends over the connections of aiohttp's session, and by nothing else of it."""

    def __init__(self, http: HttpSession, *, timeout: float, max_body: int = MAX_BODY) -> None:
        super().__init__(http, timeout=timeout, max_body=max_body)
        base = http.base
        self._path = base.raw_path.rstrip("/")
        self._defaults = {"Host": str(base.host_port_subcomponent), **DEFAULT_HEADERS}
        # The headers that were sent last, and the same as bytes.
        self._headers: Headers | None = None
        self._lines = Hidden(b"")

    async def begin(
        self, request: Request, headers: Headers, attempt: Sending
    ) -> Response | LeanAnswer:
        """Write all of the request at once, and wait for its answer.

        Nothing waits until the request is sent: the answer may come sooner.
        """
        pool = self.http.pool()
        if attempt.is_again:
            pool.close_idle()
        wire = pool.idle()
        attempt.is_kept = wire is not None
        if wire is None:
            wire = await pool.new()
        try:
            plain = await wire.ask(self.written(request, headers), longest=self._max_body)
            if plain is None:
                return await _arrival(pool, wire)
        except BaseException:
            pool.close_lent(wire)
            raise
        pool.take_back(wire)
        head, body = plain
        return Response(head.code, head.headers, body, resent=attempt.is_again)

    def written(self, request: Request, headers: Headers) -> bytes:
        """The request as it goes over the wire."""
        if self._headers is not headers:
            self._headers, self._lines = headers, Hidden(self._written(headers.reveal()))
        query = f"?{request.query}" if request.query else ""
        first_line = f"{request.method} {self._path}{request.path}{query} HTTP/1.1\r\n"
        return b"%b%b%b" % (first_line.encode(), self._lines.reveal(), _rest(request))

    def _written(self, headers: Mapping[str, str]) -> bytes:
        given = {name.lower() for name in headers}
        defaults = {k: v for k, v in self._defaults.items() if k.lower() not in given}
        return lines_of({**defaults, **headers})


def _rest(request: Request) -> bytes:
    """The headers of the body, and the body itself."""
    if request.body is None and request.method == "GET":
        return b"\r\n"
    body = request.content
    kind = b"" if body is None else b"Content-Type: application/json\r\n"
    return b"%sContent-Length: %d\r\n\r\n%s" % (kind, len(body or b""), body or b"")


class LeanAnswer:
    """An answer whose head has arrived, and whose body aiohttp reads."""

    __slots__ = ("_pool", "_wire", "content", "headers", "status")

    def __init__(
        self,
        pool: Connections,
        wire: Wire,
        head: RawResponseMessage,
        content: aiohttp.StreamReader,
    ) -> None:
        self._pool, self._wire = pool, wire
        self.status: int = head.code
        self.headers: CIMultiDictProxy[str] = head.headers
        self.content = content

    def release(self) -> None:
        """Give the connection back, now that the body was read."""
        self._pool.take_back(self._wire)

    def close(self) -> None:
        """Close the connection."""
        self._pool.close_lent(self._wire)


async def _arrival(pool: Connections, wire: Wire) -> LeanAnswer:
    head, content = await wire.read()
    while head.code // 100 == 1 and head.code != HTTPStatus.SWITCHING_PROTOCOLS:
        head, content = await wire.read()
    return LeanAnswer(pool, wire, head, content)
