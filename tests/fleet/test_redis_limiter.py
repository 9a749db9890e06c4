"""`redis_limiter` and `limit_store` on a real Valkey server: slow, full, emptied, or gone."""

from __future__ import annotations

import asyncio
import logging
import pickle
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from hunter import places
from raw_server import RawServer, nothing
from valkey_server import Valkey

from ledger_async import ConfigurationError, LedgerClient, LedgerError, Limiter, Quota, StoreError
from ledger_async.fleet import RedisLimiter
from ledger_async.fleet._limit.limit_store import LimitStore
from ledger_async.fleet._limit.told_rate import Told
from ledger_async.sandbox import RateLimit, Sandbox

pytestmark = pytest.mark.real_time

PASSWORD = "s3cr3t-w0rd"


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server


@asynccontextmanager
async def limiter(url: str, *, rate: float | None = 100) -> AsyncIterator[RedisLimiter]:
    made = RedisLimiter(url, key="plan", rate=rate)
    try:
        yield made
    finally:
        await made.aclose()


async def owed(valkey: Valkey) -> float:
    """Seconds, by the server's clock, until all that was admitted is paid for."""
    seconds, microseconds = valkey.do("TIME")
    owed_until = int(valkey.do("HGET", "{plan}:limit", "tat1") or 0)
    return owed_until / 1e6 - (int(seconds) + int(microseconds) / 1e6)


async def fails(made: RedisLimiter, why: str) -> StoreError:
    with pytest.raises(StoreError, match=why) as caught:
        await made.acquire(interactive=True)
    return caught.value


async def test_two_clients_keep_one_rate_and_have_equal_parts(valkey: Valkey) -> None:
    order = list[int]()

    async def take(number: int, made: RedisLimiter) -> None:
        await made.acquire(interactive=False)
        order.append(number)

    async with limiter(valkey.url, rate=40) as one, limiter(valkey.url, rate=40) as other:
        began = time.perf_counter()
        both = enumerate((one, other))
        await asyncio.gather(*(take(*each) for each in both for _ in range(20)))
        took = time.perf_counter() - began
    assert took >= (40 - 2) / (40 * 0.985) - 0.01
    assert 5 <= sum(order[:20]) <= 15


