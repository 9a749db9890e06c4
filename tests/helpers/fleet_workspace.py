"""A workspace for fleets, whose workers find it in their environment, and looks at both."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from ledger_async import LedgerClient
from ledger_async.fleet import Fleet
from ledger_async.mirror import MirrorOutcome
from ledger_async.sandbox import Sandbox

SIZES = {account: account % 23 for account in range(1, 121)}


@pytest.fixture
async def workspace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(SIZES, latency=0.05) as sandbox:
        tell(sandbox, monkeypatch)
        yield sandbox


@pytest.fixture
async def slow_workspace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """One that takes seconds to be read."""
    async with Sandbox(SIZES, latency=0.5) as sandbox:
        tell(sandbox, monkeypatch)
        yield sandbox


def tell(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers that are started find the workspace in their environment."""
    monkeypatch.setenv("LEDGER_BASE_URL", sandbox.url)
    monkeypatch.setenv("LEDGER_API_KEY", sandbox.api_key)
    monkeypatch.setenv("LEDGER_API_USER", sandbox.api_user)


@pytest.fixture
def database(postgres: str) -> str:
    return f"postgresql:///?{urlencode(conninfo_to_dict(postgres))}"


class Seen:
    """Counts the requests that a workspace sees from now on."""

    def __init__(self, workspace: Sandbox) -> None:
        self.count = 0
        self.begun = asyncio.Event()
        workspace.on_request(self._see)

    async def reach(self, count: int) -> None:
        """Wait until there were so many."""
        while self.count < count:
            self.begun.clear()
            await self.begun.wait()

    def _see(self, _: object) -> None:
        self.count += 1
        self.begun.set()


async def pid(_: LedgerClient, __: int) -> int:
    return os.getpid()


async def worker_of(fleet: Fleet) -> int:
    """The process of one of the workers."""
    async with fleet.map(pid, [1]) as pids:
        return (await anext(pids)).value


def check_whole(outcome: MirrorOutcome, database: str) -> None:
    """The accounts of `SIZES` are all there, and nothing but added."""
    assert outcome.failed == {}
    assert (outcome.accounts, outcome.added, outcome.changed, outcome.gone) == (
        len(SIZES),
        sum(SIZES.values()),
        0,
        0,
    )
    assert rows_of(database) == {each: size for each, size in SIZES.items() if size}
    with psycopg.connect(database) as connection:
        kinds = connection.execute("SELECT DISTINCT kind FROM nfts_changes").fetchall()
    assert kinds == [("added",)]


def rows_of(database: str) -> dict[int, int]:
    """The number of rows of each account that has some."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT account_id, count(*) FROM nfts WHERE gone_at IS NULL GROUP BY 1"
        ).fetchall()
    return dict(rows)
