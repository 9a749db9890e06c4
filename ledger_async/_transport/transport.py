"""The edge: one aiohttp session, and every way in which it can fail, in our words."""

from __future__ import annotations

import asyncio
import ssl
import sys
import traceback
from http import HTTPStatus
from types import MethodType

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._support import cancellation
from ledger_async.errors import (
    LedgerError,
    ProtocolError,
    RequestTimeoutError,
    ResponseTooLargeError,
    TransportError,
    frameless,
)

from .attempt_timeout import Block, TimeLimit
from .lean_request import DEFAULT_HEADERS, Lean, LeanResponse
from .plain_request import Plain
from .pool import CLOSED, Connections, Sending, sending

MAX_BODY = 16 * 2**20

_READ_AT_ONCE = 256 * 2**10

# What the lean way stands on is known for these versions of aiohttp.
_IS_KNOWN = aiohttp.__version__.startswith("3.14.")

_AIOHTTPS = vars(aiohttp.client)

Answer = LeanResponse | aiohttp.ClientResponse

# Everything that aiohttp raises for a server's or a network's fault. TimeoutError is an OSError;
# UnicodeError is what a host name gets that has no encoding for the resolver.
FOREIGN = (aiohttp.ClientError, HttpProcessingError, OSError, UnicodeError)

# Those of them after which the server cannot have seen the request.
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ServerFingerprintMismatch, UnicodeError)


class Session:
    """Sends requests to one origin, each within its time, and reads each answer whole."""

    def __init__(self, base_url: str, *, timeout: float, max_body: int = MAX_BODY) -> None:
        self._base = URL(base_url, encoded=True)
        self._time_limit = TimeLimit(timeout)
        self._max_body = max_body
        self._http: aiohttp.ClientSession | None = None
        self._lean: Lean
        self._plain: Plain
        self._closed = False

    async def send(self, request: Request, headers: Headers) -> Response:
        """The whole answer to one attempt, whatever its status.

        Raises `TransportError` (`RequestTimeoutError` after `timeout` seconds) where no whole
        answer arrived, and `ProtocolError` where it is not HTTP or too large. Where a kept
        connection turns out to be closed, a request that is repeatable is sent once more, on a
        new one, as the same attempt.
        """
        try:
            with Block(self._time_limit):
                return await self._exchange(request, headers)
        except BaseException as exc:  # noqa: BLE001 - it is raised below, or what stands for it
            error = self._told(exc)
        # Whatever it is, a cancellation or a bug: secrets are in the frames between here and the
        # socket, and may be in what led to it. Outside of the handler, so that nothing is chained.
        try:
            raise frameless(error, handled=sys.exception())
        finally:
            del error

    async def close(self) -> None:
        """Close every connection."""
        self._closed = True
        if self._http is not None:
            await self._http.close()

    def _told(self, exc: BaseException) -> BaseException:
        """What the caller is told of a failure."""
        if isinstance(exc, FOREIGN):
            return translate(exc)
        if isinstance(exc, asyncio.CancelledError):
            # aiohttp cancels the name resolution of a session that is closed. Nobody asked
            # this task to stop, so it gets an error, not a cancellation out of nowhere.
            if self._closed and not cancellation.is_asked_for():
                return _final("the session was closed during the request")
        elif isinstance(exc, Exception) and not isinstance(exc, LedgerError):
            exc.add_note("".join(["Raised at:\n", *traceback.format_tb(exc.__traceback__)]))
        return exc

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            error = _final("the session is closed")
            error.sent = False
            raise error
        # Opened by the first request, because aiohttp wants a running event loop.
        if self._http is None:
            _keep_large_blocks()
            connections = Connections()
            self._http = aiohttp.ClientSession(
                connector=connections,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=DEFAULT_HEADERS,
                timeout=aiohttp.ClientTimeout(total=None),
            )
            # aiohttp would resend every idempotent request once by itself, on new connections too,
            # and nobody would count.
            self._http._retry_connection = False  # noqa: SLF001
            self._lean, self._plain = Lean(connections, self._base), Plain(self._http, self._base)
        return self._http

    def _way(self) -> Lean | Plain:
        """The one to send by now: others may join in, and leave again, at any time."""
        http = self._open()
        return self._lean if _IS_KNOWN and _is_undisturbed(http) else self._plain

    async def _exchange(self, request: Request, headers: Headers) -> Response:
        answer = await self._answered(request, headers)
        try:
            body = await self._read(answer)
        except BaseException:
            # Half a body is on the connection: nobody may use it again.
            answer.close()
            raise
        answer.release()
        return Response(answer.status, answer.headers, body)

    async def _answered(self, request: Request, headers: Headers) -> Answer:
        attempt = Sending()
        sending.set(attempt)
        try:
            return await self._way().send(request, headers)
        except CLOSED as exc:
            if not (request.is_repeatable and attempt.was_in_vain(exc)):
                raise
        if self._closed:
            raise _final("the session was closed during the request")
        attempt.is_again = True
        sending.set(attempt)  # again: tasks may share a context
        try:
            return await self._way().send(request, headers)
        except aiohttp.ClientConnectorError as exc:
            # It says that nothing was sent, which holds for the second time only.
            raise aiohttp.ClientOSError(str(exc)) from exc

    async def _read(self, answer: Answer) -> bytes:
        chunks: list[bytes] = []
        size = 0
        content = answer.content
        # What has come to its end already is not waited for.
        while chunk := content.read_nowait() if content.is_eof() else await content.readany():
            size += len(chunk)
            self._check_size(size, answer)
            chunks.append(chunk)
            if content.at_eof() and content.exception() is None:
                break  # the usual end, for a call less
        return chunks[0] if len(chunks) == 1 else b"".join(chunks) or await self._rest(answer)

    async def _rest(self, answer: Answer) -> bytes:
        """The body where nothing is left to read: somebody has read it before, or none came."""
        if isinstance(answer, aiohttp.ClientResponse) and (body := await answer.read()):
            self._check_size(len(body), answer)
            return body
        if answer.status == HTTPStatus.OK and "Content-Encoding" in answer.headers:
            # aiohttp does not notice that a compressed body was cut before anything came out of it.
            raise aiohttp.ClientPayloadError
        return b""

    def _check_size(self, size: int, answer: Answer) -> None:
        if size > self._max_body:
            raise ResponseTooLargeError(
                f"the decoded body passed {self._max_body} bytes", status=answer.status
            )


def _is_undisturbed(http: aiohttp.ClientSession) -> bool:
    """Whether its requests are nobody's but ours to see, and aiohttp's own to send.

    Tools add trace configs and middlewares to every session that is made, and replace the method
    by which it sends.
    """
    send = http._request  # noqa: SLF001
    is_its_own = type(send) is MethodType and getattr(send, "__globals__", None) is _AIOHTTPS
    return is_its_own and not http.trace_configs and not http._middlewares  # noqa: SLF001


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
        # Without what it came from.
        exc.__cause__ = exc.__context__ = None
        error.__cause__ = exc
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
