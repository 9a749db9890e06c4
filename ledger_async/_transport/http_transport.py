"""The common part of the transports: one attempt in time, read whole, failing in our words."""

from __future__ import annotations

import asyncio
import sys
import traceback
from abc import ABC, abstractmethod
from collections.abc import Awaitable

import aiohttp

from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._support import cancellation
from ledger_async.errors import LedgerError, TransportError, frameless

from .answer import Answer, read_body
from .attempt_timeout import Block, TimeLimit
from .failures import FOREIGN, final, translate, turned_away
from .http_session import HttpSession
from .pool import CLOSED, Sending, is_silent_end

MAX_BODY = 16 * 2**20


class HttpTransport(ABC):
    """A transport over an aiohttp session; those that derive from it say how a request goes out."""

    def __init__(self, http: HttpSession, *, timeout: float, max_body: int = MAX_BODY) -> None:
        self.http = http
        self._time_limit = TimeLimit(timeout)
        self._max_body = max_body

    @abstractmethod
    def begin(
        self, request: Request, headers: Headers, attempt: Sending
    ) -> Awaitable[Response | Answer]:
        """Send the request and wait for its answer, or for no more than the head of it.

        Says of the attempt if the connection was a kept one, and takes a new one if it `is_again`.
        """

    async def send(self, request: Request, headers: Headers) -> Response:
        """The whole answer to one attempt, whatever its status.

        Raises `TransportError` (`RequestTimeoutError` after `timeout` seconds) where no whole
        answer arrived, and `ProtocolError` where it is not HTTP or too large. Where a kept
        connection turns out to be closed, a request that is repeatable is sent once more, on a
        new one, as the same attempt.
        """
        limit = self._time_limit if request.timeout is None else TimeLimit(request.timeout)
        try:
            with Block(limit):
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
        """Close every connection of the session."""
        await self.http.close()

    def _told(self, exc: BaseException) -> BaseException:
        """The error that the caller gets for `exc`."""
        if isinstance(exc, FOREIGN):
            return turned_away() if self._is_turned_away(exc) else self._translated(exc)
        if isinstance(exc, asyncio.CancelledError):
            # aiohttp cancels the name resolution of a session that is closed. Nobody asked
            # this task to stop, so it gets an error, not a cancellation out of nowhere.
            if self.http.is_closed and not cancellation.is_asked_for():
                return final("the session was closed during the request")
        elif isinstance(exc, Exception) and not isinstance(exc, LedgerError):
            exc.add_note("".join(["Raised at:\n", *traceback.format_tb(exc.__traceback__)]))
        return exc

    def _translated(self, exc: BaseException) -> LedgerError:
        return translate(exc, self.http.network.proxy)

    def _is_turned_away(self, exc: BaseException) -> bool:
        """True if a server that never answered hung up without a word on a client's own TLS.

        TLS 1.3 lets a client finish its part before the server looks at the certificate, and some
        servers, asyncio's among them, then hang up where others send an alert.
        """
        http = self.http
        if http.has_answered or http.is_closed or http.network.ssl is None:
            return False
        return http.base.scheme == "https" and is_silent_end(exc)

    async def _exchange(self, request: Request, headers: Headers) -> Response:
        attempt = Sending()
        answer = None
        try:
            answer = await self.begin(request, headers, attempt)
        except CLOSED as exc:
            if not (request.is_repeatable and attempt.was_in_vain(exc)):
                raise
        if answer is None:
            answer = await self._begin_again(request, headers, attempt)
        self.http.has_answered = True
        return answer if isinstance(answer, Response) else await self._whole(answer, attempt)

    async def _begin_again(
        self, request: Request, headers: Headers, attempt: Sending
    ) -> Response | Answer:
        if self.http.is_closed:
            raise final("the session was closed during the request")
        attempt.is_again = True
        try:
            return await self.begin(request, headers, attempt)
        except aiohttp.ClientConnectorError as exc:
            # It says that nothing was sent, which holds for the second time only.
            error = self._translated(exc)
            if isinstance(error, TransportError):
                error.sent = True
            raise error from error.__cause__

    async def _whole(self, answer: Answer, attempt: Sending) -> Response:
        try:
            body = await read_body(answer, self._max_body)
        except BaseException:
            # Half a body is on the connection: nobody may use it again.
            answer.close()
            raise
        answer.release()
        return Response(answer.status, answer.headers, body, resent=attempt.is_again)
