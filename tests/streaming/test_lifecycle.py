"""The life cycle under fire: ends that meet each other, at random moments, and on every loop."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count, permutations
from typing import Any

import anyio
import pytest
import transports
from leaks import complaints, nothing_left, settle
from lifecycle_simulation import play
from virtual_time import VirtualTimeLoop

from ledger_async import LedgerClient, NodeStream, StreamClosedError
from ledger_async.sandbox import Fault, Sandbox

HOUR = 3600.0
ACCOUNTS = dict.fromkeys(range(101, 201), 60)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Answers take a second, so that there is something to be ended."""
    async with Sandbox(ACCOUNTS, latency=1.0) as workspace:
        yield workspace


# Ends that meet


async def test_two_tasks_may_close_a_stream_whose_consumer_is_gone(ledger: LedgerClient) -> None:
    stream = ledger.nfts.stream(101, page_size=5)
    await asyncio.create_task(anext(stream))
    await asyncio.gather(stream.aclose(), stream.aclose())


async def test_a_consumer_that_comes_while_a_stream_closes_is_told(ledger: LedgerClient) -> None:
    stream = ledger.nfts.stream(101, page_size=1)
    await asyncio.create_task(anext(stream))
    closing = asyncio.create_task(stream.aclose())
    await asyncio.sleep(0)
    with pytest.raises(StreamClosedError):
        await anext(stream)
    await closing


async def test_a_consumer_that_takes_each_node_in_a_task_is_told_that_the_stream_was_closed(
    ledger: LedgerClient,
) -> None:
    """As `asyncio.wait_for` of Python 3.11 does: what was read is not the whole listing."""
    stream = ledger.nfts.stream(101, page_size=1)
    await asyncio.create_task(anext(stream))
    await asyncio.create_task(stream.aclose())
    with pytest.raises(StreamClosedError):
        await asyncio.create_task(anext(stream))


async def test_a_stream_that_fails_while_it_is_closed_lets_its_ids_close(
    ledger: LedgerClient,
) -> None:
    closed: list[bool] = []

    async def ids() -> AsyncIterator[int]:
        try:
            for _ in count():  # always about to go on, and so the first to hear
                await asyncio.sleep(0)
            yield 101
        finally:
            await asyncio.sleep(1)
            closed.append(True)

    stream = ledger.nfts.stream_accounts(ids())
    consumer = asyncio.create_task(read(stream))
    await settle()
    closing = asyncio.create_task(stream.aclose())
    await asyncio.sleep(0)
    stream._feed._workers.stop(
        LookupError()
    )  # before the supervisor has heard that it is cancelled
    await asyncio.wait([closing, consumer])
    assert (closed, type(consumer.exception())) == ([True], StreamClosedError)


async def test_a_generator_of_ids_may_be_left_within_its_own_cancel_scope(
    ledger: LedgerClient,
) -> None:
    scopes: list[anyio.CancelScope] = []
    errors: list[BaseException] = []

    async def ids() -> AsyncIterator[int]:
        try:
            with anyio.CancelScope() as scope:
                scopes.append(scope)
                for each in ACCOUNTS:
                    yield each
        except Exception as error:
            errors.append(error)
            raise

    async with ledger.nfts.stream_accounts(ids()) as stream:
        await anext(stream)
    assert (len(scopes), errors) == (1, [])


