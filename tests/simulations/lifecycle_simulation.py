"""Readers that end in every way at random moments: no sockets, virtual time, all from a seed.

`PYTHONPATH=tests/helpers python tests/simulations/lifecycle_simulation.py SEED` replays one case
and tells what happens in it.
"""

from __future__ import annotations

import asyncio
import gc
import random as randomness
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import anyio
import msgspec
from virtual_time import VirtualTimeLoop

from ledger_async import (
    ConfigurationError,
    LedgerClient,
    LedgerError,
    NodeStream,
    RetryPolicy,
    StreamClosedError,
    TransportError,
)
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async.sandbox._data.nfts import Holdings

ACCOUNTS = {101: 5, 102: 0, 103: 4}
ORIGIN = "https://simulated.example"

REPLAY = "PYTHONPATH=tests/helpers python tests/simulations/lifecycle_simulation.py"

# In so many steps of the loop, and in no time, everything that was ended is over.
STEPS = 60
HOUR = 3600.0

_encode = msgspec.json.Encoder(decimal_format="number").encode
_HOLDINGS = {account_id: Holdings(0, account_id, size) for account_id, size in ACCOUNTS.items()}


class LeftLoopError(LookupError):
    """What the body of a loop raises."""


# The server


@cache
def answer_to(request: Request) -> bytes:
    """What the API answers, once it does."""
    holdings = _HOLDINGS[request.account_id or 101]
    if not request.query:
        return _encode(holdings.portfolio())
    number, size = (int(value) for _, value in parse_qsl(request.query))
    nodes = [holdings.nft(serial) for serial in holdings.serials[(number - 1) * size :][:size]]
    edges = [{"cursor": cursor, "node": node} for cursor, node in enumerate(nodes)]
    count = len(holdings.serials)
    info = {"count": count, "has_next_page": number * size < count}
    return _encode({"edges": edges, "page_info": info})


def _cut_off() -> LedgerError:
    return TransportError("cut off")


_TROUBLES: list[Callable[[], Response | LedgerError]] = [
    lambda: Response(503, {}, b""),
    lambda: Response(420, {"Retry-After": "1"}, b""),
    lambda: Response(401, {}, b""),
    lambda: Response(400, {}, b""),
    lambda: Response(200, {}, b'{"edges": [{"cur'),
    _cut_off,
]


class Wire:
    """A transport that answers late, or with trouble for a share of all requests."""

    def __init__(self, random: Random) -> None:
        self._closed = False
        self._random = random
        self.trouble = random.choice([0, 0, 0, 0.05, 0.3])
        self.in_flight: dict[asyncio.Future[None], None] = {}  # in order, for replays

    async def send(self, request: Request, headers: Headers) -> Response:
        if self._closed:
            raise _cut_off()
        answer: Response | LedgerError = Response(200, {}, answer_to(request))
        if self._random.random() < self.trouble:
            answer = self._random.choice(_TROUBLES)()
        await step(self._random.randrange(3))
        loop = asyncio.get_running_loop()
        arrival = loop.create_future()
        self.in_flight[arrival] = None
        latency = self._random.choice([0, self._random.uniform(0, 1)])
        timer = loop.call_later(latency, self._arrive, arrival)
        try:
            await arrival
        finally:
            timer.cancel()
            del self.in_flight[arrival]
        if isinstance(answer, LedgerError):
            raise answer
        return answer

    @staticmethod
    def _arrive(arrival: asyncio.Future[None]) -> None:
        if not arrival.done():
            arrival.set_result(None)

    async def close(self) -> None:
        self._closed = True
        for arrival in self.in_flight:
            if not arrival.done():
                arrival.set_exception(_cut_off())
        await asyncio.sleep(0)


async def step(times: int) -> None:
    """Let the loop go round so many times."""
    for _ in range(times):
        await asyncio.sleep(0)


# A case


