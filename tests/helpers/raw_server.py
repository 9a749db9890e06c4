"""A server of bare bytes: whatever a network or a broken peer may send, and what it was asked."""

from __future__ import annotations

import asyncio
import os
import ssl
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from socket import SHUT_WR, SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Self

import msgspec

# Connections past the backlog wait whole seconds for the kernel to try again.
_BACKLOG = 1024

OK = b'{"ok": true}'


def reply(
    body: bytes = OK, *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """An HTTP answer, its `Content-Length` true unless `length` says otherwise."""
    stated = len(body) if length is None else length
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {stated}", *headers, "", "")
    return "\r\n".join(lines).encode("latin-1") + body


class RawRequest(msgspec.Struct):
    """A request as it arrived; header names are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """The client's end of one connection, as the server sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.gone = asyncio.Event()

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def blurt(self, data: bytes) -> None:
        """Send this at once: it has arrived before any loop looks for it."""
        os.write(self._writer.get_extra_info("socket").fileno(), data)

    def hang_up_at_once(self) -> None:
        """Close the connection before any loop looks for it."""
        self._writer.get_extra_info("socket").shutdown(SHUT_WR)

    def hang_up(self) -> None:
        """Close the connection once what was sent is out."""
        self._writer.close()

    def reset(self) -> None:
        """Close the connection with an RST: the kernel does so if told not to linger."""
        linger = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
        self._writer.transport.abort()

    async def left(self) -> None:
        """Wait until the client has left, and answer nothing meanwhile."""
        with suppress(ConnectionError):
            await self._reader.read()
        self.gone.set()

    async def request(self) -> RawRequest | None:
        """The next request, `None` once the client has left."""
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *fields = head.removesuffix("\r\n\r\n").split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (field.partition(":") for field in fields)
            }
            body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
            return None
        return RawRequest(line, headers, body)


Answer = Callable[[Peer], Awaitable[None]]


async def hang_up(peer: Peer) -> None:
    peer.hang_up()


async def reset(peer: Peer) -> None:
    peer.reset()


async def nothing(peer: Peer) -> None:
    await peer.left()


def last_words(data: bytes) -> Answer:
    """Say this, then hang up."""

    async def answer(peer: Peer) -> None:
        await peer.send(data)
        peer.hang_up()

    return answer


def stall(data: bytes) -> Answer:
    """Say this, then nothing more."""

    async def answer(peer: Peer) -> None:
        await peer.send(data)
        await peer.left()

    return answer


async def reset_within_the_body(peer: Peer) -> None:
    await peer.send(reply(b"half", length=8))
    await asyncio.sleep(1)
    peer.reset()


class RawServer:
    """Meets each request with `answer`: bytes, or a coroutine function that is given the peer.

    Open inside an `async with` block. `greeting` is sent to each new connection before it says
    anything; without one (`None`), it is closed. `requests` holds what was asked; `peers` are the
    connections in order of arrival, each with an event `gone`. `answer` may be changed between
    requests. Unless `listening`, the port refuses connections until `listen`.
    """

    def __init__(
        self,
        answer: Answer | bytes,
        *,
        greeting: bytes | None = b"",
        tls: ssl.SSLContext | None = None,
        listening: bool = True,
    ) -> None:
        self.answer = answer
        self._greeting = greeting
        self._tls = tls
        self._listening = listening
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrival = asyncio.Condition()
        self.requests: list[RawRequest] = []
        self.peers: list[Peer] = []

    @property
    def port(self) -> int:
        if self._server is None:
            raise RuntimeError("the server has a port inside its `async with` block only")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def listen(self) -> None:
        """Accept connections from now on."""
        if self._server is not None:
            await self._server.start_serving()

    async def asked(self, times: int) -> None:
        """Wait until so many requests have arrived."""
        async with self._arrival:
            await self._arrival.wait_for(lambda: len(self.requests) >= times)

    def refuse(self) -> None:
        """Accept no more connections; those that are there stay."""
        if self._server is not None:
            self._server.close()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept,
            "127.0.0.1",
            0,
            backlog=_BACKLOG,
            ssl=self._tls,
            start_serving=self._listening,
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peers.append(Peer(reader, writer))
        self._tasks.add(asyncio.create_task(self._serve(self.peers[-1], writer)))

    async def _serve(self, peer: Peer, writer: asyncio.StreamWriter) -> None:
        try:
            if self._greeting is None:
                return
            await peer.send(self._greeting)
            while (request := await peer.request()) is not None:
                async with self._arrival:
                    self.requests.append(request)
                    self._arrival.notify_all()
                if isinstance(self.answer, bytes):
                    await peer.send(self.answer)
                else:
                    await self.answer(peer)
        except ConnectionError:
            peer.gone.set()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
