"""Fleets that leave a cluster which goes on, in order or not: `leaving`."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from dask import config
from distributed import LocalCluster
from fleet_workspace import Seen, pid, workspace

from ledger_async.fleet import Fleet
from ledger_async.fleet._dask import cluster, leaving
from ledger_async.sandbox import Sandbox

__all__ = ["workspace"]  # a fixture

pytestmark = [pytest.mark.real_time, pytest.mark.heavy]

SCRIPT = """
import asyncio, sys
from functools import partial
from ledger_async import LedgerClient
from ledger_async.fleet import Fleet
from ledger_async.fleet._dask import cluster, leaving

cluster.Leaving = partial(leaving.Leaving, patience=0.1)

async def main():
    async with Fleet(sys.argv[1]) as fleet:
        await fleet.mirror("nfts", range(1, 121), store=sys.argv[2])

asyncio.run(main())
"""


@pytest.fixture
async def there(workspace: Sandbox) -> AsyncIterator[Any]:
    """The scheduler of a cluster of two workers, which was there before."""
    with config.set({"distributed.nanny.pre-spawn-environ": {}}):
        made: Any = await LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            asynchronous=True,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        )
    async with made:
        yield made.scheduler


def left_by_fleets(scheduler: Any) -> list[str]:
    """The names of plugins that fleets have on the scheduler and the workers."""
    names = [*scheduler.worker_plugins, *scheduler.plugins]
    return [each for each in names if each.startswith("ledger_async")]


async def until_left(scheduler: Any) -> None:
    async with asyncio.timeout(20):
        while left_by_fleets(scheduler):  # noqa: ASYNC110 - Dask tells nobody
            await asyncio.sleep(0.05)


async def test_a_fleet_whose_process_is_killed_stops_its_workers_and_leaves_nothing_there(
    workspace: Sandbox, there: Any, tmp_path: Path
) -> None:
    seen = Seen(workspace)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SCRIPT, there.address, f"parquet:{tmp_path}"), stderr=DEVNULL
    )
    await seen.reach(10)
    assert left_by_fleets(there)
    process.kill()
    await process.wait()
    await until_left(there)
    count = seen.count
    assert count < 100  # it would have gone on to 120
    await asyncio.sleep(0.5)
    assert seen.count == count


async def test_a_fleet_that_closes_leaves_nothing_on_a_cluster(there: Any) -> None:
    async with Fleet(there.address) as fleet:
        assert (await anext(fleet.map(pid, [1]))).account_id == 1
        assert left_by_fleets(there)
    assert left_by_fleets(there) == []


async def test_a_fleet_whose_connection_was_cut_has_its_workers_once_it_is_back(
    there: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "Leaving", partial(leaving.Leaving, patience=3.0))
    async with Fleet(there.address) as fleet:
        connections, before = there.client_comms, there._client_connections_added_total
        for each in [*connections.values()]:
            each.abort()
        async with asyncio.timeout(20):
            while there._client_connections_added_total == before:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
        await asyncio.sleep(3.5)
        assert (await anext(fleet.map(pid, [1]))).account_id == 1
