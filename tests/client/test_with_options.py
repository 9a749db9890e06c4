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
    assert (options.priority, options.timeout, options.max_wait) == ("bulk", 5, 7)


async def test_max_wait_takes_the_place_of_that_of_the_policy(ledger: LedgerClient) -> None:
    policy = RetryPolicy(max_wait=50, max_attempts=2)
    for view in (
        ledger.with_options(retry=policy, max_wait=7),
        ledger.with_options(max_wait=7).with_options(retry=policy),
        ledger.with_options(retry=policy).with_options(max_wait=7),
    ):
        assert view._runtime.caller.options.policy == RetryPolicy(max_wait=7, max_attempts=2)


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
        assert len(ledger._runtime.live.streams) == 1
    assert not ledger._runtime.live.streams


async def test_a_view_of_a_subclass_is_one_too(sandbox: Sandbox) -> None:
    class Ours(LedgerClient):
        pass

    async with Ours(sandbox.url, api_key="k") as ledger:
        assert type(ledger.with_options(timeout=5)) is Ours


async def test_a_view_of_a_subclass_has_what_the_client_was_given(sandbox: Sandbox) -> None:
    class OfTenant(LedgerClient):
        def __init__(self, tenant: str, **options: Any) -> None:
            super().__init__(**options)
            self.tenant = tenant

    async with OfTenant("acme", base_url=sandbox.url, api_key="k") as ledger:
        own, view = ledger.accounts, ledger.with_options(timeout=5)
        assert view.tenant == "acme"
        assert view.accounts is not own


# Failures on a view


async def test_a_view_need_not_sit_an_outage_out(sandbox: Sandbox, ledger: LedgerClient) -> None:
    await ledger.accounts.get(101)
    await asyncio.sleep(1)
    sandbox.fail(Fault.status(503), times=1000)
    patient = asyncio.create_task(ledger.accounts.get(101))
    await asyncio.sleep(20)
    before = len(sandbox.requests)
    began = asyncio.get_running_loop().time()
    for _ in range(50):
        with pytest.raises(ServerError):
            await ledger.with_options(retry=ONCE).accounts.get(103)
    # Each is told at once, and at most one of them was a probe.
    assert asyncio.get_running_loop().time() - began < 1
    assert len(sandbox.requests) - before <= 1
    sandbox.heal()
    assert (await patient).id == 101


async def test_time_outs_of_a_hasty_view_say_nothing_of_the_server(sandbox: Sandbox) -> None:
    slow = Fault.stall(1)
    sandbox.fail(slow, times=1000)
    async with sign_in(sandbox) as ledger:
        await ledger.accounts.get(101)
        hasty = ledger.with_options(timeout=0.1)
        calls = [asyncio.create_task(hasty.accounts.get(101)) for _ in range(3)]
        await asyncio.sleep(10)
        began = asyncio.get_running_loop().time()
        await ledger.accounts.get(101)
        assert asyncio.get_running_loop().time() - began < 2
        ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [(type(each), each.attempts) for each in ended] == [(RequestTimeoutError, 5)] * 3  # type: ignore[union-attr]


async def test_the_retries_of_a_view_begin_no_outage_of_its_client(sandbox: Sandbox) -> None:
    policy = RetryPolicy(max_outage=0, max_attempts=8)
    async with sign_in(sandbox, retry=policy) as ledger:
        await ledger.accounts.get(101)
        sandbox.fail(Fault.status(503), times=12)
        own = [asyncio.create_task(ledger.accounts.get(101)) for _ in range(4)]
        view = ledger.with_options(retry=RetryPolicy(max_attempts=2, backoff_base=0.01))
        with pytest.raises(ServerError):
            await view.accounts.get(103)
        assert [(await each).id for each in own] == [101] * 4


async def test_a_view_tries_as_often_as_its_own_policy_says(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.drop(), times=2)
    async with sign_in(sandbox, retry=ONCE) as ledger:
        assert (await ledger.with_options(retry=RetryPolicy()).accounts.get(101)).id == 101


async def test_a_view_that_waits_for_no_pause_asks_once(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(429), times=100)
    async with sign_in(sandbox) as ledger:
        with pytest.raises(RateLimitError):
            await ledger.with_options(max_wait=0).accounts.get(101)
    assert len(sandbox.requests) == 1


async def test_a_view_that_waits_for_no_pause_keeps_to_the_pace() -> None:
    async with Sandbox({101: 1}, rate_limit=50) as limited, sign_in(limited) as ledger:
        view = ledger.with_options(max_wait=0)
        assert [(await view.accounts.get(101)).id for _ in range(20)] == [101] * 20


async def test_a_view_that_waits_longer_waits_as_long_as_it_is_told(sandbox: Sandbox) -> None:
    sandbox.fail(throttled(30), times=1)
    async with sign_in(sandbox, retry=HASTY) as ledger:
        await ledger.with_options(max_wait=200).accounts.get(101)
    first, second = (each.time for each in sandbox.requests)
    assert second - first >= 30


@pytest.mark.parametrize(
    "options", [{"timeout": 60}, {"timeout": 5}, {"retry": RetryPolicy(max_attempts=4)}], ids=str
)
async def test_a_stream_of_a_view_sits_an_outage_out(
    sandbox: Sandbox, ledger: LedgerClient, options: dict[str, Any]
) -> None:
    await ledger.accounts.get(101)
    await asyncio.sleep(1)
    sandbox.fail(Fault.status(503), times=1000)
    view = ledger.with_options(**options)
    reading = asyncio.create_task(_count(view))
    await asyncio.sleep(60)
    sandbox.heal()
    assert await reading == 257
    assert sum(each.status == 503 for each in sandbox.requests) < 60


async def _count(ledger: LedgerClient) -> int:
    return len([nft async for nft in ledger.nfts.stream_accounts([101, 102, 103], page_size=10)])
