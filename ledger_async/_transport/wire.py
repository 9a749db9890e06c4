"""A connection on which plain answers are read at once, and all others as aiohttp reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpResponseParser, RawResponseMessage

Look = Callable[[int], list[Any]]
"""A function that waits so many milliseconds for something to read."""

Plain = tuple[RawResponseMessage, bytes]
"""The head of an answer, and its body."""

_END = b"\n\r\n"

# The first line of a head, and the empty one at its end.
_OTHER_LINES = 2

# Answers that have no body, whatever their headers say. Plain integers are compared faster.
_LAST_INTERIM = 199
_BODILESS = frozenset({int(HTTPStatus.NO_CONTENT), int(HTTPStatus.NOT_MODIFIED)})

# The parser of heads reads no bodies, and has no use for a limit.
_NO_BODY = 2**16


class Wire(ResponseHandler):
    """A connection of aiohttp's that can also be asked past aiohttp, one question at a time.

    A parser and a stream of its own for each answer are most of what a small one costs in aiohttp.
    Nearly every answer is plain: its first piece holds the whole head, which says how long the
    body is, and nothing is chunked or compressed. Of these aiohttp's parser is shown the head
    alone, and the rest is the body. Whatever comes otherwise is handed to aiohttp from its first
    byte on, and read or refused as ever.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.look: Look | None = None
        self._asked: asyncio.Future[Plain | None] | None = None
        self._longest = 0
        self._heads: HttpResponseParser | None = None
        # Of a plain answer that is arriving: its head, what came of its body, and how much is yet
        # to come.
        self._head: RawResponseMessage | None = None
        self._parts: list[bytes] = []
        self._missing = 0

    def ask(self, request: bytes, *, longest: int) -> asyncio.Future[Plain | None]:
        """Send a request; its answer comes if that is plain, and its body of no more than so much.

        Else `None` comes, and the answer is to be had from `read`.
        """
        transport = self.transport
        if transport is None or transport.is_closing():
            raise aiohttp.ClientConnectionResetError("the connection is closed")
        self._asked, self._longest = self._loop.create_future(), longest
        asked = self._asked
        transport.write(request)  # which may end the connection
        return asked

    def data_received(self, data: bytes) -> None:
        """Put together the answer that was asked for; what else comes is aiohttp's to judge."""
        if self._asked is None:
            super().data_received(data)
        elif self._head is None:
            self._begin(self._asked, data)
        else:
            self._go_on(self._asked, self._head, data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell whoever waits for an answer that none comes."""
        super().connection_lost(exc)
        asked, is_cut = self._asked, self._head is not None
        self._asked = self._head = self._heads = None
        if asked is None or asked.done():
            return
        if is_cut:
            asked.set_exception(aiohttp.ClientPayloadError())
        else:
            asked.set_exception(self.exception() or aiohttp.ServerDisconnectedError())

    def _begin(self, asked: asyncio.Future[Plain | None], data: bytes) -> None:
        end = data.find(_END) + len(_END)
        head = self._parsed(data[:end]) if end >= len(_END) else None
        length = _length(head)
        if head is None or not len(data) - end <= length <= self._longest:
            self._leave_to_aiohttp(asked, data)
            return
        body = data[end:]
        self._missing = length - len(body)
        if self._missing:
            self._head = head
            self._parts.append(body)
        else:
            self._end(asked, head, body)

    def _go_on(
        self, asked: asyncio.Future[Plain | None], head: RawResponseMessage, data: bytes
    ) -> None:
        self._missing -= len(data)
        self._parts.append(data)
        if self._missing > 0:
            return
        if self._missing:
            self.force_close()  # nobody asked for what is too much
            self._parts[-1] = data[: self._missing]
        body = b"".join(self._parts)
        self._head = None
        self._parts.clear()
        self._end(asked, head, body)

    def _end(
        self, asked: asyncio.Future[Plain | None], head: RawResponseMessage, body: bytes
    ) -> None:
        self._asked = None
        if head.should_close:
            self.force_close()
        if not asked.done():
            asked.set_result((head, bytes(body)))  # proactors bring bytearrays

    def _leave_to_aiohttp(self, asked: asyncio.Future[Plain | None], data: bytes) -> None:
        self._asked = None
        self.set_response_params(read_until_eof=True)
        super().data_received(data)
        if not asked.done():
            asked.set_result(None)

    def _parsed(self, data: bytes) -> RawResponseMessage | None:
        """A head that is whole, as aiohttp's parser understands it."""
        if self._heads is None:
            self._heads = HttpResponseParser(
                self, self._loop, _NO_BODY, response_with_body=False, read_until_eof=True
            )
        try:
            found, _, _ = self._heads.feed_data(data)
        except Exception:  # noqa: BLE001 - aiohttp says what is wrong when it reads all of it
            found = []
        # aiohttp takes lines that end without a "\r", so that the head may have ended before.
        if len(found) == 1 and data.count(b"\n") == len(found[0][0].headers) + _OTHER_LINES:
            return found[0][0]
        self._heads = None  # it may have begun to read what is no head
        return None


def _length(head: RawResponseMessage | None) -> int:
    """The length of the body behind a head that says it, and does no more; else -1."""
    if head is None or head.chunked or head.compression or head.upgrade:
        return -1
    code = head.code
    if code <= _LAST_INTERIM or code in _BODILESS:
        return -1
    length = head.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else -1
