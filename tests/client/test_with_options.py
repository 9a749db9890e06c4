"""Views of a client: other options for what is called on them, and all else shared."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from raw_server import RawServer, nothing

from ledger_async import (
    ConfigurationError,
    LedgerClient,
    RateLimitError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
)
from ledger_async.sandbox import Fault, Sandbox

ONCE = RetryPolicy(max_attempts=1)
HASTY = RetryPolicy(max_wait=10)


def throttled(seconds: int) -> Fault:
    return Fault.status(429, headers={"Retry-After": str(seconds)})


def sign_in(sandbox: Sandbox, **options: Any) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, **options)


WRONG: dict[str, dict[str, Any]] = {
    "priority": {"priority": "urgent"},
    "timeout": {"timeout": 0},
    "max_wait": {"max_wait": -1},
    "retry": {"retry": 3},
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_option_is_named(ledger: LedgerClient, name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        ledger.with_options(**WRONG[name])


async def test_a_view_retries_by_its_own_policy(sandbox: Sandbox, ledger: LedgerClient) -> None:
    sandbox.fail(Fault.status(500), times=1)
    with pytest.raises(ServerError) as caught:
        await ledger.with_options(retry=ONCE).accounts.get(101)
    assert caught.value.attempts == 1


async def test_the_client_keeps_its_own_policy(sandbox: Sandbox, ledger: LedgerClient) -> None:
    ledger.with_options(retry=ONCE)
    sandbox.fail(Fault.status(500), times=1)
    assert (await ledger.accounts.get(101)).id == 101


async def test_an_attempt_on_a_view_may_take_its_own_time() -> None:
    async with RawServer(nothing) as server, LedgerClient(server.url, api_key="k") as ledger:
        started = asyncio.get_running_loop().time()
        with pytest.raises(RequestTimeoutError):
            await ledger.with_options(timeout=0.5, retry=ONCE).accounts.get(101)
        assert asyncio.get_running_loop().time() - started == pytest.approx(0.5, abs=0.1)


async def test_a_view_waits_for_no_longer_pause_than_it_says(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(throttled(30), times=1)
    with pytest.raises(RateLimitError) as caught:
        await ledger.with_options(max_wait=5).accounts.get(101)
    assert caught.value.retry_after == pytest.approx(30, abs=1)


async def test_who_comes_to_a_view_during_a_pause_is_told_at_once(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(throttled(30), times=1)
    patient = asyncio.create_task(ledger.accounts.get(101))
    await asyncio.sleep(1)
    with pytest.raises(RateLimitError):
        await ledger.with_options(max_wait=5).accounts.get(103)
    assert (await patient).id == 101
    assert [each.path for each in sandbox.requests] == ["/accounts/101"] * 2


async def test_a_view_can_wait_longer_than_its_client(sandbox: Sandbox) -> None:
    sandbox.fail(throttled(90), times=1)
    async with LedgerClient(
        sandbox.url,
        api_key=sandbox.api_key,
        api_user=sandbox.api_user,
        retry=RetryPolicy(max_wait=10),
    ) as ledger:
        assert (await ledger.with_options(max_wait=200).accounts.get(101)).id == 101


async def test_a_view_of_a_view_keeps_what_it_is_not_given(ledger: LedgerClient) -> None:
    view = ledger.with_options(priority="bulk", timeout=5).with_options(max_wait=7)
    options = view._runtime.caller.options
    assert (options.priority, options.timeout, options.retry.max_wait) == ("bulk", 5, 7)


async def test_max_wait_takes_the_place_of_that_of_the_policy(ledger: LedgerClient) -> None:
    view = ledger.with_options(retry=RetryPolicy(max_wait=50, max_attempts=2), max_wait=7)
    assert view._runtime.caller.options.retry == RetryPolicy(max_wait=7, max_attempts=2)


async def test_all_that_is_shared_is_shared(ledger: LedgerClient) -> None:
    view = ledger.with_options(timeout=5)
    mine, its = ledger._runtime, view._runtime
    assert (its.gate, its.transport, its.live, its.loop) == (
        mine.gate,
        mine.transport,
        mine.live,
        mine.loop,
    )
    assert its.caller._credentials is mine.caller._credentials


async def test_a_view_is_not_entered(ledger: LedgerClient) -> None:
    with pytest.raises(ConfigurationError, match="view"):
        async with ledger.with_options(timeout=5):
            pass


async def test_a_view_is_not_closed(ledger: LedgerClient) -> None:
    with pytest.raises(ConfigurationError, match="view"):
        await ledger.with_options(timeout=5).aclose()
    assert (await ledger.accounts.get(101)).id == 101


async def test_a_view_ends_with_its_client(sandbox: Sandbox) -> None:
    async with LedgerClient(
        sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user
    ) as ledger:
        view = ledger.with_options(timeout=5)
    with pytest.raises(ConfigurationError, match="closed"):
        await view.accounts.get(101)


async def test_a_stream_of_a_view_ends_with_its_client(sandbox: Sandbox) -> None:
    async with LedgerClient(
        sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user
    ) as ledger:
        stream = ledger.with_options(timeout=5).nfts.stream(101, page_size=10)
        await anext(stream)
        assert len(ledger._runtime.live) == 1
    assert not ledger._runtime.live


async def test_a_view_of_a_subclass_is_one_too(sandbox: Sandbox) -> None:
    class Ours(LedgerClient):
        pass

    async with Ours(sandbox.url, api_key="k") as ledger:
        assert type(ledger.with_options(timeout=5)) is Ours


async def test_a_view_need_not_sit_an_outage_out(sandbox: Sandbox, ledger: LedgerClient) -> None:
    await ledger.accounts.get(101)
    await asyncio.sleep(1)
    sandbox.fail(Fault.status(503), times=100)
    patient = asyncio.create_task(ledger.accounts.get(101))
    await asyncio.sleep(10)
    with pytest.raises(ServerError):
        await ledger.with_options(retry=ONCE).accounts.get(103)
    sandbox.heal()
    assert (await patient).id == 101
