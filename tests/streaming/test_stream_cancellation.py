"""However a stream ends, nothing of it is left: no task, no request, no connection, no permit."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from itertools import count
from random import Random
from types import CodeType
from typing import Any

import anyio
import pytest
import transports
from virtual_time import VirtualTimeLoop

from ledger_async import (
    NFT,
    ConfigurationError,
    LedgerClient,
    LedgerError,
    NodeStream,
    PermissionDeniedError,
    RetryPolicy,
    StreamClosedError,
)
from ledger_async._exactness.pages import PageRead, PageRequest
from ledger_async._exactness.walk import Walk
from ledger_async._governor.gate import Gate
from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import StreamOptions
from ledger_async._protocol.messages import RawPage, Request
from ledger_async._streaming.account_ids import source_of
from ledger_async._streaming.feed import Feed
from ledger_async._support.live import Live
from ledger_async._support.own_loop import OwnLoop
from ledger_async.sandbox import Fault, Sandbox, SeenRequest

HOUR = 3600.0

ACCOUNTS = {101: 60, 102: 0, 103: 12, 104: 30}


async def awaited_ids() -> AsyncIterator[int]:
    for each in ACCOUNTS:
        await asyncio.sleep(0)
        yield each


KINDS: Mapping[str, Callable[[LedgerClient], NodeStream[Any]]] = {
    "one account": lambda ledger: ledger.nfts.stream(101, page_size=5),
    "many accounts": lambda ledger: ledger.nfts.stream_accounts(ACCOUNTS, page_size=5),
    "ordered": lambda ledger: ledger.nfts.stream_accounts(ACCOUNTS, page_size=5, ordered=True),
    "awaited ids": lambda ledger: ledger.nfts.stream_accounts(awaited_ids(), page_size=5),
    "chained": lambda ledger: ledger.nfts.stream_accounts(
        (account.id async for account in ledger.accounts.stream(page_size=1)), page_size=5
    ),
}

every_kind = pytest.mark.parametrize("opened", KINDS.values(), ids=KINDS)

Opened = Callable[[LedgerClient], NodeStream[Any]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Answers take a second, so that there are requests to be left behind."""
    async with Sandbox(ACCOUNTS, latency=1.0) as workspace:
        yield workspace


def client(sandbox: Sandbox, **options: Any) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, **options)


# What must not be left


def left_over(sandbox: Sandbox, ledger: LedgerClient) -> dict[str, object]:
    """What there still is of any stream or request, by name."""
    runtime = ledger._runtime
    found: dict[str, object] = {
        "tasks": [each for each in asyncio.all_tasks() if is_ours(each)],
        "live streams": runtime.live.streams,
        "permits": runtime.gate._permits.given,
        "waiting for a permit": runtime.gate._line,
        "connections in use": transports.connections_in_use(ledger),
        "requests at the sandbox": sandbox.in_flight,
    }
    return {name: what for name, what in found.items() if what}


def is_ours(task: asyncio.Task[Any]) -> bool:
    """Whether a task is neither this one nor one of the sandbox's server."""
    code: CodeType | None = getattr(task.get_coro(), "cr_code", None)
    serving = code is not None and "/aiohttp/web" in code.co_filename
    return task is not asyncio.current_task() and not serving


async def settled(sandbox: Sandbox, ledger: LedgerClient) -> dict[str, object]:
    """What is left once whatever is closing has closed; no time passes."""
    for steps in range(200):
        if not left_over(sandbox, ledger):
            break
        if steps == 100:
            gc.collect()  # a traceback may hold a stream that nobody closed
        await asyncio.sleep(0)
    return left_over(sandbox, ledger)


@asynccontextmanager
async def leaving_nothing(sandbox: Sandbox, ledger: LedgerClient) -> AsyncIterator[None]:
    """After the block nothing is left, this task was not cancelled, and the client works on."""
    yield
    assert await settled(sandbox, ledger) == {}
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    async with asyncio.timeout(HOUR):
        assert len([node async for node in ledger.nfts.stream(103, page_size=5)]) == 12


