"""As little as can be on an event loop: a bare protocol, requests of fixed bytes, and msgspec."""

from __future__ import annotations

import asyncio
from typing import cast

import msgspec
from plain_nodes import Page
from work import Tally, Work


class Answers(asyncio.Protocol):
    """One connection, which is asked for one answer at a time."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._missing = -1
        self._waiting: asyncio.Future[bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where requests go."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        """Send a request; what is answered comes as a future."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        """Put an answer together."""
        if self._missing < 0:
            head, _, data = data.partition(b"\r\n\r\n")
            self._missing = int(head.rpartition(b"Content-Length: ")[2])
        self._parts.append(data)
        self._missing -= len(data)
        if not self._missing:
            body = b"".join(self._parts)
            self._parts.clear()
            self._missing = -1
            self._waiting.set_result(body)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    decoder = msgspec.json.Decoder(Page)
    pages = iter(work.pages())
    host, port = work.origin
    loop = asyncio.get_running_loop()

    async def worker() -> None:
        _, answers = await loop.create_connection(Answers, host, port)
        for account_id, number in pages:
            page = decoder.decode(await answers.ask(work.request(account_id, number)))
            await tally.take(account_id, [edge.node for edge in page.edges])
            del page
        answers.close()

    await asyncio.gather(*(worker() for _ in range(work.slots)))
