"""Clusters of this machine, and others: `cluster`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from distributed import LocalCluster

from ledger_async import LedgerClient
from ledger_async.fleet import Fleet
from ledger_async.fleet._dask import cluster as clusters

pytestmark = pytest.mark.real_time


def nobody(**_: object) -> LedgerClient:
    return LedgerClient("https://nobody.example", api_key="none", api_user="none")


# Clusters of this machine


async def test_a_fleet_that_closes_leaves_nothing_of_dasks_on_stderr(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # So often that some are under way as a worker closes.
    monkeypatch.setattr("distributed.scheduler.heartbeat_interval", lambda _: 0.001)
    async with Fleet(workers=2, client=nobody):
        await asyncio.sleep(1)  # until a worker's first heartbeat has told it so
    assert capfd.readouterr().err == ""


async def test_a_cluster_of_this_machine_has_no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[LocalCluster] = []

    def keep(**options: Any) -> LocalCluster:
        made.append(LocalCluster(**options))
        return made[0]

    monkeypatch.setattr(clusters, "LocalCluster", keep)
    async with Fleet(workers=1, client=nobody), ClientSession() as session:
        for port in http_ports(made[0].scheduler):
            for path in ("/info/main/workers.html", "/json/identity.json", "/metrics", "/status"):
                async with session.get(f"http://127.0.0.1:{port}{path}") as response:
                    assert response.status == 404
            with pytest.raises(ClientError):
                await session.get(f"http://127.0.0.2:{port}/")  # loopback, too, but not its own


def http_ports(scheduler: Any) -> list[int]:
    workers = [each.services["dashboard"] for each in scheduler.workers.values()]
    return [scheduler.http_server.port, *workers]
