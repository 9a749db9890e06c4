"""Fleets on clusters that may not fit: `cluster`, `versions`, `worker` and `dispatch`."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from aiohttp import ClientError, ClientSession
from dask_cluster import DaskCluster, dask_cluster, pid, pid_in_a_hurry
from distributed import LocalCluster, Worker
from distributed.security import Security
from psycopg.conninfo import conninfo_to_dict

from ledger_async import ConfigurationError, FleetError, LedgerClient, StoreError
from ledger_async.fleet import Fleet
from ledger_async.fleet._dask import cluster as clusters
from ledger_async.fleet._dask import dispatch
from ledger_async.fleet._dask.leaving import Leaving
from ledger_async.fleet._dask.passwords import Blanked
from ledger_async.fleet._dask.versions import difference, minor, versions_here
from ledger_async.fleet._dask.worker import FleetWorker
from ledger_async.mirror import Store
from ledger_async.sandbox import Sandbox

pytestmark = [pytest.mark.real_time, pytest.mark.heavy]

SIZES = {account: account % 7 for account in range(1, 101)}


@pytest.fixture
async def workspace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(SIZES) as sandbox:
        monkeypatch.setenv("LEDGER_BASE_URL", sandbox.url)
        monkeypatch.setenv("LEDGER_API_KEY", sandbox.api_key)
        monkeypatch.setenv("LEDGER_API_USER", sandbox.api_user)
        yield sandbox


@pytest.fixture
async def cluster() -> AsyncIterator[DaskCluster]:
    async with dask_cluster() as made:
        yield made


def nobody(**_: object) -> LedgerClient:
    return LedgerClient("https://nobody.example", api_key="none", api_user="none")


async def pids(fleet: Fleet, accounts: int) -> list[int]:
    """The process that came by the value of each account."""
    return [each.value async for each in fleet.map(pid, range(accounts))]


def absent() -> None:
    raise ModuleNotFoundError("No module named 'ledger_async'")


async def test_a_scheduler_needs_nothing_of_ours(
    workspace: Sandbox, cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Leaving, "__reduce__", lambda _: (absent, ()))
    await cluster.start()
    async with Fleet(cluster.address) as fleet:
        assert len(await pids(fleet, 3)) == 3


# Workers that are there, and do not fit


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("ledger_async", r"lacks ledger-async [\d.]+"),
        ("ledger-async=0.0.1", r"has ledger-async 0\.0\.1, and we have [\d.]+"),
        ("distributed=1.2.3", r"has distributed 1\.2\.3, and we have [\d.]+"),
        ("python=3.9.1", r"has Python 3\.9, and we have 3\.\d+"),
    ],
)
async def test_a_worker_that_does_not_fit_is_one_line_before_any_request(
    *, fault: str, complaint: str, workspace: Sandbox, cluster: DaskCluster
) -> None:
    address = await cluster.start(fault)
    with pytest.raises(ConfigurationError, match=f"^the worker at {address} {complaint}$"):
        async with Fleet(cluster.address):
            pass
    assert workspace.requests == []


async def test_a_worker_without_a_key_is_one_line_before_any_request(
    workspace: Sandbox, cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEDGER_API_KEY")
    address = await cluster.start()
    complaint = f"^the worker at {address} has no client: .*LEDGER_API_KEY.*$"
    with pytest.raises(ConfigurationError, match=complaint):
        async with Fleet(cluster.address):
            pass
    assert workspace.requests == []


@pytest.mark.parametrize(("package", "extra"), [("psycopg", "postgres"), ("pyarrow", "arrow")])
async def test_a_worker_without_the_package_of_a_store_is_one_line_before_any_request(
    *, package: str, extra: str, workspace: Sandbox, cluster: DaskCluster, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    address = await cluster.start(package)
    stores = {"postgres": "postgresql://127.0.0.1:1/none", "arrow": f"parquet:{kept}"}
    complaint = rf"^the worker at {address} cannot open the store: .*ledger_async\[{extra}\]'$"
    async with Fleet(cluster.address) as fleet:
        with pytest.raises(ConfigurationError, match=complaint):
            await fleet.mirror("nfts", [1, 2], store=stores[extra])
    assert workspace.requests == []
    assert not kept.exists()


def test_a_worker_fits_if_all_versions_are_ours() -> None:
    assert difference(versions_here(), versions_here()) is None


def test_of_python_the_last_number_changes_nothing() -> None:
    assert minor("3.13.2") == minor("3.13.11") == "3.13"


# Workers that come late


async def test_a_late_worker_that_does_not_fit_is_passed_by_with_one_warning(
    workspace: Sandbox, cluster: DaskCluster, caplog: pytest.LogCaptureFixture
) -> None:
    await cluster.start()
    async with Fleet(cluster.address) as fleet:
        (good,) = {*await pids(fleet, 1)}
        late = await cluster.start("python=3.9.1")
        assert {*await pids(fleet, 400)} == {good}
    (warning,) = [each.message for each in caplog.records if each.name == "ledger_async"]
    said = f"the worker at {late} is of no use: it has Python 3.9, and we have 3."
    assert warning.startswith(said)


async def test_a_late_worker_without_a_key_is_passed_by_with_one_warning(
    *,
    workspace: Sandbox,
    cluster: DaskCluster,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await cluster.start()
    async with Fleet(cluster.address) as fleet:
        (good,) = {*await pids(fleet, 1)}
        monkeypatch.delenv("LEDGER_API_KEY")
        late = await cluster.start()
        assert {*await pids(fleet, 400)} == {good}
    (warning,) = [each.message for each in caplog.records if each.name == "ledger_async"]
    assert warning.startswith(f"the worker at {late} is of no use")
    assert "LEDGER_API_KEY" in warning


async def test_a_late_worker_without_the_package_of_a_store_is_passed_by_with_one_warning(
    workspace: Sandbox, cluster: DaskCluster, postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = f"postgresql:///?{urlencode(conninfo_to_dict(postgres))}"

    async def accounts() -> AsyncIterator[int]:
        for account in SIZES:
            if account == 10:  # the workers have been looked at
                await cluster.start("psycopg", threads=4)
            yield account

    await cluster.start()
    async with Fleet(cluster.address) as fleet:
        outcome = await fleet.mirror("nfts", accounts(), store=store)
    assert (outcome.accounts, outcome.rows, outcome.failed) == (100, sum(SIZES.values()), {})
    (warning,) = [each.message for each in caplog.records if each.name == "ledger_async"]
    assert "is of no use: PostgreSQL needs an extra: pip install" in warning


async def test_without_ledger_async_no_late_worker_starts_and_the_others_go_on(
    workspace: Sandbox, cluster: DaskCluster
) -> None:
    await cluster.start()
    async with Fleet(cluster.address) as fleet:
        (good,) = {*await pids(fleet, 1)}
        assert await cluster.start("ledger_async") == ""
        assert [*await pids(fleet, 60)] == [good] * 60


async def test_a_late_worker_that_fits_is_used(workspace: Sandbox, cluster: DaskCluster) -> None:
    await cluster.start()
    async with Fleet(cluster.address) as fleet:
        assert len({*await pids(fleet, 1)}) == 1
        await cluster.start(threads=8)
        assert len({*await pids(fleet, 400)}) == 2


async def test_one_worker_that_cannot_open_a_store_leaves_nobody_else_waiting() -> None:
    """Two chunks of a worker want the same store, whose database is gone for a moment."""
    worker, tries = FleetWorker(nobody, None), iter([StoreError("gone"), None])

    class Opening:
        async def __aenter__(self) -> Store:
            await asyncio.sleep(0.01)
            if (error := next(tries)) is not None:
                raise error
            return cast("Store", self)

        async def __aexit__(self, *_: object) -> None:
            pass

    here = SimpleNamespace(address="tcp://here", security=Security())
    worker.setup(cast("Worker", here))
    made = partial(worker.store, Blanked("parquet:x"), lambda _: cast("Store", Opening()))
    first, second = await asyncio.gather(made(), made(), return_exceptions=True)
    await worker.teardown(cast("Worker", None))
    assert isinstance(first, StoreError)
    assert isinstance(second, Opening)


# More than one, and none


async def test_two_fleets_share_a_cluster_of_unequal_workers(
    workspace: Sandbox, cluster: DaskCluster, tmp_path: Path
) -> None:
    await asyncio.gather(cluster.start(threads=1), cluster.start(threads=8))
    async with Fleet(cluster.address) as one, Fleet(cluster.address) as other:
        outcomes = await asyncio.gather(
            one.mirror("nfts", SIZES, store=f"parquet:{tmp_path / 'one'}"),
            other.mirror("nfts", SIZES, store=f"parquet:{tmp_path / 'other'}"),
            one.mirror("transactions", store=f"parquet:{tmp_path / 'one'}"),
        )
        await one.aclose()
        assert len(await pids(other, 10)) == 10
    assert [each.failed for each in outcomes] == [{}, {}, {}]
    assert [each.rows for each in outcomes[:2]] == [sum(SIZES.values())] * 2


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_GROWN", 0.1)


class Warned(logging.Handler):
    """Notes the first record of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def emit(self, record: logging.LogRecord) -> None:
        if not self.first.done():
            self.first.set_result(record.getMessage())


