"""Leases of schemes that others wrote."""

from __future__ import annotations

import asyncio

from raw_server import Peer, RawServer, reply
from sign_in import (
    credentials,
)

from ledger_async import LedgerClient
from ledger_async._auth.lease import Lease


class Own:
    """A scheme that goes on with the same headers."""

    renewable = True
    secrets = ()

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        self.leases = 0

    async def lease(self, send: object, renewal: str | None) -> Lease:
        self.leases += 1
        await asyncio.sleep(1)
        if "X-Key" in self.headers:
            self.headers["X-Key"] = f"key {self.leases}"
        return Lease(self.headers, secrets=())


async def test_headers_that_a_scheme_changes_are_sent_as_they_are_then() -> None:
    async def answer(peer: Peer) -> None:
        good = server.requests[-1].headers["x-key"] == "key 2"
        status = "200 OK" if good else "401 Unauthorized"
        empty = b'{"edges": [], "page_info": {"count": 0, "has_next_page": false}}'
        await peer.send(reply(empty, status=status))

    auth = Own({"X-Key": ""})
    async with RawServer(answer) as server, LedgerClient(server.url, auth=auth) as ledger:
        await ledger.nfts.page(101)
    assert [each.headers["x-key"] for each in server.requests] == ["key 1", "key 2"]


async def test_a_scheme_without_headers_is_asked_once_for_all_who_wait() -> None:
    auth = Own({})
    shared = credentials(auth)
    await asyncio.gather(*(shared.headers() for _ in range(16)))
    assert auth.leases == 1
