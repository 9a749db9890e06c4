"""Credentials stay with the workers that have them: nothing of them passes through a scheduler."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession
from dask import config
from distributed import LocalCluster, Scheduler
from psycopg.conninfo import conninfo_to_dict

from ledger_async import ConfigurationError, LedgerClient
from ledger_async.fleet import Fleet
from ledger_async.sandbox import Sandbox

pytestmark = pytest.mark.real_time

KEY, USER = "k3y-that-nobody-sees", "us3r-that-nobody-sees"


class Tap:
    """A proxy before a scheduler that keeps all that passes."""

    def __init__(self) -> None:
        self.seen = bytearray()

    @asynccontextmanager
    async def before(self, port: int) -> AsyncIterator[str]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            upstream, downstream = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(self._pass(reader, downstream), self._pass(upstream, writer))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            self.seen += data
            writer.write(data)
        writer.close()


@asynccontextmanager
async def cluster() -> AsyncIterator[tuple[LocalCluster, Scheduler]]:
    """A cluster that was there before the fleet, with its pages, and without encryption."""
    made = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        asynchronous=True,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.DEBUG,
    )
    # Dask would set variables for all tests of this process.
    with config.set({"distributed.nanny.pre-spawn-environ": {}}):
        _ = await made
    async with made:
        assert made.scheduler is not None
        yield made, made.scheduler


async def pages(scheduler: Any) -> str:
    """All that the scheduler's HTTP server shows."""
    base = f"http://127.0.0.1:{scheduler.http_server.port}"
    paths = ["/info/main/workers.html", "/metrics", "/json/identity.json", "/json/counts.json"]
    paths += [f"/info/main/{name}.html" for name in ("logs", "tasks", "status")]
    async with ClientSession() as session:
        found = []
        for path in paths:
            async with session.get(base + path) as response:
                found.append(await response.text())
        return "\n".join(found)


async def fail_for_one(ledger: LedgerClient, account_id: int) -> int:
    if account_id == 2:
        await ledger.accounts.get(999)
    return account_id


async def test_no_key_passes_through_a_scheduler_or_shows_on_its_pages(
    monkeypatch: pytest.MonkeyPatch, postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = f"postgresql:///?{urlencode(conninfo_to_dict(postgres))}"
    tap = Tap()
    async with Sandbox({1: 30, 2: 20}) as sandbox:
        sandbox.rotate_api_key(KEY)
        sandbox.api_user = USER
        monkeypatch.setenv("LEDGER_BASE_URL", sandbox.url)
        monkeypatch.setenv("LEDGER_API_KEY", KEY)
        monkeypatch.setenv("LEDGER_API_USER", USER)
        with caplog.at_level(logging.DEBUG):
            async with (
                cluster() as (made, scheduler),
                tap.before(scheduler.port) as address,
                Fleet(address) as fleet,
            ):
                outcome = await fleet.mirror("nfts", [1, 2], store=store)
                values = fleet.map(fail_for_one, [1, 2], on_error="skip")
                assert [each.value async for each in values] == [1]
                shown = await pages(scheduler)
                logs = str(await made.get_logs()) + str(await scheduler.get_worker_logs())
        assert (outcome.rows, [*values.failed]) == (50, [2])
    assert len(tap.seen) > 1_000
    for where in (tap.seen.decode("latin-1"), shown, logs, caplog.text):
        assert KEY not in where
        assert USER not in where
    assert os.environ["LEDGER_API_KEY"] == KEY


async def test_a_password_is_refused_where_it_would_pass_through_a_scheduler() -> None:
    async with cluster() as (made, _), Fleet(made.scheduler_address, client=nobody) as fleet:
        with pytest.raises(ConfigurationError, match=r"store has a password.*PGPASSWORD") as error:
            await fleet.mirror("nfts", [1], store="postgresql://me:s3cret@db.example/ledger")
    assert "s3cret" not in str(error.value)


def nobody(**_: object) -> LedgerClient:
    return LedgerClient("https://nobody.example", api_key="none", api_user="none")
