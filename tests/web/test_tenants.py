"""`examples/tenants.py`: a client for each tenant, closed only when nobody holds it."""

from __future__ import annotations

import asyncio
import runpy
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ledger_async import ConfigurationError, LedgerClient, StreamClosedError
from ledger_async.sandbox import Sandbox

EXAMPLE = Path(__file__).parents[2] / "examples/tenants.py"


class Opened:
    """Makes clients of one sandbox, and keeps all of them, by tenant."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.clients: list[tuple[str, LedgerClient]] = []

    def __call__(self, tenant: str) -> LedgerClient:
        ledger = LedgerClient(
            self._sandbox.url, api_key=self._sandbox.api_key, api_user=self._sandbox.api_user
        )
        self.clients.append((tenant, ledger))
        return ledger

    @property
    def tenants(self) -> str:
        return "".join(tenant for tenant, _ in self.clients)

    async def still_open(self) -> str:
        return "".join([tenant for tenant, ledger in self.clients if await is_open(ledger)])


async def is_open(ledger: LedgerClient) -> bool:
    try:
        await ledger.accounts.get(101)
    except (ConfigurationError, StreamClosedError):
        return False
    return True


@pytest.fixture
def opened(sandbox: Sandbox) -> Opened:
    return Opened(sandbox)


@pytest.fixture
async def tenants(opened: Opened) -> AsyncIterator[Any]:
    """A cache of two clients."""
    async with runpy.run_path(str(EXAMPLE))["Tenants"](opened, size=2) as tenants:
        yield tenants


async def test_a_tenant_that_comes_again_has_the_client_it_had(
    tenants: Any, opened: Opened
) -> None:
    for tenant in "abab":
        async with tenants.client(tenant):
            pass
    assert opened.tenants == "ab"


async def test_the_client_that_was_asked_for_longest_ago_is_closed_for_another(
    tenants: Any, opened: Opened
) -> None:
    for tenant in "abac":
        async with tenants.client(tenant):
            pass
    assert await opened.still_open() == "ac"


async def test_a_client_that_is_held_stays_open_however_many_others_are_asked_for(
    tenants: Any, opened: Opened
) -> None:
    async with tenants.client("a") as ledger:
        nodes = aiter(ledger.nfts.stream(101, page_size=10))
        await anext(nodes)
        for tenant in "bcde":
            async with tenants.client(tenant):
                pass
        assert len([nft async for nft in nodes]) == 249
    assert await opened.still_open() == "ae"


async def test_more_are_open_only_while_more_are_held(tenants: Any, opened: Opened) -> None:
    async with tenants.client("a"), tenants.client("b"), tenants.client("c"):
        assert await opened.still_open() == "abc"
    assert await opened.still_open() == "ab"


async def test_a_tenant_that_comes_back_while_its_client_is_closed_gets_another(
    tenants: Any, opened: Opened
) -> None:
    async def use(tenant: str) -> None:
        async with tenants.client(tenant) as ledger:
            assert await is_open(ledger)

    for _ in range(20):
        await asyncio.gather(*map(use, "abcdef"))
    assert len(await opened.still_open()) == 2


async def test_a_holder_who_is_cancelled_holds_nothing(tenants: Any, opened: Opened) -> None:
    async def hold() -> None:
        async with tenants.client("a"):
            await asyncio.Event().wait()

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    holder.cancel()
    await asyncio.wait([holder])
    for tenant in "bc":
        async with tenants.client(tenant):
            pass
    assert await opened.still_open() == "bc"


async def test_at_the_end_all_are_closed_once_what_was_under_way_is_over(opened: Opened) -> None:
    async def read() -> int:
        async with cache.client("a") as ledger:
            return len([nft async for nft in ledger.nfts.stream(101, page_size=10)])

    async with runpy.run_path(str(EXAMPLE))["Tenants"](opened, size=2) as cache:
        reader = asyncio.create_task(read())
        async with cache.client("b") as ledger:
            await ledger.accounts.get(101)
    assert await opened.still_open() == ""
    assert await reader == 250


async def test_no_client_is_opened_after_the_end(opened: Opened) -> None:
    async with runpy.run_path(str(EXAMPLE))["Tenants"](opened, size=2) as cache:
        pass
    with pytest.raises(StreamClosedError):
        async with cache.client("a"):
            pass
    assert opened.tenants == ""


def test_the_example_runs() -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLE], capture_output=True, text=True, check=True, timeout=60
    )
    assert sorted(done.stdout.splitlines()) == [
        "north: 120 NFTs",
        "south: 250 NFTs",
        "west: 40 NFTs",
    ]
    assert done.stderr == ""
