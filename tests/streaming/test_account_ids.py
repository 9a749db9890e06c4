"""Account ids: what is one, and how few of them are pulled before they are needed."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterator, Iterator

import pytest

from ledger_async import ConfigurationError
from ledger_async._streaming.account_ids import NOTHING, AwaitedIds, Draw, source_of
from ledger_async._support import checks


class Numbered(enum.IntEnum):
    TREASURY = 101


class Indexed:
    """An integer as NumPy's are: by `__index__`."""

    def __index__(self) -> int:
        return 101


class Pulled:
    """Counts from 1 up to `end`, and remembers how far it was pulled and whether it was closed."""

    def __init__(self, end: int) -> None:
        self.pulled = 0
        self.closed = False
        self._end = end

    def ready(self) -> Iterator[int]:
        while self.pulled < self._end:
            self.pulled += 1
            yield self.pulled

    async def awaited(self) -> AsyncIterator[int]:
        try:
            for each in self.ready():
                await asyncio.sleep(0)
                yield each
        finally:
            self.closed = True


class Arrivals:
    """Is called as a feed is; lets a test wait for the call."""

    def __init__(self) -> None:
        self.count = 0
        self._called = asyncio.Event()

    def __call__(self) -> None:
        self.count += 1
        self._called.set()

    async def wait_for(self, count: int) -> None:
        while self.count < count:
            self._called.clear()
            await self._called.wait()


def nothing() -> None:
    """What nobody waits for."""


# One id


@pytest.mark.parametrize("value", [0, 101, 2**63 - 1])
def test_an_integer_of_0_or_more_is_an_id(value: int) -> None:
    assert checks.identifier("account_id", value) == value


@pytest.mark.parametrize("value", [Numbered.TREASURY, Indexed()])
def test_what_counts_as_an_integer_becomes_a_plain_one(value: object) -> None:
    assert (
        checks.identifier("account_id", value),
        type(checks.identifier("account_id", value)),
    ) == (
        101,
        int,
    )


@pytest.mark.parametrize("value", [-1, True, False, 1.0, "101", b"101", None, [101]])
def test_anything_else_is_refused_by_name(value: object) -> None:
    with pytest.raises(ConfigurationError, match="account_id must be an integer"):
        checks.identifier("account_id", value)


def test_a_refused_value_is_quoted_in_brief() -> None:
    with pytest.raises(ConfigurationError) as caught:
        checks.identifier("account_id", "x" * 10_000)
    assert len(str(caught.value)) < 200


# Where ids come from


@pytest.mark.parametrize("ids", [[1, 2], (1, 2), {1, 2}, frozenset({1, 2}), range(1, 3)])
def test_containers_and_ranges_give_their_ids(ids: object) -> None:
    source = source_of(ids)  # type: ignore[arg-type] # each of them is one
    assert [source.draw(), source.draw(), source.draw()] == [1, 2, NOTHING]


def test_a_source_is_exhausted_once_it_has_drawn_nothing() -> None:
    source = source_of([1])
    states = [source.exhausted]
    for _ in range(2):
        source.draw()
        states.append(source.exhausted)
    assert states == [False, False, True]


def test_a_generator_is_pulled_id_by_id() -> None:
    ids = Pulled(10**6)
    source = source_of(ids.ready())
    assert ids.pulled == 0
    source.draw()
    assert ids.pulled == 1


@pytest.mark.parametrize("ids", [[1, -2], (1, "2"), {1, None}, frozenset({1.5})])
def test_a_wrong_id_in_a_container_is_refused_at_once(ids: object) -> None:
    with pytest.raises(ConfigurationError, match="account_id"):
        source_of(ids)  # type: ignore[arg-type] # that is the point


def test_a_wrong_id_in_a_generator_is_refused_when_it_is_pulled() -> None:
    source = source_of(each for each in (1, "2"))
    source.draw()
    with pytest.raises(ConfigurationError, match="account_id"):
        source.draw()


@pytest.mark.parametrize("ids", ["101", b"101", 101, None, object()])
def test_what_holds_no_ids_is_refused_by_name(ids: object) -> None:
    with pytest.raises(ConfigurationError, match="account_ids must be an iterable of integers"):
        source_of(ids)  # type: ignore[arg-type] # that is the point


# Ids that have to be awaited


def drawn(source: AwaitedIds) -> list[Draw]:
    """Whatever can be drawn now."""
    return list(iter(source.draw, NOTHING))


async def test_awaited_ids_are_there_as_they_arrive() -> None:
    source, arrivals = AwaitedIds(Pulled(3).awaited()), Arrivals()
    await source.pump(arrivals)
    assert drawn(source) == [1, 2, 3]


async def test_awaited_ids_are_exhausted_when_the_last_was_drawn() -> None:
    source = AwaitedIds(Pulled(1).awaited())
    states = [source.exhausted]
    await source.pump(nothing)
    states.append(source.exhausted)
    source.draw()
    assert [*states, source.exhausted] == [False, False, True]


async def test_every_arrival_is_told_and_so_is_the_end() -> None:
    arrivals = Arrivals()
    await AwaitedIds(Pulled(3).awaited()).pump(arrivals)
    assert arrivals.count == 3 + 1


async def test_awaited_ids_are_never_pulled_far_ahead_of_need() -> None:
    ids, arrivals = Pulled(10**6), Arrivals()
    source = AwaitedIds(ids.awaited())
    async with asyncio.TaskGroup() as group:
        pump = group.create_task(source.pump(arrivals))
        await arrivals.wait_for(16)
        await asyncio.sleep(3600)
        pulled = ids.pulled
        pump.cancel()
    assert pulled == 16


async def test_an_id_that_was_drawn_makes_room_for_the_next() -> None:
    ids, arrivals = Pulled(10**6), Arrivals()
    source = AwaitedIds(ids.awaited())
    async with asyncio.TaskGroup() as group:
        pump = group.create_task(source.pump(arrivals))
        await arrivals.wait_for(16)
        source.draw()
        await arrivals.wait_for(17)
        pump.cancel()
    assert ids.pulled == 17


async def test_a_wrong_id_is_refused_when_it_arrives() -> None:
    async def ids() -> AsyncIterator[object]:
        yield 1
        yield "2"

    with pytest.raises(ConfigurationError, match="account_id"):
        await AwaitedIds(ids()).pump(nothing)


async def test_an_async_generator_is_closed_after_a_wrong_id() -> None:
    closed = asyncio.Event()

    async def ids() -> AsyncIterator[object]:
        try:
            yield "2"
        finally:
            closed.set()

    with pytest.raises(ConfigurationError):
        await AwaitedIds(ids()).pump(nothing)
    assert closed.is_set()


async def test_an_async_generator_is_closed_when_the_pump_is_cancelled() -> None:
    ids, arrivals = Pulled(10**6), Arrivals()
    pump = asyncio.create_task(AwaitedIds(ids.awaited()).pump(arrivals))
    await arrivals.wait_for(1)
    pump.cancel()
    await asyncio.wait([pump])
    assert ids.closed


async def test_an_async_iterator_without_aclose_will_do() -> None:
    class Two:
        def __init__(self) -> None:
            self._left = [2, 1]

        def __aiter__(self) -> Two:
            return self

        async def __anext__(self) -> int:
            if not self._left:
                raise StopAsyncIteration
            return self._left.pop()

    source = AwaitedIds(Two())
    await source.pump(nothing)
    assert drawn(source) == [1, 2]
