"""The transports side by side: tests of the edge run with each, and pass it to their clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from ledger_async import LedgerClient
from ledger_async._transport.aiohttp_transport import AiohttpTransport
from ledger_async._transport.choosing_transport import ChoosingTransport
from ledger_async._transport.http_session import HttpSession
from ledger_async._transport.http_transport import MAX_BODY, HttpTransport
from ledger_async._transport.lean_transport import LeanTransport
from ledger_async._transport.network import DIRECT, Network

KINDS: Mapping[str, type[HttpTransport]] = {"lean": LeanTransport, "aiohttp's": AiohttpTransport}

# The kind to try, which the fixture `each_transport` sets; `None` leaves it to the client.
kind: type[HttpTransport] | None = None


def transport(
    url: str, network: Network = DIRECT, *, timeout: float = 30.0, max_body: int = MAX_BODY
) -> HttpTransport:
    """A transport of the kind to try."""
    return (kind or ChoosingTransport)(
        HttpSession(url, network), timeout=timeout, max_body=max_body
    )


@asynccontextmanager
async def client(url: str, **options: Any) -> AsyncIterator[LedgerClient]:
    """A client that sends by a transport of the kind to try."""
    passed = None
    if kind is not None:
        network = Network(ssl=options.pop("ssl", None))
        passed = transport(url, network, timeout=options.get("timeout", 30.0))
    try:
        async with LedgerClient(url, transport=passed, **options) as ledger:
            yield ledger
    finally:
        if passed is not None:
            await passed.close()


def connections_in_use(ledger: LedgerClient) -> object:
    """The connections on which a request of this client is under way, if there are any."""
    used = ledger._runtime.transport
    assert isinstance(used, HttpTransport)
    session = used.http._session
    return session and session.connector and session.connector._acquired
