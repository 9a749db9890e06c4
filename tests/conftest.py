"""What every test stands on: virtual time, a sandbox and a client, and no leftovers."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Mapping

import hypothesis
import pytest
import transports
from postgres import own_postgres, postgres, postgres_server
from virtual_time import VirtualTimeLoop

from ledger_async import LedgerClient
from ledger_async.sandbox import Sandbox

__all__ = ["own_postgres", "postgres", "postgres_server"]  # fixtures

# Coverage follows into the workers of xdist, but processes that tests start keep their own pace.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

# A busy machine is no bug.
hypothesis.settings.register_profile("ledger_async", deadline=None)
hypothesis.settings.load_profile("ledger_async")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("real_time"):
        return {"real": asyncio.SelectorEventLoop}
    return {"virtual": VirtualTimeLoop}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Simulations are heavy, but for the quick ones among them."""
    if item.path.parent.name == "simulations" and item.get_closest_marker("quick") is None:
        item.add_marker(pytest.mark.heavy)


@pytest.fixture(scope="session")
def _kept_by_hypothesis() -> None:
    """Have Hypothesis make what it keeps for good, and looks for among what is not frozen."""
    hypothesis.given(hypothesis.strategies.none())(lambda _: None)()


@pytest.fixture(autouse=True, scope="module")
def _small_heap(_kept_by_hypothesis: None) -> None:
    """Many tests look for garbage, and need not look through what other modules keep."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEDGER_BASE_URL", "LEDGER_API_KEY", "LEDGER_API_USER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=transports.KINDS)
def each_transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test once with each of the transports."""
    monkeypatch.setattr(transports, "kind", transports.KINDS[request.param])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Three accounts: 101 of 250 NFTs, 102 of none, 103 of 7."""
    async with Sandbox({101: 250, 102: 0, 103: 7}) as workspace:
        yield workspace


@pytest.fixture
async def ledger(sandbox: Sandbox) -> AsyncIterator[LedgerClient]:
    credentials = {"api_key": sandbox.api_key, "api_user": sandbox.api_user}
    async with transports.client(sandbox.url, **credentials) as client:
        yield client
