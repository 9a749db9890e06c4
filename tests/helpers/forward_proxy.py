"""A forward proxy that writes down all that it sees, byte by byte, and refuses on cue."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class ForwardProxy:
    """Opens tunnels, and passes plain requests on; open inside an `async with` block.

    `heads` holds what it was asked for, `seen` every byte that came through it, either way. With a
    `refusal` it answers that, and with an empty one it hangs up. `leads_to` sends every tunnel to
    one port of this machine, whatever name it was asked for.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.heads: list[str] = []
        self.asked = asyncio.Event()
        self.seen = bytearray()
        self.refusal: bytes | None = None
        self.leads_to: int | None = None
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return self.url_for("")

    def url_for(self, credentials: str) -> str:
        return f"{'https' if self._tls else 'http'}://{credentials}127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                head = await reader.readuntil(b"\r\n\r\n")
                self.seen += head
                self.heads.append(head.decode("latin-1"))
                self.asked.set()
                if self.refusal is None:
                    await self._pass_on(head, reader, writer)
                else:
                    writer.write(self.refusal)
                    await writer.drain()
        finally:
            writer.close()

    async def _pass_on(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        method, target, _ = head.decode("latin-1").split(" ", 2)
        is_tunnel = method == "CONNECT"
        port = urlsplit(f"//{target}" if is_tunnel else target).port
        there, to_there = await asyncio.open_connection("127.0.0.1", self.leads_to or port)
        try:
            if is_tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                to_there.write(head)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._copy(reader, to_there))
                both.create_task(self._copy(there, writer))
        finally:
            to_there.close()

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                self.seen += data
                sink.write(data)
                await sink.drain()
        sink.close()