async def read(stream: NodeStream[Any]) -> int:
    """How many nodes there are, unless the stream hangs."""
    async with asyncio.timeout(24 * HOUR):
        return len([node async for node in stream])


async def read_for_ever(stream: NodeStream[Any], began: asyncio.Event | None = None) -> None:
    """Take a node, and never another."""
    async for _ in stream:
        if began is not None:
            began.set()
        await asyncio.sleep(100 * HOUR)


# A consumer that leaves


@every_kind
async def test_break_leaves_nothing(opened: Opened, sandbox: Sandbox, ledger: LedgerClient) -> None:
    async with leaving_nothing(sandbox, ledger):
        async for _ in opened(ledger):
            break


@every_kind
async def test_an_error_in_the_loop_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async def fail() -> None:
        async for _ in opened(ledger):
            raise LookupError

    async with leaving_nothing(sandbox, ledger):
        with pytest.raises(LookupError):
            await fail()


@every_kind
async def test_a_stream_that_was_read_to_its_end_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        await read(opened(ledger))


@every_kind
async def test_a_stream_that_failed_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        sandbox.fail(Fault.status(403), account_id=101, page=3)
        with pytest.raises(Exception, match="403 a scripted fault"):
            await read(opened(ledger))


@every_kind
async def test_a_stream_that_was_never_read_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        opened(ledger)
        gc.collect()