class Case:
    """One client, some readers, and what befalls them."""

    def __init__(self, seed: int, tell: Callable[[str], object] = lambda _: None) -> None:
        self.random = Random(f"life cycle {seed}")
        self.tell = tell
        self.complaints: list[str] = []
        self.wire = Wire(self.random)
        self.ledger = LedgerClient(
            ORIGIN,
            api_user="user",
            api_key="key" if self.random.random() < 0.5 else self._key,
            max_concurrency=self.random.choice([1, 2, 4, 16]),
            retry=RetryPolicy(max_attempts=2) if self.random.random() < 0.5 else RetryPolicy(),
            transport=self.wire,
        )
        self.readers: list[Consumer] = []
        self.calls: list[asyncio.Task[None]] = []
        self.client_closed = False

    async def _key(self) -> str:
        await self.pause()
        return "key"

    async def pause(self) -> None:
        """Some steps, or some time."""
        if self.random.random() < 0.5:
            await step(self.random.randrange(40))
        else:
            await asyncio.sleep(self.random.uniform(0, 2.5))

    def run(self) -> None:
        """Run it on a loop of its own, and check that nothing is left."""
        randomness.seed(self.random.random())  # for the jitter of retries
        # What hangs in a shield cannot be cancelled, and would hang a `Runner` too.
        loop = VirtualTimeLoop(patient=False)
        if self.random.random() < 0.2:
            loop.set_task_factory(getattr(asyncio, "eager_task_factory", None))
        loop.set_exception_handler(lambda _, context: self.complaints.append(str(context)))
        try:
            main = loop.create_task(self._main())
            main.add_done_callback(lambda _: loop.stop())
            loop.run_forever()
            main.result()
            self._shut(loop)
        finally:
            loop.close()
        assert self.complaints == []

    async def _main(self) -> None:
        self.readers += [
            Consumer(self, number) for number in range(self.random.choice([1, 1, 1, 2]))
        ]
        self.calls += [
            asyncio.create_task(self._call()) for _ in range(self.random.choice([0, 0, 1, 3]))
        ]
        for reader in self.readers:
            reader.begin()
        if self.random.random() < 0.1:
            self.tell("the loop ends")
            await self.pause()
            return
        if self.random.random() < 0.15:
            await self._close_client()
        await self._check_the_tasks()
        for reader in self.readers:
            if self.random.random() < 0.5:
                await reader.read_on()
            reader.check()
            reader.drop()
        await self._check_that_nothing_is_left()

    async def _check_the_tasks(self) -> None:
        tasks = {*self.calls}.union(*(reader.tasks for reader in self.readers))
        _, pending = await asyncio.wait(tasks, timeout=HOUR)
        assert not pending, f"these hang: {pending}"
        for task in tasks.difference(*(reader.cancelled for reader in self.readers)):
            assert not task.cancelled(), f"cancelled out of nowhere: {task}"
            task.result()

    async def _call(self) -> None:
        """A call beside the streams, which nobody cancels."""
        await self.pause()
        nfts = self.ledger.nfts
        with suppress(LedgerError):
            await (nfts.page(103) if self.random.random() < 0.5 else nfts.portfolio(103))

    async def _close_client(self) -> None:
        await self.pause()
        self.tell("the client is closed")
        self.client_closed = True
        closers = [asyncio.create_task(self._close()) for _ in range(2)]
        cancels = self.random.random() < 0.3
        await step(1)
        if cancels:
            await step(self.random.randrange(4))
            cancels = closers[0].cancel()
        for closer in closers:
            await self.in_no_time(closer)
        assert [each.cancelled() for each in closers] == [cancels, False]
        for reader in self.readers:
            reader.check_that_it_is_over()

    async def _close(self) -> None:
        await self.ledger.aclose()
        await self.wire.close()

    async def in_no_time(self, task: asyncio.Task[Any]) -> None:
        """Wait for a task that has nothing to wait for."""
        begun = asyncio.get_running_loop().time()
        for _ in range(STEPS):
            if task.done():
                break
            await asyncio.sleep(0)
        assert task.done(), f"not done in {STEPS} steps: {task}"
        assert asyncio.get_running_loop().time() == begun

    async def _check_that_nothing_is_left(self) -> None:
        gc.collect(0)
        for _ in range(STEPS):
            if not any(self._left().values()):
                break
            await asyncio.sleep(0)
        assert not any(self._left().values()), self._left()
        if not self.client_closed:
            self.wire.trouble = 0
            async with asyncio.timeout(HOUR):
                page = await self.ledger.nfts.page(101)
            assert len(page.nodes) == ACCOUNTS[101]
            await self._close()
        try:
            await self.ledger.nfts.page(101)
        except ConfigurationError:
            return
        raise AssertionError("a closed client answers")

    def _left(self) -> dict[str, object]:
        runtime = self.ledger._runtime
        return {
            "tasks": asyncio.all_tasks() - {asyncio.current_task()},
            "live streams": runtime.live.streams,
            "permits": runtime.gate._permits.given,
            "waiting for a permit": runtime.gate._line,
            "requests": self.wire.in_flight,
        }

    def _shut(self, loop: asyncio.AbstractEventLoop) -> None:
        """What `asyncio.run` does at its end."""
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            _, pending = loop.run_until_complete(asyncio.wait(tasks, timeout=HOUR))
            assert not pending, f"these hang: {pending}"
        loop.run_until_complete(loop.shutdown_asyncgens())
        assert not asyncio.all_tasks(loop)