@pytest.fixture
async def warned() -> AsyncIterator[Warned]:
    handler, logger = Warned(), logging.getLogger("ledger_async")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


async def test_a_cluster_without_workers_is_waited_for_and_used_when_it_has_some(
    *,
    soon: None,
    workspace: Sandbox,
    cluster: DaskCluster,
    warned: Warned,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await cluster.start()
    async with Fleet(cluster.address) as fleet:
        working = asyncio.ensure_future(anext(fleet.map(pid_in_a_hurry, [1])))
        await asyncio.sleep(0.2)
        await cluster.kill_all()
        assert await warned.first == "the cluster has no workers: waiting 300 s for one"
        monkeypatch.setenv("HURRY", "yes")
        await cluster.start()
        assert (await working).account_id == 1


async def test_a_cluster_without_workers_is_given_up_in_the_end(
    *,
    soon: None,
    workspace: Sandbox,
    cluster: DaskCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatch, "_ABSENCE", 1)
    await cluster.start()
    async with Fleet(cluster.address) as fleet:
        working = asyncio.ensure_future(anext(fleet.map(pid_in_a_hurry, [1])))
        await asyncio.sleep(0.2)
        await cluster.kill_all()
        with pytest.raises(FleetError, match="the cluster has had no workers for 1 s"):
            await working


# Addresses


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_PATIENCE", 0.5)


async def refused(address: str) -> str:
    """The one sentence about an address that is not a scheduler's."""
    with pytest.raises((ConfigurationError, FleetError)) as error:
        async with asyncio.timeout(30), Fleet(address, client=nobody):
            pass
    assert "\n" not in str(error.value)
    return str(error.value)


async def test_an_http_server_is_no_scheduler(impatient: None, workspace: Sandbox) -> None:
    address = workspace.url.replace("http://", "tcp://").rstrip("/")
    assert (await refused(address)).startswith(f"there is no scheduler at {address}")


async def test_a_server_that_says_nothing_is_no_scheduler(impatient: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        said = await refused(address)
    assert said == f"there is no scheduler at {address}: it does not answer as one"


async def test_a_worker_is_no_scheduler(cluster: DaskCluster) -> None:
    address = await cluster.start()
    assert await refused(address) == f"there is no scheduler at {address}, but a Worker"


async def test_a_scheduler_without_workers_is_no_cluster(
    impatient: None, cluster: DaskCluster
) -> None:
    said = await refused(cluster.address)
    assert said == f"the scheduler at {cluster.address} has no workers"


async def test_a_scheduler_behind_tls_needs_certificates(impatient: None) -> None:
    assert (await refused("tls://127.0.0.1:1")).startswith("scheduler cannot be reached: TLS")


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