@every_kind
async def test_a_stream_that_was_dropped_is_closed(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = opened(ledger)
        await anext(stream)
        del stream


@every_kind
async def test_a_stream_that_was_dropped_in_a_cycle_is_closed_once_it_is_found(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        cycle: list[object] = [opened(ledger)]
        stream = cycle[0]
        assert isinstance(stream, NodeStream)
        await anext(stream)
        found = weakref.ref(stream)
        cycle.append(cycle)
        del stream, cycle
        gc.collect()
        assert found() is None


@every_kind
async def test_what_was_behind_a_stream_goes_with_it(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    stream = opened(ledger)
    behind = weakref.ref(stream._feed)
    gc.disable()
    try:
        await read(stream)
        del stream
        await settled(sandbox, ledger)
        assert behind() is None
    finally:
        gc.enable()


async def test_a_stream_of_a_cancelled_consumer_is_closed_though_it_left_an_account_out() -> None:
    accounts = dict.fromkeys(range(1, 9), 30)
    async with Sandbox(accounts, latency=1.0) as sandbox, client(sandbox) as ledger:

        @sandbox.rewrite
        def no_page(seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            return {} if seen.account_id == 3 else page

        async def use() -> None:
            stream = ledger.nfts.stream_accounts(accounts, page_size=10, on_error="skip")
            async for _ in stream:
                if stream.reports.get(3) and stream.reports[3].error:
                    await asyncio.Event().wait()

        consumer = asyncio.create_task(use())
        await asyncio.sleep(3)
        consumer.cancel()
        await asyncio.wait([consumer])
        del consumer  # which holds its frames, and these the stream
        assert await settled(sandbox, ledger) == {}


class Held:
    """Pages of ten numbers that come when they are told to."""

    def __init__(self) -> None:
        self.calls: dict[tuple[int | None, int], asyncio.Future[RawPage]] = {}

    def fetch(self, account_id: int | None, ask: PageRequest) -> asyncio.Future[RawPage]:
        call: asyncio.Future[RawPage] = asyncio.get_running_loop().create_future()
        self.calls[account_id, ask.number] = call
        return call

    def come(self, account_id: int, number: int) -> None:
        request = Request(path="/", account_id=account_id, page=number)
        self.calls[account_id, number].set_result(RawPage(request, b"", 1))

    def read(self, answer: RawPage) -> PageRead[int]:
        first = 10 * ((answer.request.page or 1) - 1)
        numbers = list(range(first, first + 10))
        return PageRead(numbers, numbers, 20, has_next_page=not first)

    async def fetch_again(self, answer: RawPage) -> PageRead[int]:
        raise AssertionError(answer)


async def test_what_comes_as_a_stream_is_closed_is_not_read_behind_what_was_thrown_away() -> None:
    pages, read, go_on = Held(), [], asyncio.Event()
    feed = Feed[int](
        pages,
        source_of([1, 2]),
        lambda _: Walk(10, check=True),
        StreamOptions.of(Endpoint("/", NFT)),
        gate=Gate(2),
        live=Live[Feed[int]](),
        loop=OwnLoop(),
        slots=2,
        accounts_known=2,
    )
    stream: NodeStream[int] = NodeStream(feed)

    async def use() -> None:
        async for node in stream:
            read.append(node)
            await go_on.wait()

    consumer = asyncio.create_task(use())
    await turns()
    pages.come(2, 1)  # whose first node the consumer is at
    await turns()
    pages.come(1, 1)  # which waits in the outbox
    await turns()
    pages.come(1, 2)
    await stream.aclose()
    go_on.set()
    with pytest.raises(StreamClosedError):
        await consumer
    assert (read, stream.reports[1].status) == ([*range(10)], "unverified")


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_stream_that_nobody_reads_any_more_is_not_kept_alive(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    stream = ledger.nfts.stream(101)
    await anext(stream)
    found = weakref.ref(stream)
    del stream
    assert found() is None
    assert await settled(sandbox, ledger) == {}


async def test_an_iterator_that_nobody_reads_any_more_is_not_kept_alive(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    nodes = aiter(ledger.nfts.stream(101))
    await anext(nodes)
    found = weakref.ref(nodes)
    gc.disable()
    try:
        del nodes
        assert found() is None
        assert await settled(sandbox, ledger) == {}
    finally:
        gc.enable()


# Closing


@every_kind
async def test_aclose_returns_when_no_task_is_left(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = opened(ledger)
        await anext(stream)
        await stream.aclose()
        left = left_over(sandbox, ledger)
        left.pop("requests at the sandbox", None)  # it has not yet heard
        assert left == {}


@every_kind
async def test_leaving_the_context_closes_the_stream(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        async with opened(ledger) as stream:
            await anext(stream)
        assert not ledger._runtime.live.streams


@every_kind
async def test_leaving_the_context_with_an_error_closes_the_stream(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async def fail() -> None:
        async with opened(ledger) as stream:
            await anext(stream)
            raise LookupError

    async with leaving_nothing(sandbox, ledger):
        with pytest.raises(LookupError):
            await fail()
        assert not ledger._runtime.live.streams


async def test_a_stream_may_be_closed_twice(sandbox: Sandbox, ledger: LedgerClient) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = ledger.nfts.stream(101)
        await anext(stream)
        await stream.aclose()
        await stream.aclose()


async def test_a_stream_may_be_closed_before_it_is_read(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    stream = ledger.nfts.stream(101)
    await stream.aclose()
    with pytest.raises(StreamClosedError, match="was closed"):
        await read(stream)
    assert sandbox.requests == []


async def test_a_stream_may_be_closed_after_its_end(sandbox: Sandbox, ledger: LedgerClient) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = ledger.nfts.stream(101)
        await read(stream)
        await stream.aclose()


@every_kind
async def test_a_consumer_that_waits_is_told_that_another_task_closed_the_stream(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = opened(ledger)
        consumer = asyncio.create_task(read(stream))
        await asyncio.sleep(0.5)
        await stream.aclose()
        with pytest.raises(StreamClosedError, match="closed by another task"):
            await consumer


async def test_several_tasks_may_close_a_stream_at_once(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = ledger.nfts.stream(101)
        consumer = asyncio.create_task(read(stream))
        await asyncio.sleep(0.5)
        await asyncio.gather(*(stream.aclose() for _ in range(5)))
        with pytest.raises(StreamClosedError):
            await consumer


async def test_a_consumer_between_nodes_is_told_that_another_task_closed_the_stream(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    """What it has read so far is not the whole listing, and must not look like it."""
    async with leaving_nothing(sandbox, ledger):
        stream, began = ledger.nfts.stream(101), asyncio.Event()
        consumer = asyncio.create_task(read_slowly(stream, began))
        await began.wait()
        await stream.aclose()
        with pytest.raises(StreamClosedError):
            await consumer


async def read_slowly(stream: NodeStream[Any], began: asyncio.Event) -> None:
    """Spend a second on each node."""
    async for _ in stream:
        began.set()
        await asyncio.sleep(1)


@pytest.mark.parametrize("closing", ["stream", "client"])
def test_what_gives_the_ids_may_close_the_stream(closing: str) -> None:
    """It cannot wait for its own end, and must not hang for ever."""
    streams: list[NodeStream[Any]] = []
    told: list[type[BaseException]] = []

    async def main() -> None:
        async def ids() -> AsyncIterator[int]:
            yield 101
            await (streams[0] if closing == "stream" else ledger).aclose()

        async with Sandbox(ACCOUNTS, latency=1.0) as sandbox, client(sandbox) as ledger:
            streams.append(ledger.nfts.stream_accounts(ids()))
            with pytest.raises(StreamClosedError) as caught:
                await read(streams[0])
            told.append(caught.type)

    # What hangs in a shield cannot be cancelled, so the loop itself is stopped.
    loop = VirtualTimeLoop()
    try:
        task = loop.create_task(main())
        task.add_done_callback(lambda _: loop.stop())
        loop.call_later(HOUR, loop.stop)
        loop.run_forever()
    finally:
        loop.close()
    assert told == [StreamClosedError]


# A clean end means that all was read

ReadOn = Callable[[NodeStream[Any]], AsyncIterator[Any]]


class ByAnext(AsyncIterator[Any]):
    """Reads a stream by `anext`, not by an iterator of it."""

    def __init__(self, stream: NodeStream[Any]) -> None:
        self._stream = stream

    async def __anext__(self) -> Any:
        return await anext(self._stream)


every_consumer = pytest.mark.parametrize("consumer", [ByAnext, aiter], ids=["anext", "iterator"])


async def rest(nodes: AsyncIterator[Any]) -> int:
    return len([node async for node in nodes])


@every_kind
@every_consumer
@pytest.mark.parametrize("seconds", [0.5, 1.5])
async def test_a_cancelled_read_is_the_last(
    opened: Opened, consumer: ReadOn, seconds: float, ledger: LedgerClient
) -> None:
    stream = opened(ledger)
    nodes = consumer(stream)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(rest(nodes), seconds)
    for later in (nodes, stream, aiter(stream)):
        with pytest.raises(StreamClosedError, match="a read of it was cancelled"):
            await rest(later)


@every_consumer
async def test_a_timeout_for_one_node_is_the_last_read(
    consumer: ReadOn, ledger: LedgerClient
) -> None:
    stream = ledger.nfts.stream(101, page_size=5)
    nodes = consumer(stream)
    for _ in range(5):
        await anext(nodes)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(nodes), 0.2)
    with pytest.raises(StreamClosedError, match="a read of it was cancelled"):
        await anext(nodes)
    assert (stream.reports[101].nodes, stream.reports[101].status) == (5, "unverified")


async def test_a_read_while_a_cancelled_one_cleans_up_is_refused(ledger: LedgerClient) -> None:
    async def ids() -> AsyncIterator[int]:
        try:
            yield 101
            await asyncio.sleep(HOUR)
        finally:
            await asyncio.sleep(5)

    stream = ledger.nfts.stream_accounts(ids())
    consumer = asyncio.create_task(read(stream))
    await asyncio.sleep(0.5)
    consumer.cancel()
    await asyncio.sleep(1)
    with pytest.raises(StreamClosedError):
        await anext(stream)
    await asyncio.wait([consumer])


@every_kind
async def test_a_consumer_cancelled_between_nodes_may_read_on(
    opened: Opened, ledger: LedgerClient
) -> None:
    stream = opened(ledger)
    read_before = 0
    with anyio.move_on_after(HOUR):
        async for _ in stream:
            read_before += 1
            await asyncio.sleep(HOUR)
    assert read_before + await read(stream) == await read(opened(ledger))


@every_consumer
async def test_what_was_read_in_part_and_closed_does_not_end_cleanly(
    consumer: ReadOn, ledger: LedgerClient
) -> None:
    async with ledger.nfts.stream(101, page_size=5) as stream:
        nodes = consumer(stream)
        await anext(nodes)
    for later in (nodes, stream):
        with pytest.raises(StreamClosedError, match="was closed"):
            await rest(later)


async def test_an_iterator_may_be_closed_as_the_stream(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    stream = ledger.nfts.stream(101, page_size=5)
    async with leaving_nothing(sandbox, ledger):
        nodes: Any = aiter(stream)
        async with aclosing(nodes):
            await anext(nodes)
        with pytest.raises(StreamClosedError, match="was closed"):
            await read(stream)


async def test_what_was_read_to_its_end_ends_cleanly_after_it_was_closed(
    ledger: LedgerClient,
) -> None:
    async with ledger.nfts.stream(103) as stream:
        nodes = aiter(stream)
        assert await rest(nodes) == 12
    assert (await rest(nodes), await read(stream)) == (0, 0)


@every_consumer
async def test_after_an_error_the_stream_says_which_it_was(
    consumer: ReadOn, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(Fault.status(403), account_id=101, page=3)
    stream = ledger.nfts.stream(101, page_size=5)
    nodes = consumer(stream)
    with pytest.raises(PermissionDeniedError):
        await rest(nodes)
    with pytest.raises(StreamClosedError, match="403 a scripted fault"):
        await rest(nodes)


async def test_after_a_bug_of_the_caller_the_stream_names_it(ledger: LedgerClient) -> None:
    def ids() -> Iterator[int]:
        yield 101
        raise LookupError("what it says is the caller's")

    stream = ledger.nfts.stream_accounts(ids())
    with pytest.raises(LookupError):
        await read(stream)
    with pytest.raises(StreamClosedError, match=r"ended early: LookupError$"):
        await read(stream)


# Cancelling


@every_kind
@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5, 2.5])
async def test_a_consumer_cancelled_while_it_waits_leaves_nothing(
    opened: Opened, seconds: float, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        consumer = asyncio.create_task(read(opened(ledger)))
        await asyncio.sleep(seconds)
        consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer


@every_kind
async def test_a_consumer_cancelled_between_nodes_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        began = asyncio.Event()
        consumer = asyncio.create_task(read_for_ever(opened(ledger), began))
        await began.wait()
        consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer
        del consumer


@every_kind
async def test_a_timeout_around_the_loop_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await read_for_ever(opened(ledger))


@every_kind
async def test_fail_after_around_the_loop_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        with pytest.raises(TimeoutError), anyio.fail_after(1.5):
            await read_for_ever(opened(ledger))


@every_kind
async def test_move_on_after_around_the_loop_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        with anyio.move_on_after(1.5) as scope:
            await read_for_ever(opened(ledger))
        assert scope.cancelled_caught


@every_kind
async def test_a_timeout_around_one_node_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = opened(ledger)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await anext(stream)


@every_kind
async def test_move_on_after_around_one_node_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = opened(ledger)
        with anyio.move_on_after(0.5) as scope:
            await anext(stream)
        assert scope.cancelled_caught


async def test_a_stream_that_a_timeout_ended_does_not_claim_to_be_whole(
    ledger: LedgerClient,
) -> None:
    stream = ledger.nfts.stream(101, page_size=5)
    await anext(stream)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await read(stream)
    assert (stream.reports[101].status, stream.progress.accounts_done) == ("unverified", 0)


async def test_timeouts_that_do_not_expire_may_be_put_around_single_nodes(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream, nodes = ledger.nfts.stream(101, page_size=5), 0
        while await take_within(1.5, stream) is not None:
            nodes += 1
        assert nodes == 60


async def take_within(seconds: float, stream: NodeStream[Any]) -> object:
    with anyio.fail_after(seconds):
        return await anext(stream, None)


async def test_a_scope_around_one_node_does_not_outlive_it(ledger: LedgerClient) -> None:
    stream = ledger.nfts.stream(101, page_size=5)
    with anyio.CancelScope() as scope:
        await anext(stream)
    scope.cancel()
    assert await read(stream) == 59


async def test_a_stream_may_be_read_by_one_task_after_another(ledger: LedgerClient) -> None:
    stream, nodes = ledger.nfts.stream(101, page_size=5), 0
    while await asyncio.create_task(take(stream)) is not None:
        nodes += 1
    assert nodes == 60


async def take(stream: NodeStream[Any]) -> object:
    return await anext(stream, None)


@every_kind
async def test_a_sibling_that_fails_in_an_anyio_group_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async def siblings() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(read, opened(ledger))
            group.start_soon(read_for_ever, opened(ledger))
            group.start_soon(fail_after, 1.5)

    async with leaving_nothing(sandbox, ledger):
        with pytest.raises(ExceptionGroup) as caught:
            await siblings()
        assert [type(each) for each in caught.value.exceptions] == [LookupError]


@every_kind
async def test_a_sibling_that_fails_in_an_asyncio_group_leaves_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async def siblings() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(read(opened(ledger)))
            group.create_task(read_for_ever(opened(ledger)))
            group.create_task(fail_after(1.5))

    async with leaving_nothing(sandbox, ledger):
        with pytest.raises(ExceptionGroup) as caught:
            # In a task of its own: Python 3.11 and 3.12 leave the group's task `cancelling`.
            await asyncio.create_task(siblings())
        assert [type(each) for each in caught.value.exceptions] == [LookupError]


async def fail_after(seconds: float) -> None:
    await asyncio.sleep(seconds)
    raise LookupError


async def test_a_consumer_cancelled_again_while_it_reaps_leaves_nothing(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        consumer = asyncio.create_task(read(ledger.nfts.stream(101)))
        await asyncio.sleep(0.5)
        consumer.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
            consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer


async def test_a_consumer_cancelled_again_waits_all_the_same_until_nothing_is_left(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    closed = asyncio.Event()

    async def ids() -> AsyncIterator[int]:
        try:
            for each in count(101):
                yield each
        finally:
            await asyncio.sleep(5)
            closed.set()

    stream = ledger.nfts.stream_accounts(ids())
    consumer = asyncio.create_task(read(stream))
    await asyncio.sleep(0.5)
    consumer.cancel()
    await asyncio.sleep(1)
    consumer.cancel()
    await asyncio.wait([consumer])
    assert closed.is_set()


async def test_closing_that_is_cancelled_leaves_nothing(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        stream = ledger.nfts.stream(101, page_size=5)
        await anext(stream)
        closing = asyncio.create_task(stream.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])


async def test_a_stream_may_be_read_in_a_scope_that_is_cancelled_already(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async with leaving_nothing(sandbox, ledger):
        with anyio.CancelScope() as scope:
            scope.cancel()
            await read(ledger.nfts.stream(101))
        assert scope.cancelled_caught


@every_kind
async def test_a_hundred_streams_that_end_in_every_way_leave_nothing(
    opened: Opened, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    async def read_a_little(number: int) -> None:
        nodes = 0
        async with asyncio.timeout(number / 10 + 0.05):
            async for _ in opened(ledger):
                nodes += 1
                if nodes > number:
                    break

    async with leaving_nothing(sandbox, ledger):
        await asyncio.gather(*map(read_a_little, range(100)), return_exceptions=True)


# Cancelling at every step


@every_kind
@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
async def test_a_consumer_may_be_cancelled_at_any_step(*, opened: Opened, again: bool) -> None:
    random = Random(7)  # where the second cancellation falls
    async with Sandbox(ACCOUNTS, compress=False) as sandbox, client(sandbox) as ledger:
        for steps in count(random.randrange(3), 3):
            consumer = asyncio.create_task(read(opened(ledger)))
            await step(steps)
            finished = consumer.done()
            consumer.cancel()
            if again:
                await step(random.randrange(1, 8))
                consumer.cancel()
            await asyncio.wait([consumer], timeout=HOUR)
            assert consumer.cancelled() or finished, f"after {steps} steps"
            assert await settled(sandbox, ledger) == {}, f"after {steps} steps"
            if finished:
                break
        assert await read(opened(ledger)) >= 60


@pytest.mark.parametrize("seed", range(5))
async def test_a_consumer_may_be_cancelled_at_any_time_whatever_fails(seed: int) -> None:
    random = Random(seed)
    faults = [
        Fault.status(503),
        Fault.status(420, headers={"Retry-After": "3"}),
        Fault.status(400),
        Fault.drop(),
        Fault.cut(),
        Fault.slow(0.2),
        Fault.stall(60),
        Fault.garbage(),
    ]
    async with (
        Sandbox(ACCOUNTS, latency=0.1, rate_limit=50) as sandbox,
        client(sandbox, max_concurrency=random.choice([1, 4, 16])) as ledger,
    ):
        for _ in range(20):
            for _ in range(4):
                sandbox.fail(random.choice(faults), after=random.randrange(20))
            opened = random.choice([*KINDS.values()])
            consumer = asyncio.create_task(read(opened(ledger)))
            await asyncio.wait([consumer], timeout=random.uniform(0, 5))
            consumer.cancel()
            await asyncio.wait([consumer], timeout=HOUR)
            assert consumer.cancelled() or isinstance(consumer.exception(), LedgerError | None)
            assert await settled(sandbox, ledger) == {}
            sandbox.heal()
        assert await read(ledger.nfts.stream(101)) == 60


async def step(times: int) -> None:
    """Let the loop go round so many times."""
    for _ in range(times):
        await asyncio.sleep(0)


# Closing the client


@every_kind
async def test_closing_the_client_tells_consumers_that_wait(
    opened: Opened, sandbox: Sandbox
) -> None:
    ledger = client(sandbox)
    consumers = [asyncio.create_task(read(opened(ledger))) for _ in range(3)]
    await asyncio.sleep(1.5)
    await ledger.aclose()
    assert await outcomes(consumers) == {StreamClosedError}
    assert await settled(sandbox, ledger) == {}


@every_kind
async def test_closing_the_client_tells_consumers_between_nodes(
    opened: Opened, sandbox: Sandbox
) -> None:
    ledger = client(sandbox)
    stream = opened(ledger)
    await anext(stream)
    await ledger.aclose()
    with pytest.raises(StreamClosedError, match="client was closed"):
        await read(stream)
    assert await settled(sandbox, ledger) == {}


async def test_closing_the_client_closes_its_connections(sandbox: Sandbox) -> None:
    ledger = client(sandbox)
    await read(ledger.nfts.stream(101))
    open_before = sandbox.connections
    await ledger.aclose()
    assert (open_before > 0, await connections_left(sandbox)) == (True, 0)


async def test_closing_the_client_turns_away_who_waits_for_the_rate_limit(
    sandbox: Sandbox,
) -> None:
    ledger = client(sandbox)
    sandbox.fail(Fault.status(420, headers={"Retry-After": "60"}), times=20)
    calls = [asyncio.create_task(ledger.accounts.get(101)) for _ in range(20)]
    await asyncio.sleep(5)
    await ledger.aclose()
    assert await outcomes(calls) == {ConfigurationError}


PATIENT = RetryPolicy(backoff_base=20.0)


async def test_closing_the_client_turns_away_who_waits_to_try_again(sandbox: Sandbox) -> None:
    ledger = client(sandbox, retry=PATIENT)
    sandbox.fail(Fault.status(503))
    calls = [asyncio.create_task(ledger.accounts.get(101))]
    await step(100)
    await ledger.aclose()
    assert await outcomes(calls) == {ConfigurationError}
    assert len(sandbox.requests) == 1


async def test_closing_the_client_tells_a_consumer_whose_page_waits_to_be_tried_again(
    sandbox: Sandbox,
) -> None:
    ledger = client(sandbox, retry=PATIENT)
    sandbox.fail(Fault.status(503))
    consumer = asyncio.create_task(read(ledger.nfts.stream(101)))
    await step(100)
    await ledger.aclose()
    assert await outcomes([consumer]) == {StreamClosedError}
    assert len(sandbox.requests) == 1


async def test_closing_the_client_does_not_cancel_who_waits_for_an_answer(
    sandbox: Sandbox,
) -> None:
    ledger = client(sandbox)
    calls = [asyncio.create_task(ledger.accounts.get(101)) for _ in range(20)]
    await asyncio.sleep(0.5)
    await ledger.aclose()
    assert await outcomes(calls) == {ConfigurationError}
    assert await settled(sandbox, ledger) == {}


async def outcomes(tasks: list[asyncio.Task[Any]]) -> set[type[object]]:
    """What the tasks return or raise, unless one hangs."""
    async with asyncio.timeout(HOUR):
        return {type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)}


async def test_a_client_that_was_cancelled_while_it_closed_leaves_nothing(
    sandbox: Sandbox,
) -> None:
    ledger = client(sandbox)
    consumers = [asyncio.create_task(read(ledger.nfts.stream(101))) for _ in range(5)]
    await asyncio.sleep(0.5)
    closing = asyncio.create_task(ledger.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    assert await outcomes([closing, *consumers]) == {asyncio.CancelledError, StreamClosedError}
    assert await settled(sandbox, ledger) == {}
    assert await connections_left(sandbox) == 0


async def connections_left(sandbox: Sandbox) -> int:
    """How many connections are open once those that are closing have closed."""
    await step(20)
    return sandbox.connections


async def test_a_client_that_closes_in_a_cancelled_scope_leaves_nothing(sandbox: Sandbox) -> None:
    with anyio.move_on_after(1.5):
        async with client(sandbox) as ledger:
            streams = [ledger.nfts.stream(101, page_size=5) for _ in range(3)]
            for stream in streams:
                await anext(stream)
            await asyncio.sleep(HOUR)
    assert await settled(sandbox, ledger) == {}
    assert await connections_left(sandbox) == 0


# The end of the loop


@pytest.mark.parametrize("opened", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5, 2.5])
def test_the_loop_may_end_while_a_stream_is_read(
    opened: Opened, seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    async def background() -> None:
        async with Sandbox(ACCOUNTS, latency=1.0) as sandbox, client(sandbox) as ledger:
            await read(opened(ledger))

    async def main() -> None:
        tasks.append(asyncio.create_task(background()))
        await asyncio.sleep(seconds)

    tasks: list[asyncio.Task[None]] = []
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    gc.collect()
    assert complaints(caplog) == []


@pytest.mark.parametrize("opened", KINDS.values(), ids=KINDS)
def test_the_loop_may_end_while_a_stream_is_open(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with Sandbox(ACCOUNTS, latency=1.0) as sandbox, client(sandbox) as ledger:
            streams.append(opened(ledger))
            await anext(streams[0])

    streams: list[NodeStream[Any]] = []
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    streams.clear()
    gc.collect()
    assert complaints(caplog) == []


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What asyncio had to say, for example of tasks that were destroyed."""
    return [record.getMessage() for record in caplog.records if record.name == "asyncio"]


# Cancellations that nobody asked for, or that got lost


async def test_a_worker_cancelled_from_outside_ends_the_stream_with_an_error(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    """A task group says nothing of a child that was cancelled, and its page would be missing."""
    stream = ledger.nfts.stream(101, page_size=10)
    async with leaving_nothing(sandbox, ledger):
        await anext(stream)
        for task in list(stream._feed._workers._tasks):
            task.cancel()
        with pytest.raises(StreamClosedError):
            await read(stream)


async def test_a_generator_of_ids_that_swallows_a_cancellation_does_not_keep_the_stream_open(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    """As `asyncio.wait_for` of Python 3.11 does, when its result arrives at the same time."""

    async def ids() -> AsyncIterator[int]:
        yield 101
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(HOUR)
            yield 101

    async with leaving_nothing(sandbox, ledger), ledger.nfts.stream_accounts(ids()) as stream:
        await anext(stream)
