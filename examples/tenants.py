"""One client for each of many tenants, of which a few stay open: `python examples/tenants.py`.

Each tenant has a workspace of its own, and with it credentials, a rate limit and connections. A
cache that closed the client it drops would close it under whoever still reads with it; this one
closes clients that nobody holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from ledger_async import LedgerClient, StreamClosedError
from ledger_async.sandbox import Sandbox

TENANTS = {"north": 120, "south": 250, "west": 40}  # how many NFTs each has


class _Held:
    """A client, and the number of those who hold it."""

    def __init__(self, ledger: LedgerClient) -> None:
        self.ledger = ledger
        self.holders = 0


class Tenants:
    """The clients of tenants, each made by `open_client(tenant)` when it is first asked for.

    At most `size` stay open, and more only while more are held: the one that nobody has asked for
    the longest is closed first. At the end, what is under way may go on for `grace` seconds.
    """

    def __init__(
        self, open_client: Callable[[str], LedgerClient], *, size: int = 32, grace: float = 10.0
    ) -> None:
        self._open_client = open_client
        self._size = size
        self._grace = grace
        self._clients: dict[str, _Held] = {}  # asked for last, last
        self._is_ending = False

    @asynccontextmanager
    async def client(self, tenant: str) -> AsyncIterator[LedgerClient]:
        """The tenant's client, which stays open within the block."""
        if self._is_ending:
            raise StreamClosedError("the clients of all tenants are being closed")
        held = self._clients.pop(tenant, None) or _Held(self._open_client(tenant))
        self._clients[tenant] = held
        held.holders += 1
        try:
            await self._close_surplus()
            yield held.ledger
        finally:
            held.holders -= 1
            await self._close_surplus()

    async def _close_surplus(self) -> None:
        while len(self._clients) > self._size:
            idle = [tenant for tenant, held in self._clients.items() if not held.holders]
            if not idle:
                return
            # Out of the cache first: whoever asks meanwhile gets another client.
            await self._clients.pop(idle[0]).ledger.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_ending = True
        async with asyncio.TaskGroup() as group:
            for held in self._clients.values():
                group.create_task(held.ledger.drain(self._grace))


async def main() -> None:
    """Read the NFTs of three tenants at once, of whom two keep their clients."""
    async with AsyncExitStack() as stack:
        workspaces = {
            tenant: await stack.enter_async_context(Sandbox({101: nfts}))
            for tenant, nfts in TENANTS.items()
        }

        def open_client(tenant: str) -> LedgerClient:
            workspace = workspaces[tenant]
            return LedgerClient(
                workspace.url, api_key=workspace.api_key, api_user=workspace.api_user
            )

        tenants = await stack.enter_async_context(Tenants(open_client, size=2))

        async def read(tenant: str) -> None:
            async with tenants.client(tenant) as ledger:
                nfts = [nft async for nft in ledger.nfts.stream(101)]
            print(f"{tenant}: {len(nfts)} NFTs")

        async with asyncio.TaskGroup() as group:
            for tenant in TENANTS:
                group.create_task(read(tenant))


if __name__ == "__main__":
    asyncio.run(main())