class Consumer:
    """Reads a stream in its own way until that, or somebody else, ends it."""

    def __init__(self, case: Case, number: int) -> None:
        self._case = case
        self._random = random = case.random
        self._name = f"reader {number}"
        self._kind = random.choice(["one", "many", "ordered", "awaited"])
        self._stream: NodeStream[Any] | None = self._opened()
        self._shelters = random.choices(
            ["timeout", "fail_after", "move_on_after"], k=random.choice([0, 0, 0, 1, 2, 3])
        )
        self._leaves_after = random.choice([99, 99, random.randrange(1, 8)])
        self._raises = random.random() < 0.5
        self._slow = random.random() < 0.3
        self._closes = random.random() < 0.5
        self._is_timed = random.random() < 0.2
        self._in_batches = random.random() < 0.4
        self._stops_after = random.choice([99, 99, 99, random.randrange(8)])
        self._in_a_cycle = random.random() < 0.2
        self._keys: list[tuple[int, str, str]] = []
        self._outcome = ""
        self._ids_are_open = self._is_between_nodes = False
        self._closed = self._stopped = False
        self._ends: list[int | None] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.cancelled: set[asyncio.Task[None]] = set()

    def check_that_it_is_over(self) -> None:
        """No task fetches for it, and none waits for its ids."""
        assert self._stream is not None
        supervisor = self._stream._feed._workers._supervisor
        assert supervisor is None or supervisor.done(), "a stream goes on"
        assert not self._ids_are_open, "a generator of ids was cut off"

    def _opened(self) -> NodeStream[Any]:
        nfts, size = self._case.ledger.nfts, self._random.choice([2, 2, 3])
        if self._kind == "one":
            return nfts.stream(101, page_size=size)
        ids = self._awaited_ids() if self._kind == "awaited" else list(ACCOUNTS)
        return nfts.stream_accounts(
            ids,
            page_size=size,
            ordered=self._kind == "ordered",
            on_error=self._random.choice(["raise", "skip"]),
        )

    async def _awaited_ids(self) -> AsyncIterator[int]:
        self._ids_are_open = True
        with anyio.CancelScope():
            try:
                # More than are fetched ahead, so that it is also left where it yields.
                for each in [*ACCOUNTS] * 10:
                    await step(self._random.randrange(3))
                    yield each
            except BaseException:
                await step(2)  # it may still await while it is closed
                self._ids_are_open = False
                raise
        self._ids_are_open = False

    def begin(self) -> None:
        """Start to read, and whatever is to end it."""
        self._case.tell(
            f"{self._name}: {self._kind}, in {self._shelters or 'the open'}, leaves after "
            f"{self._leaves_after} by {'an error' if self._raises else 'break'}"
        )
        self.tasks.append(asyncio.create_task(self._run(), name=self._name))
        blow = self._random.choice(
            [None, self._cancel, self._cancel, self._close_elsewhere, self._stop_elsewhere]
        )
        if blow is not None:
            self.tasks.append(asyncio.create_task(blow()))

    async def _run(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            await self._sheltered(self._shelters)
            self._outcome = self._outcome or "end"
        except Exception as error:  # noqa: BLE001 - judged below
            self._outcome = type(error).__name__
            self._judge(error)
        finally:
            self._case.tell(
                f"{self._name}: {self._outcome or 'cancelled'}, {len(self._keys)} nodes"
            )
        assert task.cancelling() == (task in self.cancelled)
        # It goes on: nothing of a timeout is left to strike here.
        await asyncio.sleep(0)

    async def _sheltered(self, shelters: list[str]) -> None:
        if not shelters:
            await self._read()
            return
        seconds = self._random.choice([0, 1, self._random.uniform(0, 2)])
        match shelters[0]:
            case "timeout":
                async with asyncio.timeout(seconds):
                    await self._sheltered(shelters[1:])
            case "fail_after":
                with anyio.fail_after(seconds):
                    await self._sheltered(shelters[1:])
            case _:
                with anyio.move_on_after(seconds) as scope:
                    await self._sheltered(shelters[1:])
                if scope.cancelled_caught:
                    self._outcome = "moved on"

    async def _read(self) -> None:
        stream = self._stream
        assert stream is not None
        if self._in_a_cycle:
            stream.__dict__["itself"] = stream
        try:
            if self._closes:
                async with stream:
                    await self._take(stream)
            else:
                await self._take(stream)
        finally:
            # One that is left between nodes without being closed waits for the garbage collector.
            if self._closes or not self._is_between_nodes:
                self.check_that_it_is_over()

    async def _take(self, stream: NodeStream[Any]) -> None:
        if not self._stops_after:
            self._stop()
        items = self._items(stream)
        async for item in self._timed(items) if self._is_timed else items:
            before = len(self._keys)
            self._keys += self._keys_of(item)
            self._is_between_nodes = True
            if before < self._stops_after <= len(self._keys):
                self._stop()
            if before < self._leaves_after <= len(self._keys):
                self._outcome = "left"
                if self._raises:
                    raise LeftLoopError
                break
            if self._slow:
                await self._case.pause()
            self._is_between_nodes = False

    def _items(self, stream: NodeStream[Any]) -> AsyncIterator[Any]:
        return stream.batches() if self._in_batches else stream

    def _keys_of(self, item: Any) -> list[tuple[int, str, str]]:
        """Of a node, or of the nodes of a batch, that must not come behind its account's end."""
        if not self._in_batches:
            account_id, nft = (101, item) if self._kind == "one" else item
            return [(account_id, nft.contract_address, nft.token_id)]
        assert item.account_id not in self._ends, "an account goes on after its report"
        if item.report is not None:
            self._ends.append(item.account_id)
        return [(item.account_id, nft.contract_address, nft.token_id) for nft in item.nodes]

    def _stop(self) -> None:
        assert self._stream is not None
        self._stream.stop()
        self._stopped = True
        self._case.tell(f"{self._name} stops its stream")

    async def _stop_elsewhere(self) -> None:
        """Stop the stream from another task."""
        await self._case.pause()
        if self._stream is not None:
            self._stop()

    async def _timed(self, items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The nodes or batches, each of them waited for within a time of its own."""
        while True:
            seconds = self._random.choice([0.5, 30])
            async with asyncio.timeout(seconds):
                with anyio.fail_after(self._random.choice([0.7, 60])):
                    try:
                        item = await anext(items)
                    except StopAsyncIteration:
                        return
            yield item

    def _judge(self, error: Exception) -> None:
        """Whether this reader may meet this error."""
        case = self._case
        match error:
            case LeftLoopError():
                fits = self._raises
            case StreamClosedError():
                fits = self._closed or case.client_closed
            case ConfigurationError():
                fits = case.client_closed
            case LedgerError():
                fits = case.wire.trouble > 0 or case.client_closed
            case _:
                timed = self._is_timed or bool(self._shelters)
                fits = timed and isinstance(error, TimeoutError)
        if not fits:
            raise AssertionError(f"{self._name} met {error!r}") from error

    async def _cancel(self) -> None:
        """Cancel the reader, perhaps more than once."""
        await self._case.pause()
        self._case.tell(f"{self._name} is cancelled")
        task = self.tasks[0]
        if task.cancel():
            self.cancelled.add(task)
        for _ in range(self._random.choice([0, 0, 1, 3])):
            await step(self._random.randrange(6))
            task.cancel()
        await self._case.in_no_time(task)
        assert task.cancelled() or task not in self.cancelled

    async def _close_elsewhere(self) -> None:
        """Close the stream from other tasks, one of which is perhaps cancelled."""
        await self._case.pause()
        if self._stream is None:
            return
        self._case.tell(f"{self._name} has its stream closed")
        self._closed = True
        closers = [
            asyncio.create_task(self._stream.aclose()) for _ in range(self._random.choice([1, 2]))
        ]
        if self._random.random() < 0.3:
            await step(self._random.randrange(4))
            if closers[0].cancel():
                self.cancelled.add(closers[0])
        for closer in closers:
            await self._case.in_no_time(closer)
            assert closer.cancelled() == (closer in self.cancelled)
        # One that was cancelled before its first step has closed nothing.
        if not self.cancelled.issuperset(closers):
            self.check_that_it_is_over()

    async def read_on(self) -> None:
        """Read what is left: all of it, or an error says that it is not."""
        assert self._stream is not None
        try:
            async with asyncio.timeout(HOUR):
                async for item in self._items(self._stream):
                    self._keys += self._keys_of(item)
        except LedgerError as error:
            self._outcome = type(error).__name__
        else:
            self._outcome = "end"
        self._case.tell(f"{self._name} reads on: {self._outcome}, {len(self._keys)} nodes")

    def drop(self) -> None:
        """Forget the stream."""
        self._stream = None
        self.tasks.clear()
        self.cancelled.clear()

    def check(self) -> None:
        """Whether it was given what it should have been."""
        assert len(self._keys) == len(set(self._keys)), "a node came twice"
        stream = self._stream
        assert stream is not None
        if self._outcome == "end" and self._in_batches and not self._closed:
            assert sorted(map(str, self._ends)) == sorted(map(str, stream.reports)), "no report"
        if self._outcome == "end" and not self._stopped and (stream.reports or not self._closed):
            failed = [each for each, report in stream.reports.items() if report.error]
            accounts = [101] if self._kind == "one" else ACCOUNTS
            expected = sum(ACCOUNTS[each] for each in accounts if each not in failed)
            assert len(self._keys) >= expected, "a node is missing"


@contextmanager
def complaints_raised() -> Iterator[None]:
    """Raise what Python would only print: errors in finalizers, coroutines never awaited."""
    # Each collection is to look through what is new only.
    gc.collect()
    gc.freeze()
    gc.disable()
    told: list[str] = []
    before, sys.unraisablehook = sys.unraisablehook, lambda each: told.append(str(each))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
            gc.collect()
    finally:
        sys.unraisablehook = before
        gc.enable()
        gc.unfreeze()
    assert not told, told[:3]


def play(seeds: Iterable[int]) -> None:
    """Play the cases of these seeds; a failure says how to see it again."""
    with complaints_raised():
        for seed in seeds:
            if seed % 10 == 0:
                gc.collect()
            try:
                Case(seed).run()
            except BaseException as error:
                error.add_note(f"{REPLAY} {seed}")
                raise


if __name__ == "__main__":
    with complaints_raised():
        Case(int(sys.argv[1]), lambda text: sys.stdout.write(f"{text}\n")).run()
