"""Attempts, each of which is counted, and told to whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import msgspec

from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._support.observer import Watch
from ledger_async.errors import LedgerError
from ledger_async.events import Attempt

from .transport import Transport


class Traffic(msgspec.Struct):
    """Totals of attempts, such as those of one stream's requests.

    `retries` are those that were not the first of their request, `throttles` those that the rate
    limit refused, and `resends` those that were sent twice, as a kept connection had been closed.
    """

    attempts: int = 0
    retries: int = 0
    throttles: int = 0
    resends: int = 0

    def judge(self, response: Response, *, is_throttled: bool) -> None:
        """Count an answer that was refused by the rate limit, or whose request was sent twice."""
        self.throttles += is_throttled
        self.resends += response.resent


class Attempts:
    """Sends each attempt through a transport, and adds it to the traffic."""

    def __init__(self, transport: Transport, watch: Watch, traffic: Traffic) -> None:
        self.traffic = traffic
        self.watch = watch
        self.transport = transport

    def of(self, traffic: Traffic) -> Attempts:
        """The same, adding to other totals."""
        return Attempts(self.transport, self.watch, traffic)

    def send(self, request: Request, headers: Headers, number: int) -> Awaitable[Response]:
        """The whole answer to the attempt of this number; raises as the transport does."""
        self.traffic.attempts += 1
        if number > 1:
            self.traffic.retries += 1
        if self.watch.sees_attempts:
            return self._watched(request, headers, number)
        return self.transport.send(request, headers)  # with no coroutine of ours around it

    async def _watched(self, request: Request, headers: Headers, number: int) -> Response:
        loop = asyncio.get_running_loop()  # which may run no more when this ends
        begun = loop.time()
        try:
            response = await self.transport.send(request, headers)
        except BaseException as exc:
            self.watch.attempted(_failed(request, number, loop.time() - begun, exc))
            raise
        self.watch.attempted(_answered(request, number, loop.time() - begun, response))
        return response


def _failed(request: Request, number: int, seconds: float, exc: BaseException) -> Attempt:
    status = exc.status if isinstance(exc, LedgerError) else None
    return _attempt(request, number, seconds, status=status, error=type(exc).__name__)


def _answered(request: Request, number: int, seconds: float, response: Response) -> Attempt:
    return _attempt(
        request,
        number,
        seconds,
        status=response.status,
        length=len(response.body),
        resent=response.resent,
    )


def _attempt(
    request: Request,
    number: int,
    seconds: float,
    *,
    status: int | None,
    error: str | None = None,
    length: int = 0,
    resent: bool = False,
) -> Attempt:
    return Attempt(
        method=request.method,
        path=request.path,
        account_id=request.account_id,
        page=request.page,
        attempt=number,
        status=status,
        error=error,
        seconds=seconds,
        bytes=length,
        resent=resent,
    )
