"""A server that gives one answer, a client of it, and what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
import section_server
from raw_server import RawServer, reply
from section_server import json_reply

from ledger_async import LedgerClient


class Answering(NamedTuple):
    """A client, and the server that answers it."""

    ledger: LedgerClient
    server: RawServer

    @property
    def asked(self) -> list[str]:
        """The method, path and query of each request."""
        return [request.line.removesuffix(" HTTP/1.1") for request in self.server.requests]

    @property
    def sent(self) -> list[Any]:
        """The body of each request, `None` where there is none."""
        return [msgspec.json.decode(each.body or b"null") for each in self.server.requests]


@asynccontextmanager
async def answering(answer: object, *, status: str = "200 OK") -> AsyncIterator[Answering]:
    """A client of a server that answers with this: bytes as they are, all else as JSON."""
    if isinstance(answer, bytes):
        data = reply(answer, status=status)
    else:
        data = json_reply(answer, status=status)
    async with section_server.answering(data) as (server, ledger):
        yield Answering(ledger, server)
