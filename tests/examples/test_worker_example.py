"""`examples/worker.py` as a process of its own: it mirrors, says how it is, and ends in order."""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import psycopg
import pytest
import worker as worker_example
from psycopg.conninfo import conninfo_to_dict

from ledger_async import LedgerClient
from ledger_async.mirror import SqliteStore
from ledger_async.sandbox import Fault, Sandbox

pytestmark = pytest.mark.real_time

EXAMPLE = Path(__file__).parents[2] / "examples/worker.py"


class Running:
    """A worker's process, and its health."""

    def __init__(self, process: asyncio.subprocess.Process, log: asyncio.StreamReader) -> None:
        self.process = process
        self._log = log

    async def told(self, pattern: str) -> str:
        """What its log says, once it does."""
        while line := (await self._log.readline()).decode():
            if found := re.search(pattern, line):
                return found[0]
        raise AssertionError(f"its log has no {pattern}")

    async def health_when(self, status: str, url: str) -> httpx.Response:
        """The first answer of this status."""
        async with httpx.AsyncClient(timeout=60) as client:
            while True:
                answer = await client.get(url)
                if answer.json()["status"] == status:
                    return answer
                await asyncio.sleep(0.05)

    async def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        await self._log.read()
        return await self.process.wait()


@asynccontextmanager
async def worker(box: Sandbox, store: str) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "dev", "-W", "error", EXAMPLE, store, "--every=0.2", "--port=0"),
        stderr=asyncio.subprocess.PIPE,
        env=os.environ
        | {
            "LEDGER_BASE_URL": box.url,
            "LEDGER_API_KEY": box.api_key,
            "LEDGER_API_USER": box.api_user,
        },
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            yield Running(process, process.stderr)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def count_in_file(path: Path) -> Any:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT count(*) FROM nfts").fetchone()


async def test_it_mirrors_into_a_file_and_tells_what_is_proven(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.db"
    async with worker(sandbox, f"sqlite:{path}") as running:
        health = await running.health_when("ok", await running.told(r"http://\S+"))
        assert await running.terminate() == 0
    last = health.json()["last_run"]
    assert health.status_code == 200
    assert (last["accounts"], last["proven"], last["rows"]) == (3, 3, 257)
    assert count_in_file(path) == (257,)


async def test_it_mirrors_into_postgresql(sandbox: Sandbox, postgres: str) -> None:
    where = conninfo_to_dict(postgres)
    store = f"postgresql://{where['user']}@/{where['dbname']}?host={where['host']}"
    async with worker(sandbox, store) as running:
        await running.health_when("ok", await running.told(r"http://\S+"))
        assert await running.terminate() == 0
    with psycopg.connect(postgres) as database:
        assert database.execute("SELECT count(*) FROM nfts").fetchone() == (257,)


async def test_it_is_stale_once_its_runs_bring_nothing_and_well_again_after(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with worker(sandbox, f"sqlite:{tmp_path / 'ledger.db'}") as running:
        url = await running.told(r"http://\S+")
        await running.health_when("ok", url)
        key = sandbox.api_key
        sandbox.rotate_api_key()
        stale = await running.health_when("stale", url)
        sandbox.rotate_api_key(key)
        await running.health_when("ok", url)
    assert stale.status_code == 503
    assert "401" in stale.json()["error"]
    assert stale.json()["last_run"]["proven"] == 3


async def test_a_long_run_is_not_stale_while_accounts_come(
    ledger: LedgerClient, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(worker_example, "time", SimpleNamespace(monotonic=lambda: now))
    sandbox.fail(Fault.stall(3600), times=math.inf, account_id=101)
    async with SqliteStore(tmp_path / "ledger.db") as store:
        worker = worker_example.Worker(ledger, store, every=100)
        now = 1000.0
        assert worker.is_stale
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(30):
            while worker.is_stale:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        assert worker.health()["status"] == "starting"
        running.cancel()
        await asyncio.wait([running])


async def test_a_signal_lets_accounts_end_that_are_being_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    begun = asyncio.Event()
    async with Sandbox({101: 500}, latency=0.3) as box, worker(box, f"sqlite:{path}") as running:
        box.on_request(lambda seen: begun.set() if seen.account_id == 101 else None)
        await begun.wait()
        assert await running.terminate() == 0
    assert count_in_file(path) == (500,)