async def test_turns_are_given_by_the_clock_of_the_server(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    async with limiter(valkey.url, rate=1) as made:
        await made.acquire(interactive=True)
    assert 0 < await owed(valkey) <= 1.1


async def test_an_interactive_call_passes_those_in_bulk(valkey: Valkey) -> None:
    order = list[str]()

    async def take(name: str, *, interactive: bool) -> None:
        await made.acquire(interactive=interactive)
        order.append(name)

    async with limiter(valkey.url, rate=40) as made:
        bulk = [asyncio.create_task(take("bulk", interactive=False)) for _ in range(12)]
        await asyncio.sleep(0)
        await take("call", interactive=True)
        await asyncio.gather(*bulk)
    assert order.index("call") <= 2


async def test_scripts_that_were_flushed_are_loaded_again(valkey: Valkey) -> None:
    async with limiter(valkey.url) as made:
        await made.acquire(interactive=True)
        valkey.do("SCRIPT", "FLUSH")
        await made.acquire(interactive=True)


async def test_a_store_that_was_killed_is_used_again_when_it_is_back(valkey: Valkey) -> None:
    async with limiter(valkey.url) as made:
        await made.acquire(interactive=True)
        valkey.kill()
        await fails(made, "fails: ConnectionError")
        valkey.start()
        await made.acquire(interactive=True)


async def test_a_store_that_does_not_answer_is_not_waited_for() -> None:
    async with (
        RawServer(nothing) as server,
        limiter(f"redis://127.0.0.1:{server.port}") as made,
    ):
        await fails(made, "does not answer within 0.25 s")


async def test_a_store_that_is_slower_than_the_limit_is_not_used(valkey: Valkey) -> None:
    async with limiter(valkey.url, rate=1000) as made:
        valkey.do("CLIENT", "PAUSE", 200)
        await fails(made, "takes too long")
        await made.acquire(interactive=True)


async def test_a_store_that_is_full_is_used_again_when_there_is_room(valkey: Valkey) -> None:
    async with limiter(valkey.url) as made:
        valkey.do("CONFIG", "SET", "maxmemory", 1)
        await fails(made, "OutOfMemory|OOM")
        valkey.do("CONFIG", "SET", "maxmemory", 0)
        await made.acquire(interactive=True)


async def test_a_rate_that_one_process_heard_is_kept_by_all(valkey: Valkey) -> None:
    async with limiter(valkey.url, rate=None) as hearing, limiter(valkey.url, rate=None) as other:
        for remaining in (50, 99):
            hearing.learn(Quota(remaining, 100.0, 100))
        await hearing.acquire(interactive=True)
        await other.acquire(interactive=True)
    assert await owed(valkey) == pytest.approx(2 / 0.985, abs=0.5)


async def test_of_what_the_processes_heard_the_longest_window_counts(valkey: Valkey) -> None:
    store = LimitStore(valkey.url, "plan")
    assert await store.share(None) is None
    assert await store.share(Told(100, 60.0)) == Told(100, 60.0)
    assert await store.share(Told(100, 50.0)) == Told(100, 60.0)
    assert await store.share(Told(200, 50.0)) == Told(200, 50.0)
    await store.aclose()


async def test_without_a_rate_one_request_may_find_it_out(valkey: Valkey) -> None:
    async with limiter(valkey.url, rate=None) as made:
        await made.acquire(interactive=True)
        await fails(made, "give RedisLimiter a rate")
        made.learn(Quota(99, 1.0, 100))
        await made.acquire(interactive=True)


async def test_a_long_pause_is_everybodys(valkey: Valkey) -> None:
    async with limiter(valkey.url) as made:
        made.throttled(30.0)
        await asyncio.gather(*made._pausing)
        assert 25 < await owed(valkey) <= 30


async def test_a_short_pause_is_that_of_one_client(valkey: Valkey) -> None:
    async with limiter(valkey.url) as made:
        made.throttled(1.0)
        assert not made._pausing


async def test_no_request_fails_while_the_store_is_gone(
    valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ledger_async")
    made = RedisLimiter(valkey.url, key="plan", rate=100)
    async with (
        Sandbox({101: 3}, rate_limit=RateLimit(500)) as sandbox,
        LedgerClient(
            sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, limiter=made
        ) as ledger,
    ):
        await ledger.accounts.get(101)
        valkey.kill()
        for _ in range(20):
            await ledger.accounts.get(101)
        valkey.start()
        await asyncio.sleep(1.1)
        for _ in range(20):
            await ledger.accounts.get(101)
            await asyncio.sleep(0.01)
        assert len(sandbox.requests) == 41
    said = [each.message for each in caplog.records if "limiter" in each.message]
    assert len(said) == 2
    assert "keeps its own pace: StoreError" in said[0]
    assert said[1] == "the limiter is back"


async def test_no_password_is_shown(valkey: Valkey) -> None:
    async with limiter(f"redis://user:{PASSWORD}@127.0.0.1:{valkey.port}/0") as made:
        error = await fails(made, "fails: AuthenticationError")
        assert places(error, PASSWORD) == []
        assert places(made, PASSWORD) == []
        with pytest.raises(TypeError, match="does not pickle"):
            pickle.dumps(made)


@pytest.mark.parametrize(
    "url", [f"http://:{PASSWORD}@host", f"redis://user:{PASSWORD}@host:port", PASSWORD]
)
def test_a_wrong_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ConfigurationError, match="url must look like") as caught:
        RedisLimiter(url, key="plan")
    assert places(caught.value, PASSWORD) == []


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), True, "100"])
def test_a_wrong_rate_is_refused(rate: object) -> None:
    with pytest.raises(ConfigurationError, match="rate must be"):
        RedisLimiter("redis://127.0.0.1", key="plan", rate=rate)  # type: ignore[arg-type] # the point


def test_a_limit_has_a_name() -> None:
    with pytest.raises(LedgerError, match="key must be"):
        RedisLimiter("redis://127.0.0.1", key="")


def test_it_is_a_limiter() -> None:
    assert isinstance(RedisLimiter("valkey://127.0.0.1", key="plan"), Limiter)