async def test_a_client_that_is_cancelled_while_it_closes_waits_for_all_streams(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    closed = list[int]()

    async def ids(seconds: int) -> AsyncIterator[int]:
        try:
            for each in ACCOUNTS:
                yield each
        finally:
            await asyncio.sleep(seconds)
            closed.append(seconds)

    streams = [ledger.nfts.stream_accounts(ids(seconds)) for seconds in (1, 5, 9)]
    for stream in streams:
        await anext(stream)
    closing = asyncio.create_task(ledger.aclose())
    await asyncio.sleep(0.5)
    closing.cancel()
    await asyncio.wait([closing])
    assert (sorted(closed), closing.cancelled()) == ([1, 5, 9], True)


Close = Callable[[Awaitable[None]], Awaitable[None]]


async def in_a_task(closing: Awaitable[None]) -> None:
    await asyncio.wait_for(closing, HOUR)  # on Python 3.11


async def in_a_group(closing: Awaitable[None]) -> None:
    async def close() -> None:
        await closing

    async with anyio.create_task_group() as group:
        group.start_soon(close)


@pytest.mark.parametrize("close", [in_a_task, in_a_group])
@pytest.mark.parametrize("closing", ["stream", "client"])
def test_a_task_of_what_gives_the_ids_may_close_the_stream(closing: str, close: Close) -> None:
    """The stream waits for the generator, and the generator for the task."""
    told: list[type[BaseException]] = []

    async def main() -> None:
        async def ids() -> AsyncIterator[int]:
            yield 101
            await close(stream.aclose() if closing == "stream" else ledger.aclose())

        async with workspace() as ledger:
            stream = ledger.nfts.stream_accounts(ids())
            with pytest.raises(StreamClosedError) as caught:
                [node async for node in stream]
            told.append(caught.type)

    finish(main())
    assert told == [StreamClosedError]


def test_what_gives_the_ids_of_one_stream_may_close_another_that_reads_it() -> None:
    told: list[type[BaseException]] = []

    async def main() -> None:
        async def first() -> AsyncIterator[int]:
            yield 101
            await outer.aclose()

        async def second() -> AsyncIterator[int]:
            async for account_id, _ in inner:
                yield account_id

        async with workspace() as ledger:
            inner = ledger.nfts.stream_accounts(first())
            outer = ledger.nfts.stream_accounts(second())
            with pytest.raises(StreamClosedError) as caught:
                [node async for node in outer]
            told.append(caught.type)

    finish(main())
    assert told == [StreamClosedError]


@asynccontextmanager
async def workspace() -> AsyncIterator[LedgerClient]:
    async with Sandbox(ACCOUNTS, latency=1.0) as sandbox, client(sandbox) as ledger:
        yield ledger


def finish(main: Awaitable[None]) -> None:
    """Run `main` on virtual time; what hangs in a shield cannot be cancelled, so the loop stops."""

    async def run() -> None:
        await main

    loop = VirtualTimeLoop()
    try:
        task = loop.create_task(run())
        task.add_done_callback(lambda _: loop.stop())
        loop.call_later(2 * HOUR, loop.stop)
        loop.run_forever()
        assert task.done(), "it hangs"
        task.result()
    finally:
        loop.close()


# Random ends


def test_streams_that_end_at_a_random_moment_leave_nothing() -> None:
    play(range(500))


@pytest.mark.heavy
@pytest.mark.parametrize("first", range(500, 10_000, 950))
def test_streams_that_end_at_any_of_many_random_moments_leave_nothing(first: int) -> None:
    play(range(first, first + 950))


# Real sockets on real loops

Scene = Callable[[Sandbox, LedgerClient], Awaitable[None]]
LATENCY = 0.02
SMALL = dict.fromkeys(range(101, 141), 12)


def loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop]:
    if name == "asyncio":
        return asyncio.new_event_loop
    uvloop = pytest.importorskip("uvloop", reason="uvloop does not run here")
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


on_both_loops = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])


def on_real_loops(scene: Scene) -> Callable[[str, pytest.LogCaptureFixture], None]:
    """Test that the scene, given a sandbox and a client, leaves nothing on either loop."""

    @on_both_loops
    def test(loop: str, caplog: pytest.LogCaptureFixture) -> None:
        async def main() -> None:
            async with nothing_left(caplog, "no secret"):
                async with Sandbox(SMALL, latency=LATENCY) as sandbox, client(sandbox) as ledger:
                    await scene(sandbox, ledger)
                await asyncio.sleep(LATENCY)

        with asyncio.Runner(loop_factory=loop_factory(loop)) as runner:
            runner.run(main())

    return test


def client(sandbox: Sandbox) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user)


async def check_at_rest(ledger: LedgerClient) -> None:
    """Nothing is fetched, no connection is in use, and this task may go on."""
    await settle()
    runtime = ledger._runtime
    in_use = transports.connections_in_use(ledger)
    assert (runtime.gate._permits.given, list(runtime.live.streams), in_use or None) == (
        0,
        [],
        None,
    )
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def break_off(ledger: LedgerClient) -> None:
    """Leave a stream when as many requests are in flight as may be."""
    async with ledger.nfts.stream_accounts(SMALL, page_size=2) as stream:
        async for _ in stream:
            if ledger._runtime.gate._permits.given == 16:
                break
        else:
            raise AssertionError("never so many")


async def read(stream: NodeStream[Any]) -> int:
    return len([node async for node in stream])


@on_real_loops
async def test_break_with_16_requests_in_flight(sandbox: Sandbox, ledger: LedgerClient) -> None:
    await break_off(ledger)
    await check_at_rest(ledger)


