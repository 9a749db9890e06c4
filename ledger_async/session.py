"""The edge: one aiohttp session, and every way in which it can fail, in our words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Mapping
from http import HTTPStatus

import aiohttp
from aiohttp import hdrs
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from . import cancellation
from ._version import __version__
from .auth import Headers
from .connections import CLOSED, Connections, Sending, sending
from .errors import (
    ConfigurationError,
    LedgerError,
    ProtocolError,
    RequestTimeoutError,
    ResponseTooLargeError,
    TransportError,
)
from .lean import LeanRequest
from .time_limit import Block, TimeLimit
from .wire import Request, Response, head_of

MAX_BODY = 16 * 2**20

_READ_AT_ONCE = 256 * 2**10

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": aiohttp.ClientRequest.DEFAULT_HEADERS[hdrs.ACCEPT_ENCODING],
    "User-Agent": f"ledger-async/{__version__}",
}

_FRAMING = ("content-length", "content-type", "transfer-encoding")

# What it leaves out is known for these versions of aiohttp; others send as they see fit.
_IS_KNOWN = aiohttp.__version__.startswith("3.14.")

# Everything that aiohttp raises for a server's or a network's fault. TimeoutError is an OSError;
# UnicodeError is what a host name gets that has no encoding for the resolver.
FOREIGN = (aiohttp.ClientError, HttpProcessingError, OSError, UnicodeError)

# Those of them after which the server cannot have seen the request.
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ServerFingerprintMismatch, UnicodeError)


class Session:
    """Sends requests to one origin, each within its time, and reads each answer whole."""

    def __init__(self, base_url: str, *, timeout: float, max_body: int = MAX_BODY) -> None:
        base = URL(base_url, encoded=True)
        self._host = str(base.host_port_subcomponent)
        self._scheme, self._authority = base.scheme, base.raw_authority
        self._path = base.raw_path.rstrip("/")
        self._head_of: Mapping[str, str] | None = None
        self._head = b""
        self._time_limit = TimeLimit(timeout)
        self._max_body = max_body
        self._http: aiohttp.ClientSession | None = None
        self._connections: Connections
        self._closed = False

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """The whole answer to one attempt, whatever its status.

        Raises `TransportError` (`RequestTimeoutError` after `timeout` seconds) where no whole
        answer arrived, and `ProtocolError` where it is not HTTP or too large. Where a kept
        connection turns out to be closed, a request that is repeatable is sent once more, on a
        new one, as the same attempt.
        """
        try:
            with Block(self._time_limit):
                return await self._exchange(request, headers)
        except FOREIGN as exc:
            error = translate(exc)
        except asyncio.CancelledError:
            # aiohttp cancels the name resolution of a session that is closed. Nobody asked
            # this task to stop, so it gets an error, not a cancellation out of nowhere.
            if not self._closed or cancellation.is_asked_for():
                raise
            error = _final("the session was closed during the request")
        # Outside of the handler, so that `translate` alone decides what is chained: some of
        # aiohttp's exceptions carry the headers that were sent.
        raise error

    async def close(self) -> None:
        """Close every connection."""
        self._closed = True
        if self._http is not None:
            await self._http.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._closed:
            error = _final("the session is closed")
            error.sent = False
            raise error
        # Opened by the first request, because aiohttp wants a running event loop.
        if self._http is None:
            _keep_large_blocks()
            self._connections = Connections()
            self._http = aiohttp.ClientSession(
                connector=self._connections,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                timeout=aiohttp.ClientTimeout(total=None),
                request_class=LeanRequest if _IS_KNOWN else aiohttp.ClientRequest,
            )
            # aiohttp would resend every idempotent request once by itself, on new connections too,
            # and nobody would count.
            self._http._retry_connection = False  # noqa: SLF001
        return self._http

    async def _exchange(self, request: Request, headers: Mapping[str, str]) -> Response:
        attempt = Sending()
        try:
            answer = await self._answered(request, headers, attempt)
        finally:
            attempt.rest = b""  # contexts live on, and are not to keep a secret
        try:
            body = await self._read(answer)
        except BaseException:
            # Half a body is on the connection: nobody may use it again.
            answer.close()
            raise
        answer.release()
        return Response(answer.status, answer.headers, body)

    async def _answered(
        self, request: Request, headers: Mapping[str, str], attempt: Sending
    ) -> aiohttp.ClientResponse:
        try:
            return await self._sent(request, headers, attempt)
        except CLOSED as exc:
            if not (request.is_repeatable and attempt.was_in_vain(exc)):
                raise
        if self._closed:
            raise _final("the session was closed during the request")
        attempt.is_again = True
        try:
            return await self._sent(request, headers, attempt)
        except aiohttp.ClientConnectorError as exc:
            # It says that nothing was sent, which holds for the second time only.
            raise aiohttp.ClientOSError(str(exc)) from exc

    def _rest(self, request: Request, headers: Mapping[str, str]) -> bytes:
        """What follows the first line of a request."""
        if self._head_of is not headers:
            given = {name.lower() for name in headers}
            if not given.isdisjoint(_FRAMING):
                raise ConfigurationError("headers that describe a body are not a scheme's to give")
            ours = {"Host": self._host, **_HEADERS}
            ours = {name: value for name, value in ours.items() if name.lower() not in given}
            self._head_of, self._head = headers, head_of(Headers({**ours, **headers}))
        if request.method == "GET" and request.body is None:
            return self._head + b"\r\n"
        body = request.body or b""
        own = {"Content-Type": "application/json"} if request.body is not None else {}
        return self._head + head_of(own | {"Content-Length": str(len(body))}) + b"\r\n" + body

    def _sent(
        self, request: Request, headers: Mapping[str, str], attempt: Sending
    ) -> Awaitable[aiohttp.ClientResponse]:
        sending.set(attempt)
        if _IS_KNOWN:
            attempt.rest = self._rest(request, headers)
        # Not parsed, and not quoted again.
        url = URL.build(
            scheme=self._scheme,
            authority=self._authority,
            path=self._path + request.path,
            query_string=request.query,
            encoded=True,
        )
        # The coroutine itself: `request` puts it into a context manager of which nothing is needed.
        send = self._opened()._request  # noqa: SLF001
        if _IS_KNOWN:
            return send(request.method, url, allow_redirects=False)
        if request.body is not None:
            headers = Headers({**headers, "Content-Type": "application/json"})
        return send(request.method, url, headers=headers, data=request.body, allow_redirects=False)

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        content = answer.content
        # What has come to its end already is not waited for.
        while chunk := content.read_nowait() if content.is_eof() else await content.readany():
            size += len(chunk)
            if size > self._max_body:
                raise ResponseTooLargeError(
                    f"the decoded body passed {self._max_body} bytes", status=answer.status
                )
            chunks.append(chunk)
            if content.at_eof() and content.exception() is None:
                break  # the usual end, for a call less
        if not chunks and answer.status == HTTPStatus.OK and "Content-Encoding" in answer.headers:
            # aiohttp does not notice that a compressed body was cut before anything came out of it.
            raise aiohttp.ClientPayloadError
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _keep_large_blocks() -> None:
    """Have glibc keep the memory that answers are read into, instead of giving it back each time.

    asyncio reads into 256 KiB and cuts off what is not needed. Blocks of 128 KiB and more are
    mapped by the kernel, until one that large was freed whole: from then on they are kept. Without
    that, each page maps, shrinks and unmaps a block, which is a sixth of what a small one costs.
    """
    bytes(2 * _READ_AT_ONCE)


def translate(exc: BaseException) -> LedgerError:
    """Our error for one of `FOREIGN`.

    Only what the operating system says is chained to it and quoted: other exceptions of aiohttp
    carry the headers that were sent, or pieces of an answer that may echo them.
    """
    error = _counterpart(exc)
    if isinstance(exc, OSError):
        # Without its frames, in which those headers are, and half an answer; and without theirs
        # that it came from.
        exc.__cause__ = exc.__context__ = None
        error.__cause__ = exc.with_traceback(None)
    return error


def _counterpart(exc: BaseException) -> LedgerError:
    match exc:
        case TimeoutError():
            return RequestTimeoutError("no whole answer in time")
        # aiohttp gives malformed HTTP the status 400, which nobody sent.
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return ProtocolError("the answer is not valid HTTP")
        case aiohttp.ClientPayloadError():
            return TransportError("the answer was cut off or is corrupt")
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch() | ssl.SSLError():
            error = _final(f"no trusted TLS connection: {exc}")
        case OSError() if str(exc):
            error = TransportError(f"the connection failed: {exc}")
        case _:
            error = TransportError(f"the connection failed: {type(exc).__name__}")
    error.sent = not isinstance(exc, _NEVER_SENT)
    return error


def _final(message: str) -> TransportError:
    error = TransportError(message)
    error.transient = False
    return error
