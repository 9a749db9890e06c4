"""Pages that wait for the consumer, and the consumer that waits for one."""

from __future__ import annotations

import asyncio

import pytest
import still_gate

from ledger_async._streaming.outbox import Delivery, Outbox
from ledger_async._streaming.progress import Progress
from ledger_async.events import AccountReport, Status


@pytest.fixture
def progress() -> Progress:
    return still_gate.progress()


@pytest.fixture
def outbox(progress: Progress) -> Outbox[int]:
    return Outbox(progress)


async def test_deliveries_are_taken_in_the_order_in_which_they_came(outbox: Outbox[int]) -> None:
    report = AccountReport()
    deliveries = [Delivery(1, report, [number]) for number in range(4)]
    outbox.put(deliveries[0])
    outbox.put_all(deliveries[1:])
    assert [outbox.take() for _ in range(5)] == [*deliveries, None]


async def test_nodes_are_counted_when_they_are_taken(
    outbox: Outbox[int], progress: Progress
) -> None:
    report = AccountReport()
    outbox.put(Delivery(1, report, [7, 8]))
    assert (report.nodes, progress.nodes) == (0, 0)
    outbox.take()
    assert (report.nodes, progress.nodes) == (2, 2)


async def test_the_report_has_its_status_from_the_last_delivery(outbox: Outbox[int]) -> None:
    report = AccountReport()
    outbox.put(Delivery(1, report, [7]))
    outbox.put(Delivery(1, report, [], "exact"))
    status: list[Status] = []
    while outbox.take():
        status.append(report.status)
    assert status == ["unverified", "exact"]


async def test_an_end_is_taken_with_the_nodes_that_it_was_put_with(outbox: Outbox[int]) -> None:
    end = Delivery[int](1, AccountReport(), [], "exact", places=0)
    outbox.put_all([Delivery(1, AccountReport(), [7]), end])
    outbox.take()
    assert outbox.take_end() is end


async def test_an_end_that_was_put_later_is_not_taken_with_them(outbox: Outbox[int]) -> None:
    outbox.put_all([Delivery(1, AccountReport(), [7]), Delivery(1, AccountReport(), [])])
    outbox.take()
    assert outbox.take_end() is None
    assert len(outbox) == 1


async def test_a_delivery_wakes_a_consumer_that_waits(outbox: Outbox[int]) -> None:
    consumer = asyncio.create_task(outbox.wait())
    await asyncio.sleep(0)
    assert not consumer.done()
    outbox.put(Delivery(1, AccountReport(), [7]))
    await asyncio.wait_for(consumer, 1)


async def test_a_consumer_that_left_can_be_woken_by_nothing(outbox: Outbox[int]) -> None:
    consumer = asyncio.create_task(outbox.wait())
    await asyncio.sleep(0)
    consumer.cancel()
    await asyncio.wait([consumer])
    outbox.put(Delivery(1, AccountReport(), [7]))
    assert len(outbox) == 1


@pytest.mark.parametrize(("seconds", "slow"), [(0.0001, False), (0.1, True)])
async def test_a_consumer_is_slow_that_took_long_for_the_page_before(
    outbox: Outbox[int], *, seconds: float, slow: bool
) -> None:
    outbox.enter(10.0)
    assert not outbox.consumer_is_slow  # it had no page before
    outbox.leave(11.0)
    outbox.enter(11.0 + seconds)
    assert outbox.consumer_is_slow == slow


async def test_a_stream_is_read_elsewhere_by_whoever_entered_last(outbox: Outbox[int]) -> None:
    assert not outbox.is_read_elsewhere()
    outbox.enter(0.0)
    assert not outbox.is_read_elsewhere()

    async def enter() -> None:
        outbox.enter(0.0)

    await asyncio.create_task(enter())
    assert outbox.is_read_elsewhere()