@on_real_loops
async def test_a_consumer_that_is_cancelled_within_a_page(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(Fault.slow(HOUR))
    arrived = asyncio.Event()
    sandbox.on_request(lambda _: arrived.set())
    consumer = asyncio.create_task(read(ledger.nfts.stream(101)))
    await arrived.wait()
    await asyncio.sleep(LATENCY)
    consumer.cancel()
    await asyncio.wait([consumer])
    assert consumer.cancelled()
    await check_at_rest(ledger)


@on_real_loops
async def test_aclose_from_another_task(sandbox: Sandbox, ledger: LedgerClient) -> None:
    stream = ledger.nfts.stream_accounts(SMALL, page_size=2)
    consumer = asyncio.create_task(read(stream))
    await asyncio.sleep(2 * LATENCY)
    await stream.aclose()
    await check_at_rest(ledger)
    with pytest.raises(StreamClosedError):
        await consumer


@on_real_loops
async def test_a_client_that_closes_under_20_consumers(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    streams = [ledger.nfts.stream_accounts(SMALL, page_size=2) for _ in range(20)]
    consumers = [asyncio.create_task(read(stream)) for stream in streams]
    await asyncio.sleep(2 * LATENCY)
    await ledger.aclose()
    told = await asyncio.gather(*consumers, return_exceptions=True)
    assert {type(each) for each in told} == {StreamClosedError}
    await check_at_rest(ledger)


@on_real_loops
async def test_a_thousand_streams_on_one_client(sandbox: Sandbox, ledger: LedgerClient) -> None:
    streams = [ledger.nfts.stream(101 + number % 40) for number in range(1000)]
    assert await asyncio.gather(*map(read, streams)) == [12] * 1000
    await check_at_rest(ledger)


@on_real_loops
async def test_a_thousand_streams_that_are_broken_off(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async def begin(account_id: int) -> None:
        async with ledger.nfts.stream(account_id, page_size=2) as stream:
            async with asyncio.timeout(20 * LATENCY):
                await read(stream)

    calls = [begin(101 + number % 40) for number in range(1000)]
    told = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(each) for each in told} <= {TimeoutError, type(None)}
    await check_at_rest(ledger)
    assert await read(ledger.nfts.stream(101)) == 12


@on_real_loops
async def test_a_stream_that_is_dropped_in_a_cycle(sandbox: Sandbox, ledger: LedgerClient) -> None:
    cycle: list[object] = [ledger.nfts.stream_accounts(SMALL, page_size=2)]
    cycle.append(cycle)
    stream = cycle[0]
    assert isinstance(stream, NodeStream)
    await anext(stream)
    del stream, cycle
    gc.collect()
    await check_at_rest(ledger)


@on_real_loops
async def test_timeouts_within_timeouts(sandbox: Sandbox, ledger: LedgerClient) -> None:
    for outer, inner in permutations([1.5 * LATENCY, 2.5 * LATENCY]):
        with pytest.raises(TimeoutError):
            await read_in_two_timeouts(ledger, outer, inner)
        with anyio.move_on_after(outer), suppress(TimeoutError):
            await read_in_two_timeouts(ledger, inner, outer)
        await check_at_rest(ledger)


async def read_in_two_timeouts(ledger: LedgerClient, outer: float, inner: float) -> None:
    async with asyncio.timeout(outer):
        with anyio.fail_after(inner):
            await read(ledger.nfts.stream(101, page_size=1))


@on_both_loops
def test_a_program_may_end_while_its_streams_are_read(loop: str) -> None:
    """Nothing is printed, neither by the loop nor by what Python collects at the end."""
    loop_factory(loop)
    program = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", _PROGRAM, loop],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (program.returncode, program.stdout) == (0, "12\n")
    assert complaints(program.stderr) == []


_PROGRAM = """
import asyncio, sys
from ledger_async import LedgerClient
from ledger_async.sandbox import Sandbox

async def read(ledger, streams):
    streams.append(ledger.nfts.stream_accounts(range(101, 141), page_size=2))
    async for _ in streams[-1]:
        await asyncio.sleep(0)

async def serve(started):
    async with (
        Sandbox(dict.fromkeys(range(101, 141), 12), latency=0.02) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        started.set_result(ledger)
        await asyncio.sleep(3600)

async def main():
    started = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(started))
    ledger = await started
    left = [ledger.nfts.stream(101, page_size=2)]
    await anext(left[0])
    consumers = [asyncio.create_task(read(ledger, left)) for _ in range(5)]
    print(len([node async for node in ledger.nfts.stream(102)]))

if sys.argv[1] == "uvloop":
    import uvloop
    factory = uvloop.new_event_loop
else:
    factory = asyncio.new_event_loop
with asyncio.Runner(loop_factory=factory) as runner:
    runner.run(main())
"""
