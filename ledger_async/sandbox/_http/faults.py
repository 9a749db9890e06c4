"""Faults of answers, as values."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web

from .replies import content, error, reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from aiohttp.typedefs import Handler

    Play = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]

_BAD_GATEWAY = "<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail, for `Sandbox.fail`.

    `play` is an aiohttp middleware: `Fault("mine", middleware)` fails in a way of your own.
    """

    name: str
    play: Play = field(repr=False)

    @classmethod
    def status(
        cls, status: int, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Fault:
        """Answer with `status`, and with the contract's error body unless `body` is given."""
        make = (
            partial(error, status, "a scripted fault", headers=headers)
            if body is None
            else partial(reply, body, status=status, headers=headers)
        )
        return cls(f"status {status}", _answer(make))

    @classmethod
    def json(cls, body: Any, *, status: int = 200) -> Fault:
        """Answer with `body` as JSON, whatever was asked for."""
        return cls("json", _answer(partial(reply, body, status=status)))

    @classmethod
    def html(cls, text: str = _BAD_GATEWAY, *, status: int = 502) -> Fault:
        """Answer with a web page, as gateways do."""
        headers = {"Content-Type": "text/html; charset=utf-8"}
        return cls("html", _answer(partial(reply, text.encode(), status=status, headers=headers)))

    @classmethod
    def redirect(cls, location: str, *, status: int = 302) -> Fault:
        """Answer that what was asked for is at `location`."""
        headers = {"Location": location}
        return cls("redirect", _answer(partial(reply, b"", status=status, headers=headers)))

    @classmethod
    def drop(cls) -> Fault:
        """Close the connection instead of answering."""
        return cls("drop", _hang_up_after(b""))

    @classmethod
    def garbage(cls, data: bytes = b"\x00 this is not HTTP \xff\r\n\r\n") -> Fault:
        """Send `data` as it is instead of an HTTP answer, and close the connection."""
        return cls("garbage", _hang_up_after(data))

    @classmethod
    def cut(cls) -> Fault:
        """Send the true answer's headers and half of its body, then close the connection."""
        return cls("cut", _deliver(_first_half))

    @classmethod
    def slow(cls, pause: float, *, pieces: int = 4) -> Fault:
        """Send the true answer's body in `pieces`, with `pause` seconds before each."""
        return cls("slow", _deliver(partial(_in_pieces, pause=pause, pieces=pieces)))

    @classmethod
    def stall(cls, seconds: float) -> Fault:
        """Wait `seconds`, then answer truly."""

        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            await asyncio.sleep(seconds)
            return await handler(request)

        return cls("stall", play)


def _answer(make: Callable[[], web.Response]) -> Play:
    async def play(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        return make()

    return play


def _hang_up_after(data: bytes) -> Play:
    async def play(request: web.Request, _handler: Handler) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.write(data)
            request.transport.close()
        return web.Response()  # never sent: aiohttp wants something to be returned

    return play


def _deliver(chunks: Callable[[web.Request, bytes], AsyncIterator[bytes]]) -> Play:
    """Send the true answer with its true length, but the body as `chunks` has it."""

    async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        body = content(answer)
        headers = answer.headers.copy()
        headers[hdrs.CONTENT_LENGTH] = str(len(body))
        return web.Response(body=chunks(request, body), status=answer.status, headers=headers)

    return play


async def _first_half(request: web.Request, body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    if request.transport is not None:
        request.transport.close()


async def _in_pieces(
    _request: web.Request, body: bytes, *, pause: float, pieces: int
) -> AsyncIterator[bytes]:
    size = -(-len(body) // pieces) or 1
    for start in range(0, len(body), size):
        await asyncio.sleep(pause)
        yield body[start : start + size]
